// Rows in aligned columns, fitted to the terminal. Pure: the width is a parameter.

/// A table for people.
struct Table {
    /// How a column is set.
    struct Column {
        var title: String
        var isNumber = false
        /// May be cut when the terminal is narrow; nil: never, otherwise its least width.
        var shrinksTo: Int?

        /// Text, set left.
        static func text(_ title: String, shrinksTo least: Int? = nil) -> Column {
            Column(title: title, shrinksTo: least)
        }

        /// A number, set right.
        static func number(_ title: String) -> Column {
            Column(title: title, isNumber: true)
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    /// An empty table.
    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row; its cells are neutralised.
    mutating func add(_ cells: [String]) {
        rows.append(cells.map(Neutral.line))
    }

    /// The lines of the table, no wider than `width` where its columns allow; nil: as wide as it gets.
    func lines(width: Int?, style: Style) -> [String] {
        let widths = fitted(to: width)
        let head = line(columns.map(\.title), widths)
        return [style.bold(head)] + rows.map { line($0, widths) }
    }

    private func fitted(to width: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            ([columns[index].title] + rows.map { $0[index] }).map(Columns.width).max() ?? 0
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + 2 * (columns.count - 1) - width
        while excess > 0 {
            // The widest column that may give gives, so that short ones stay whole.
            let candidates = columns.indices.filter { widths[$0] > columns[$0].shrinksTo ?? .max }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let text = Columns.cut(cell, to: widths[index])
            let padding = String(repeating: " ", count: max(0, widths[index] - Columns.width(text)))
            if index > 0 { line += "  " }
            line += columns[index].isNumber ? padding + text : text + padding
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
