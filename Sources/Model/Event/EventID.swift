// Ids for events that the daemon makes itself (test events, operational events): UUIDv7, RFC 9562 section 5.7.

/// Makes event ids.
package enum EventID {
    /// A UUIDv7 of the moment `now`; 74 of the 128 `random` bits are used. Ids of later milliseconds sort later.
    package static func make(now: Timestamp, random: (UInt64, UInt64)) -> String {
        let time = UInt64(clamping: now.milliseconds) & 0xFFFF_FFFF_FFFF
        let high = time << 16 | 0x7000 | random.0 & 0x0FFF
        let low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (half, word) in [high, low].enumerated() {
            for nibble in 0..<16 {
                if half == 0 && (nibble == 8 || nibble == 12) || half == 1 && (nibble == 0 || nibble == 4) {
                    text.append(UInt8(ascii: "-"))
                }
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - nibble * 4)) & 0xF
                text.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
