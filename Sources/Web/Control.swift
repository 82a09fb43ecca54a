// What the HTTP interface asks of the running dispatcher. `Pipeline` is it; tests put a scripted one in its place.
// Failure: whatever throws here becomes a problem document that says what and what to do next.

import Dispatcher
import Model
import Outbox
import Settings

/// The running dispatcher, as far as the HTTP interface needs it. `Pipeline` documents each of these.
package protocol Control: Sendable {
    /// The settings in force now.
    var settings: Settings { get }
    /// Whether events are accepted durably now.
    var isReady: Bool { get }
    /// Why not, in words.
    var notReadyBecause: String? { get }
    /// Takes in one event, or with `lines` one event a line, all or nothing.
    func accept(_ body: [UInt8], lines: Bool) async -> IntakeAnswer
    /// One status a plugin, MWDB's write-back queue last.
    func statuses() async throws -> [PluginStatus]
    /// What intake has done since the start.
    func intakeFigures() -> IntakeFigures
    /// Pauses a plugin until it is resumed.
    func pause(_ plugin: String, because: String) async throws
    /// Lets a paused plugin run again.
    func resume(_ plugin: String) async throws
    /// Makes deliveries ready at once; how many.
    func retry(_ selection: DeliverySelection) async throws -> Int
    /// Calls deliveries off; how many.
    func cancel(_ selection: DeliverySelection) async throws -> Int
    /// Delivers events again.
    func replay(_ selection: EventSelection, to plugin: String, newID: Bool) async throws -> ReplayResult
    /// Orders a job, which begins at once.
    func order(_ request: JobRequest, rate: Rate?, who: String) async throws -> JobRecord
    /// How many objects of MWDB a backfill would look at.
    func count(_ backfill: BackfillRequest) async throws -> Int64
    /// Stops a job; nil: there is none.
    func stopJob(_ id: Int64) async throws -> JobRecord?
    /// Lets a job go on; nil: there is none.
    func resumeJob(_ id: Int64) async throws -> JobRecord?
    /// Adds a line to the audit log.
    func audit(who: String, what: String, detail: String) async throws
    /// The request for an event to a plugin, not sent.
    func preview(
        id: String, type: String, body: [UInt8], to plugin: String
    ) throws(PipelineError) -> RequestPreview
    /// Sends a test event and waits for the answer.
    func ping(_ plugin: String, hook: String?, sample: String?) async throws -> PingReport
}

extension Pipeline: Control {}
