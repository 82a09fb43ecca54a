// Filters that can never hold: a size that is compared with what is no number.

import Model

extension PluginChecks {
    /// Fields that are numbers in every event.
    private static let numbers: Set<String> = ["file_size", "blob_size", "count"]
    private static let orders: Set<String> = ["<", "<=", ">", ">=", "==", "!="]

    /// Reports comparisons of numbers with text. The filter itself has been parsed and is known to be well
    /// formed.
    func checkFilterValues() {
        let lines = plugin.filter.source.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if words.first == "not" { words.removeFirst() }
            guard words.count > 2, PluginChecks.orders.contains(String(words[1])),
                let field = words[0].split(separator: ".").last, PluginChecks.numbers.contains(String(field))
            else { continue }
            for value in words[2...].joined(separator: " ").split(separator: "|").map(\.trimmed) {
                guard (try? ByteSize.parse(value)) == nil, Double(value) == nil else { continue }
                values.report(
                    "filter", "\(words[0]) is a number, `\(value)` is none",
                    "Write a number or a size such as 100MB",
                    lineIndex: index)
            }
        }
    }
}
