// The plot of docs/retry-storm.md: requests a second to receivers that came back, minute by minute, as SVG.

import Dispatcher
import Glibc

/// A plot of a simulated day's recovery.
struct StormPlot {
    private let recoveries: [StormFigures.Recovery]

    /// Minutes after the outage that are shown.
    private static let minutes = 60
    private static let (width, height, left, top, gap) = (560.0, 130.0, 60.0, 40.0, 50.0)
    /// The scale is logarithmic: 0.01 to 1,000 requests a second.
    private static let (lowest, highest) = (-2.0, 3.0)

    private struct Line {
        let name: String
        let colour: String
        let dashes: String
        /// Where it stands in the legend.
        let start: Double
    }

    private static let lines = [
        Line(name: "median receiver, mean of the minute", colour: "#1f6feb", dashes: "", start: 0),
        Line(name: "most, mean of the minute", colour: "#b35900", dashes: "", start: 235),
        Line(name: "most, in one second", colour: "#b35900", dashes: "4 3", start: 420),
    ]

    init(_ figures: StormFigures) {
        recoveries = figures.recoveries
    }

    /// Writes the plot to a file.
    func write(to path: String) throws(BenchError) {
        let bytes = Array(svg.utf8)
        guard let file = fopen(path, "w") else {
            throw BenchError("cannot write \(path): \(String(cString: strerror(errno)))")
        }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else {
            throw BenchError("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    private var svg: String {
        let total = Self.top + Double(recoveries.count) * (Self.height + Self.gap) + 30
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width + 90)) \(Int(total))" \
            font-family="sans-serif" font-size="11" fill="#57606a">
            <title>Requests a second to receivers that come back after six hours</title>
            <rect width="100%" height="100%" fill="#ffffff"/>
            """
        ]
        for line in Self.lines {
            let x = Self.left + line.start
            parts.append(
                """
                <path d="M\(x) 14h20" stroke="\(line.colour)" stroke-width="2" stroke-dasharray="\(line.dashes)"/>\
                <text x="\(x + 25)" y="18">\(line.name)</text>
                """)
        }
        for (place, recovery) in recoveries.enumerated() {
            parts.append(panel(recovery, Self.top + Double(place) * (Self.height + Self.gap)))
        }
        parts.append(
            "<text x=\"\(Self.left + Self.width / 2)\" y=\"\(total - 12)\" text-anchor=\"middle\">"
                + "minutes since the receivers came back</text>\n</svg>\n")
        return parts.joined(separator: "\n")
    }

    private func panel(_ recovery: StormFigures.Recovery, _ top: Double) -> String {
        var parts = [
            "<text x=\"\(Self.left)\" y=\"\(top - 5)\" fill=\"#24292f\" font-weight=\"bold\">"
                + "\(recovery.name): requests a second to a receiver</text>"
        ]
        for power in Int(Self.lowest)...Int(Self.highest) {
            let y = y(Double(power), top)
            let label =
                power < 0
                ? "0." + String(repeating: "0", count: -power - 1) + "1"
                : "1" + String(repeating: "0", count: power)
            parts.append(
                "<path d=\"M\(Self.left) \(y)h\(Self.width)\" stroke=\"#d0d7de\"/>"
                    + "<text x=\"\(Self.left - 6)\" y=\"\(y + 4)\" text-anchor=\"end\">\(label)</text>")
        }
        for minute in stride(from: 0, through: Self.minutes, by: 10) {
            parts.append(
                "<text x=\"\(x(minute))\" y=\"\(top + Self.height + 15)\" text-anchor=\"middle\">\(minute)</text>"
            )
        }
        let requests = recovery.requests.prefix(Self.minutes)
        for (line, values) in zip(
            Self.lines, [requests.map(\.median), requests.map(\.most), requests.map(\.second)])
        {
            let points = values.enumerated().map { "\(x($0)) \(y(log10(max($1, 0.000_1)), top))" }
            parts.append(
                "<polyline points=\"\(points.joined(separator: ","))\" fill=\"none\" stroke=\"\(line.colour)\" "
                    + "stroke-width=\"1.5\" stroke-dasharray=\"\(line.dashes)\"/>")
        }
        return parts.joined(separator: "\n")
    }

    private func x(_ minute: Int) -> Double {
        Self.left + Double(minute) / Double(Self.minutes) * Self.width
    }

    private func y(_ power: Double, _ top: Double) -> Double {
        let share = (min(max(power, Self.lowest), Self.highest) - Self.lowest) / (Self.highest - Self.lowest)
        return ((top + (1 - share) * Self.height) * 10).rounded() / 10
    }
}
