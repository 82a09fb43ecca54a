// The table of rows that must not be: how they are found, what they are called, and what mends them.

/// One thing to look for in the rows.
struct RowCheck {
    /// Finds them.
    var query: CheckQuery
    /// What they are.
    var what: String
    /// What mending does, or what the operator has to do.
    var remedy: String
    /// Mends one; nothing: it cannot be done without guessing.
    var mending: [CheckQuery] = []
    /// What a number stands for.
    var kind = Kind.delivery

    /// What is numbered.
    enum Kind { case delivery, event, plugin }

    /// How a row is named to people.
    func name(_ number: Int64, _ check: OutboxCheck) throws(OutboxError) -> String {
        switch kind {
        case .delivery: try check.delivery(number)
        case .event: "event \(number)"
        case .plugin: "plugin \(number)"
        }
    }

    /// All of them, in an order in which what is mended first does not hide what comes later.
    static let all = [
        RowCheck(
            query: .withoutEvent, what: "deliveries whose event is gone",
            remedy: "they are removed: nothing is left that could be sent",
            mending: [.deleteAttempts, .deleteDelivery]),
        RowCheck(
            query: .unknownState, what: "deliveries in a state that there is not",
            remedy: "they are held, for you to retry or cancel", mending: [.makeHeld]),
        RowCheck(
            query: .wrongQueue, what: "deliveries in another queue than their plugin's",
            remedy: "they are put into their own", mending: [.setQueue]),
        RowCheck(
            query: .wrongDue, what: "deliveries that do not wait and have a time to wait for",
            remedy: "the time is taken away: with it they would never be sent", mending: [.clearDue]),
        RowCheck(
            query: .blockedByNobody, what: "deliveries that are blocked and stand in no line",
            remedy: "the daemon puts them in line when it starts: nothing would ever have let them go on",
            mending: [.makeReady]),
        RowCheck(
            query: .lineOfNobody, what: "deliveries that are not pending and stand in a line",
            remedy: "they are taken out: the others would wait for them for ever",
            mending: [.clearLine]),
        RowCheck(
            query: .withoutBytes, what: "pending deliveries of events whose bytes are gone",
            remedy: "they are dead: nothing is left that could be sent", mending: [.makeDead]),
        RowCheck(
            query: .stuckLine, what: "lines in which every delivery waits for another",
            remedy: "the daemon forms them anew when it starts", mending: [.lineUpQueue]),
        RowCheck(
            query: .withoutDelivery, what: "deliveries that are gone and have attempts",
            remedy: "the attempts are removed", mending: [.deleteAttempts]),
        RowCheck(
            query: .unknownPlugin, what: "plugins without a name that have deliveries",
            remedy: "they are called unknown-N, so that they can be seen and cancelled",
            mending: [.namePlugin],
            kind: .plugin),
        RowCheck(
            query: .noDigest, what: "events with neither bytes nor digest",
            remedy: "they cannot be told from others with their id; nothing needs to be done", kind: .event),
    ]
}
