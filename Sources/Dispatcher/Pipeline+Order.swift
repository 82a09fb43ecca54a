// A changed `order`: the outbox is told before anything is sent by the new configuration, and puts what is pending in
// line beside the daemon's other work.
// Failure: on a full disk it is tried again; the plugin's deliveries wait until it has come through.

import Model
import Outbox

extension Pipeline {
    /// How long to wait before a line-up that failed is tried again.
    private static let pause = Duration.seconds(1)

    /// Gives the plugins whose `order` is not what the outbox knows the new one.
    func putInOrder(_ plugins: [(PluginNumber, Plugin)], _ records: [PluginRecord]) async throws {
        let known = Dictionary(records.map { ($0.number, $0) }) { first, _ in first }
        for (number, plugin) in plugins where plugin.enabled {
            guard let record = known[number], record.order != plugin.order || record.isLiningUp else {
                continue
            }
            // What is claimed and not sent was claimed by the old order.
            try await dispatch.holding([number]) { try await outbox.setOrder(number, plugin.order) }
            log.info(
                "order changed: putting deliveries in line",
                metadata: [
                    "plugin": "\(plugin.name)", "order": "\(plugin.order.rawValue)",
                    "deliveries": "\(record.pending)",
                ])
            // It may take a while with millions of them: the configuration is in force, the plugin waits.
            Task { await lineUp(number, plugin.name) }
        }
    }

    private func lineUp(_ number: PluginNumber, _ name: String) async {
        while !Task.isCancelled {
            do throws(OutboxError) {
                return try await outbox.lineUp(number)
            } catch {
                // A closed or broken outbox has ended the daemon; the next one goes on from here.
                guard case .full = error else { return }
                log.warning(
                    "deliveries could not be put in line: trying again",
                    metadata: ["plugin": "\(name)", "reason": "\(error)"])
                do { try await Task.sleep(for: Self.pause) } catch { return }
            }
        }
    }
}
