// What the dispatch thread is told: by the outbox (claims, marks), the courier (replies) and the operator.

import Model
import Outbox
import Settings

/// A message to the dispatch thread.
enum DispatchMessage: Sendable {
    /// Deliveries handed out against credit.
    case claims([Claim])
    /// What came of requests.
    case replies([Reply])
    /// Deliveries whose start was, or could not be, marked durably.
    case marked([UInt64], isStored: Bool)
    /// A configuration to apply, with the plugins as the outbox knows them.
    case configure(DispatchConfiguration)
    /// Pause a plugin.
    case pause(PluginNumber, because: String)
    /// Resume a plugin.
    case resume(PluginNumber)
    /// Try suspended receivers at once: of these queues, or of all.
    case wake(Set<PluginNumber>?)
    /// Give back what these queues, or all, have claimed and not sent, and claim nothing until `goOn`.
    case hold(Set<PluginNumber>?, @Sendable () -> Void)
    /// End a `hold` of these queues, or of all.
    case goOn(Set<PluginNumber>?)
    /// What waited in the courier has come back; call on.
    case recalled(@Sendable () -> Void)
    /// Say how each queue stands.
    case report(@Sendable ([PluginNumber: PluginStatus]) -> Void)
    /// Start nothing more; call back when nothing is in flight.
    case drain(@Sendable () -> Void)
    /// Break off what is in flight.
    case abort
    /// End the thread.
    case stop

    /// Answers a message that nobody will read any more.
    func refuse() {
        switch self {
        case .hold(_, let done), .recalled(let done), .drain(let done): done()
        case .report(let answer): answer([:])
        case .claims, .replies, .marked, .configure, .pause, .resume, .wake, .goOn, .abort, .stop: break
        }
    }
}

/// What dispatch works by.
struct DispatchConfiguration: Sendable {
    /// The plugins of the configuration by their numbers.
    var plugins: [PluginNumber: Plugin]
    /// All plugins the outbox knows.
    var records: [PluginRecord]
    /// MWDB, for write-backs and samples.
    var mwdb: MWDBSettings?
    /// Takes secrets out of what is stored.
    var redaction: Redaction
}
