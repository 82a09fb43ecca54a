// Ids for events that the daemon makes itself (test events, operational events): UUIDv7, RFC 9562.

/// Makes event ids.
package enum EventID {
    /// A UUIDv7 of the moment `now` with `random` bits (74 of the 128 given are used).
    package static func make(now: Timestamp, random: (UInt64, UInt64)) -> String {
        ""
    }
}
