// The part of /metrics that is about plugins: states, queues, attempts, latency.

import Dispatcher
import Model
import Outbox

extension Interface {
    /// States in which a delivery is still of interest; final ones are counters.
    private static let shownStates: [DeliveryState] = [.ready, .waiting, .started, .blocked, .held, .dead]
    private static let states: [PluginStatus.State] = [
        .running, .slowed, .suspended, .misconfigured, .paused, .disabled,
    ]

    /// Families with the label `plugin`.
    func plugins(_ page: inout Exposition, _ statuses: [PluginStatus]) {
        page.family(
            "mwdb_webhooks_plugin_state", .gauge, "1 for the state the plugin is in, 0 for the others.")
        for status in statuses {
            for state in Self.states {
                page.sample(
                    "mwdb_webhooks_plugin_state", ["plugin": status.name, "state": state.rawValue],
                    state == status.state ? "1" : "0")
            }
        }
        page.family("mwdb_webhooks_deliveries", .gauge, "Deliveries in the outbox, by state.")
        for status in statuses {
            for state in Self.shownStates {
                page.sample(
                    "mwdb_webhooks_deliveries", ["plugin": status.name, "state": state.name],
                    String(status.counts[state] ?? 0))
            }
        }
        page.family("mwdb_webhooks_attempts_total", .counter, "Attempts since the start, by outcome.")
        for status in statuses {
            for (outcome, count) in [("delivered", status.delivered), ("failed", status.failed)] {
                page.sample(
                    "mwdb_webhooks_attempts_total", ["plugin": status.name, "outcome": outcome], String(count)
                )
            }
        }
        gauges(&page, statuses)
        latency(&page, statuses)
    }

    private func gauges(_ page: inout Exposition, _ statuses: [PluginStatus]) {
        func family(
            _ name: String, _ kind: Exposition.Kind, _ help: String, _ value: (PluginStatus) -> String?
        ) {
            page.family(name, kind, help)
            for status in statuses {
                guard let value = value(status) else { continue }
                page.sample(name, ["plugin": status.name], value)
            }
        }
        let now = now()
        family("mwdb_webhooks_dead_total", .counter, "Deliveries given up since the start.") {
            String($0.dead)
        }
        family("mwdb_webhooks_in_flight", .gauge, "Deliveries being sent now.") { String($0.inFlight) }
        family("mwdb_webhooks_window", .gauge, "Most deliveries that may be in flight now.") {
            String($0.window)
        }
        family(
            "mwdb_webhooks_oldest_pending_seconds", .gauge,
            "Age of the oldest delivery that is not final; 0: none."
        ) { status in
            seconds(status.oldestPending.map { max(0, (now - $0).milliseconds) * 1000 } ?? 0)
        }
        family(
            "mwdb_webhooks_next_retry_seconds", .gauge, "When the next retry is due, Unix time; absent: none."
        ) {
            $0.nextRetry.map { seconds($0.milliseconds * 1000) }
        }
    }

    private func latency(_ page: inout Exposition, _ statuses: [PluginStatus]) {
        let attempts = "mwdb_webhooks_attempt_duration_seconds"
        page.family(attempts, .histogram, "How long attempts took, successful or not.")
        for status in statuses { page.histogram(attempts, plugin: status.name, status.latency, shortest) }
        let ages = "mwdb_webhooks_delivery_age_seconds"
        page.family(ages, .histogram, "Age of events when they were delivered.")
        for status in statuses { page.histogram(ages, plugin: status.name, status.ages, shortest) }
    }

    /// Seconds without trailing zeros, as Prometheus' own clients write bounds: `0.0025`, `60.0`.
    private func shortest(_ microseconds: Int64) -> String {
        var text = seconds(microseconds)
        while text.hasSuffix("0"), !text.hasSuffix(".0") { text.removeLast() }
        return text
    }
}
