// Reading of configured values: durations, sizes, rates, backoff, status sets, networks.

extension Span {
    /// `100ms`, `5s`, `10m`, `1h`, `3d`, or several: `1h 30m`.
    package init(parsing text: String) throws(ValueError) {
        throw ValueError("not implemented")
    }
}

/// Sizes in bytes.
package enum ByteSize {
    /// `100`, `64KB`, `100MB` (powers of 1000), `1GiB` (powers of 1024).
    package static func parse(_ text: String) throws(ValueError) -> Int64 {
        throw ValueError("not implemented")
    }
}

extension Rate {
    /// `5/m`, `1/s`, `100/10s`.
    package init(parsing text: String) throws(ValueError) {
        throw ValueError("not implemented")
    }
}

extension Backoff {
    /// `5s..1h`.
    package init(parsing text: String) throws(ValueError) {
        throw ValueError("not implemented")
    }
}

extension StatusSet {
    /// `2xx, 409`, `200-204`.
    package init(parsing text: String) throws(ValueError) {
        throw ValueError("not implemented")
    }
}

extension Network {
    /// `10.0.0.0/8`, `fe80::/10`, or a single address.
    package init(parsing text: String) throws(ValueError) {
        throw ValueError("not implemented")
    }
}
