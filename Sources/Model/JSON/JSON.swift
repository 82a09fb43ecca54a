// A JSON value that keeps what JSON can say and Swift's own types cannot: integers of any length, key order.
// Used for filters, templates and extraction; events themselves are stored and sent as their bytes.

/// A JSON value (RFC 8259).
package indirect enum JSON: Sendable, Equatable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number as it was written, so that 301 digits stay 301 digits.
    case number(String)
    /// A string; a lone surrogate reads as U+FFFD.
    case string(String)
    /// An array.
    case array([JSON])
    /// An object in the order of its members; of equal keys the last counts.
    case object([Member])

    /// One member of an object.
    package struct Member: Sendable, Equatable {
        /// The key.
        package var key: String
        /// The value.
        package var value: JSON

        /// A member `key: value`.
        package init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }
    }
}
