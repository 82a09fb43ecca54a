// A capacity test that a user runs on their own machine and disk: real outbox, real libcurl, real sockets, and in
// the same run the bare libcurl loop, so that the ratio says what the product costs on top.
// Failure: what cannot be set up is an error in words; the private outbox is removed at the end.

import Glibc
import Logging
import Model

/// What is to be measured, and where.
package struct Bench: Sendable {
    /// Folder for private outboxes, on the disk that is to be measured.
    package var directory: String
    /// A receiver to use instead of our own; nil: our own.
    package var url: String?
    /// Length of each measurement.
    package var duration: Span
    /// Deliveries in flight.
    package var inFlight: Int
    /// Size of an event in bytes.
    package var eventSize: Int
    /// Times that a ratio is measured; the median counts.
    package var runs: Int
    /// Deliveries that wait in the `backlog` scenario, or lie in the outbox of `pages`.
    package var backlog: Int
    /// Plugins that the deliveries of `backlog` are for: so many of each event.
    package var backlogPlugins: Int
    /// File for the plot of the `storm` scenario; nil: none.
    package var plot: String?
    /// Told what is going on.
    package var progress: @Sendable (String) -> Void

    /// A bench with the usual sizes.
    package init(directory: String, progress: @escaping @Sendable (String) -> Void) {
        self.directory = directory
        self.progress = progress
        url = nil
        duration = .seconds(5)
        inFlight = 64
        eventSize = 600
        runs = 5
        backlog = 1_000_000
        backlogPlugins = 10
    }

    /// The scenarios by name.
    package enum Scenario: String, Sendable, CaseIterable {
        // First of all: memory that others have used would be counted as its own.
        case idle
        case steady, intake, latency, backlog
        case fanOut = "fan-out"
        case hung, files, filters, order, pages, storm

        /// Those that measure the machine: all but the simulation.
        package static let measuring = allCases.filter { $0 != .storm }
    }

    /// Runs one scenario.
    /// - Throws: whatever keeps it from running, in words.
    package func run(_ scenario: Scenario) async throws -> [Measurement] {
        progress(scenario.rawValue)
        switch scenario {
        case .steady: return try await steady()
        case .intake: return try await intake()
        case .latency: return try await latency()
        case .backlog: return try await backlogDepth()
        case .fanOut: return try await fanOut()
        case .hung: return try await hung()
        case .files: return try await files()
        case .filters: return try await filters()
        case .idle: return try await idle()
        case .storm: return try storm()
        case .pages: return try await pages()
        case .order: return try await order()
        }
    }
}

/// The middle of `values`; 0 of none.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}
