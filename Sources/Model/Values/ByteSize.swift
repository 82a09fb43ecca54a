// Sizes as they are configured: `64KB 100MB 1GiB`.

/// Sizes in bytes.
package enum ByteSize {
    /// Reads `100`, `64KB`, `1.5MB`, `1GiB`. KB, MB, GB, TB are powers of 1000, as disks and MWDB count; KiB,
    /// MiB, GiB, TiB are powers of 1024. Case does not matter.
    /// - Throws: `ValueError` for anything else.
    package static func parse(_ text: String) throws(ValueError) -> Int64 {
        let example = "sizes look like 4096, 64KB, 100MB or 1GiB"
        let trimmed = text.utf8[...].trimmed()
        let digits = trimmed.prefix { $0.isDigit }
        var rest = trimmed.dropFirst(digits.count)
        var decimals = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            decimals = rest.dropFirst().prefix { $0.isDigit }
            rest = rest.dropFirst(1 + decimals.count)
            guard !decimals.isEmpty else { throw ValueError("`\(text)` is no size; \(example)") }
        }
        guard !digits.isEmpty, let whole = Int64(Substring(digits)), decimals.count <= 3 else {
            throw ValueError("`\(text)` is no size; \(example)")
        }
        guard let factor = factor(unit: String(Substring(rest.trimmed()))) else {
            throw ValueError(
                "`\(Substring(rest.trimmed()))` is no unit of size (B, KB, MB, GB, TB, KiB, MiB, GiB, TiB)")
        }
        let thousandths = Int64(Substring(decimals) + String(repeating: "0", count: 3 - decimals.count)) ?? 0
        guard thousandths == 0 || factor > 1 else {
            throw ValueError("`\(text)` is a part of a byte; \(example)")
        }
        let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
        let (sum, overflowOfSum) = product.addingReportingOverflow(factor * thousandths / 1000)
        guard !overflow, !overflowOfSum else { throw ValueError("`\(text)` is larger than 8 EiB") }
        return sum
    }

    /// Bytes in `unit` (`MB`, `MiB`…; "" and `B` are 1); nil for what is no unit.
    package static func factor(unit: String) -> Int64? {
        switch unit.lowercased() {
        case "", "b": 1
        case "kb": 1_000
        case "mb": 1_000_000
        case "gb": 1_000_000_000
        case "tb": 1_000_000_000_000
        case "kib": 1 << 10
        case "mib": 1 << 20
        case "gib": 1 << 30
        case "tib": 1 << 40
        default: nil
        }
    }
}
