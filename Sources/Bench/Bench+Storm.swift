// Scenario `storm`: a day's retry storm, simulated. It measures the rules, not the machine: nothing is sent, and the
// same figures come out everywhere.

import Dispatcher
import Model

extension Bench {
    /// The figures of a simulated day, and its plot where one is wanted.
    func storm() throws -> [Measurement] {
        let figures = Storm().run { progress("storm: \($0) plugins simulated") }
        if let plot { try StormPlot(figures).write(to: plot) }
        var rows = [
            row("healthy plugins: longest wait", seconds(figures.healthyWait), "s"),
            row("healthy plugins: attempts", Double(figures.healthyAttempts), ""),
            row("down 6 h: attempts, median receiver", Double(middle(figures.attemptsWhileDown)), ""),
            row("down 6 h: attempts, most", Double(figures.attemptsWhileDown.last ?? 0), ""),
            row("given up", Double(figures.dead), ""),
            row("plugins over their rate", Double(figures.exceedingRate), ""),
            row("all plugins: attempts in the busiest second", Double(figures.load.max() ?? 0), ""),
        ]
        for recovery in figures.recoveries {
            let requests = recovery.requests
            rows += [
                row("\(recovery.name): first delivery, median", seconds(middle(recovery.firstSuccess)), "s"),
                row(
                    "\(recovery.name): first delivery, last receiver", seconds(recovery.firstSuccess.last),
                    "s"),
                row("\(recovery.name): backlog gone, median", seconds(middle(recovery.drained)), "s"),
                row("\(recovery.name): backlog gone, last receiver", seconds(recovery.drained.last), "s"),
                row("\(recovery.name): fresh event, median wait", seconds(middle(recovery.freshWaits)), "s"),
                row("\(recovery.name): fresh event, longest wait", seconds(recovery.freshWaits.last), "s"),
                row("\(recovery.name): busiest minute", requests.map(\.most).max() ?? 0, "/s"),
                row("\(recovery.name): busiest second", requests.map(\.second).max() ?? 0, "/s"),
            ]
        }
        return rows
    }

    private func row(_ name: String, _ value: Double, _ unit: String) -> Measurement {
        Measurement("storm", name, value, unit)
    }

    private func seconds(_ span: Span?) -> Double { Double(span?.milliseconds ?? 0) / 1000 }

    private func middle(_ sorted: [Span]) -> Span? { sorted.isEmpty ? nil : sorted[sorted.count / 2] }

    private func middle(_ sorted: [Int]) -> Int { sorted.isEmpty ? 0 : sorted[sorted.count / 2] }
}
