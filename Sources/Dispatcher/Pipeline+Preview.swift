// The request that a delivery makes, shown and not sent: what was sent before is not kept, but follows from the event
// and the configuration in force.

import Model
import Outbox
import Settings

extension Pipeline {
    /// The request for an event to `plugin`, secrets and signature taken out.
    /// - Parameters:
    ///   - id: The event's id.
    ///   - type: The event's hook.
    ///   - body: The event's bytes.
    /// - Throws: `PipelineError` when the plugin is not configured, or no request can be made from this event.
    package func preview(
        id: String, type: String, body: [UInt8], to plugin: String
    ) throws(PipelineError) -> RequestPreview {
        let settings = settings
        guard let configured = settings.plugin(plugin) else {
            throw PipelineError("plugin '\(plugin)' is not in the configuration")
        }
        let event = EventSource(id: id, type: type, body: body)
        let builder = RequestBuilder(
            plugin: configured, mwdb: settings.mwdb, redaction: settings.redaction)
        var sample: FileContent?
        if builder.sendsSample {
            guard let file = event.file else { throw PipelineError("the event is about no file") }
            sample = FileContent(path: "", size: file.size, sha256: file.sha256)
        }
        let request: Request
        do throws(RequestBuilder.Failure) {
            request = try builder.request(token: 0, event: event, sample: sample, now: clock.wall())
        } catch {
            throw PipelineError(error.reason)
        }
        let redaction = settings.redaction
        // A signature that was never sent is none that a receiver should see from somebody else.
        var headers = request.headers.filter { $0.name != "webhook-signature" }
            .map { Header($0.name, redaction.redact($0.value)) }
        if !configured.secrets.isEmpty {
            headers.append(Header("webhook-signature", "[made when it is sent]"))
        }
        return RequestPreview(
            line: "\(request.method) \(redaction.redact(request.url))", headers: headers, body: request.body)
    }
}

/// A request as it would be sent.
package struct RequestPreview: Sendable, Equatable {
    /// Method and URL.
    package var line: String
    /// Header fields, secrets taken out.
    package var headers: [Header]
    /// The body; a sample has no path. Secrets are still in it.
    package var body: RequestBody

    /// A request as it would be sent.
    package init(line: String, headers: [Header], body: RequestBody) {
        self.line = line
        self.headers = headers
        self.body = body
    }
}
