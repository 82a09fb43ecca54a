// Deliveries that were given up for the same reason, as people would say: numbers and ids in the words of a receiver
// do not make a reason of their own. Pure, bounded.

import Model
import Outbox

/// Dead or held deliveries by plugin and reason.
struct ReasonGroups {
    /// Groups that are told apart; what has yet another reason is only counted.
    static let limit = 200

    /// Deliveries with one reason.
    struct Group: Sendable {
        /// The plugin.
        var plugin: String
        /// What the reasons have in common.
        var reason: String
        /// One of the reasons, as it is.
        var example: String
        /// HTTP status of the newest.
        var status: Int?
        /// How many were looked at.
        var count = 0
        /// When the oldest event was accepted.
        var oldest: Timestamp
        /// When the newest event was accepted.
        var newest: Timestamp
        /// Name of the newest delivery.
        var delivery: String
    }

    private(set) var groups: [Group] = []
    /// How many have a reason that came when `limit` were known: no group of theirs, for no retry would find them all.
    private(set) var others = 0
    private var places: [String: Int] = [:]

    /// Counts a delivery; newest first.
    mutating func add(_ delivery: DeliverySummary) {
        let reason = ReasonGroups.common(delivery.reason)
        let key = delivery.name.plugin + "\n" + reason
        if let place = places[key] {
            groups[place].count += 1
            groups[place].oldest = min(groups[place].oldest, delivery.acceptedAt)
            groups[place].newest = max(groups[place].newest, delivery.acceptedAt)
            return
        }
        guard groups.count < ReasonGroups.limit else {
            others += 1
            return
        }
        places[key] = groups.count
        groups.append(
            Group(
                plugin: delivery.name.plugin, reason: reason, example: delivery.reason ?? "",
                status: delivery.status, count: 1, oldest: delivery.acceptedAt, newest: delivery.acceptedAt,
                delivery: delivery.name.description))
    }

    /// The reason with what differs from one delivery to the next replaced by `…`: runs with a digit in them, unless
    /// they are short enough to be a status.
    static func common(_ reason: String?) -> String {
        var result = ""
        var word = ""
        func isPart(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "_"
        }
        func finish() {
            let hasDigit = word.unicodeScalars.contains { ("0"..."9").contains($0) }
            result += hasDigit && word.unicodeScalars.count > 3 ? "…" : word
            word = ""
        }
        for scalar in (reason ?? "no reason is known").unicodeScalars.prefix(300) {
            if isPart(scalar) {
                word.unicodeScalars.append(scalar)
            } else {
                finish()
                result.unicodeScalars.append(scalar)
            }
        }
        finish()
        return result
    }
}
