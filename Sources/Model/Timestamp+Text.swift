// Moments as text.

extension Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-11-23T18:28:03.266Z`.
    package var rfc3339: String { "" }
}
