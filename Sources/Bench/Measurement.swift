// One figure of a report, and the bar it is held against where there is one. Pure values.

/// One figure of a report.
package struct Measurement: Sendable, Equatable {
    /// Scenario it belongs to.
    package var scenario: String
    /// What was measured.
    package var name: String
    /// The figure.
    package var value: Double
    /// Its unit.
    package var unit: String
    /// What it should be; nil: it is for information.
    package var bar: Bar?

    /// What a figure should be.
    package enum Bar: Sendable, Equatable {
        /// This or more.
        case atLeast(Double)
        /// This or less.
        case atMost(Double)
    }

    /// A figure.
    package init(_ scenario: String, _ name: String, _ value: Double, _ unit: String, bar: Bar? = nil) {
        self.scenario = scenario
        self.name = name
        self.value = value
        self.unit = unit
        self.bar = bar
    }

    /// Whether it is as it should be; nil without a bar.
    package var isMet: Bool? {
        switch bar {
        case .atLeast(let least): value >= least
        case .atMost(let most): value <= most
        case nil: nil
        }
    }
}
