// Prometheus text, format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). Written straight into
// bytes; label values are escaped, since some of them were chosen by strangers.

import Dispatcher

/// A page of metrics as it is written.
struct Exposition {
    /// The page so far.
    private(set) var bytes: [UInt8] = []
    /// Names and kinds of the families on it, in order.
    private(set) var families: [Family] = []

    /// A metric family as the documentation lists it.
    struct Family: Sendable, Equatable {
        var name: String
        var kind: Kind
        var help: String
    }

    /// Kinds of metrics.
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// Starts a family; its samples follow.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        families.append(Family(name: name, kind: kind, help: help))
        append("# HELP \(name) ")
        append(escaped: help, quote: false)
        append("\n# TYPE \(name) \(kind.rawValue)\n")
    }

    /// A family with a single sample.
    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
        family(name, kind, help)
        sample(name, [:], String(value))
    }

    /// One sample; `value` is a number as Prometheus reads it.
    mutating func sample(_ name: String, _ labels: KeyValuePairs<String, String>, _ value: String) {
        append(name)
        if !labels.isEmpty {
            var separator = "{"
            for (label, text) in labels {
                append("\(separator)\(label)=\"")
                append(escaped: text, quote: true)
                append("\"")
                separator = ","
            }
            append("}")
        }
        append(" \(value)\n")
    }

    /// The samples of a histogram, its buckets cumulative; `text` writes a bound or a sum as Prometheus reads it.
    mutating func histogram(
        _ name: String, plugin: String? = nil, _ values: Histogram, _ text: (Int64) -> String
    ) {
        func labels(_ bound: String) -> KeyValuePairs<String, String> {
            if let plugin { return ["plugin": plugin, "le": bound] }
            return ["le": bound]
        }
        let own: KeyValuePairs<String, String> = if let plugin { ["plugin": plugin] } else { [:] }
        var cumulative: Int64 = 0
        for (bound, count) in zip(values.bounds, values.counts) {
            cumulative += count
            sample(name + "_bucket", labels(text(bound)), String(cumulative))
        }
        sample(name + "_bucket", labels("+Inf"), String(values.count))
        sample(name + "_sum", own, text(values.sum))
        sample(name + "_count", own, String(values.count))
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func append(escaped text: String, quote: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\"") where quote: append("\\\"")
            default: bytes.append(byte)
            }
        }
    }
}
