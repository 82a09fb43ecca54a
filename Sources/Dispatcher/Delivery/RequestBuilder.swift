// From a plugin and an event to a request, complete to the last byte but for the sample. Pure: the same input
// gives the same request. Everything from the event is data here: it is encoded for where it stands, never
// expanded again, and can name no host, header or part.

import Model
import Outbox
import Settings

/// Builds a plugin's requests. A class, so that deliveries in flight share one configuration instead of copies.
final class RequestBuilder: Sendable {
    /// The plugin.
    let plugin: Plugin
    /// MWDB's addresses for templates.
    let mwdb: MWDBSettings?
    /// Takes secrets out of what is said of an answer.
    let redaction: Redaction

    /// Without any placeholder the event need not be parsed: its bytes pass through.
    let needsContext: Bool
    /// The template is no JSON, but each of its lines is, as for Elasticsearch's _bulk.
    let hasLines: Bool
    /// The URL and the configured headers, when they are the same for every event.
    private let fixedURL: String?
    private let fixedHeaders: [Header]?
    private let namesItself: Bool
    /// `on_ambiguous = hold`: attempts are marked before their first byte.
    let holdsAmbiguous: Bool

    /// A builder of requests for `plugin`.
    init(plugin: Plugin, mwdb: MWDBSettings?, redaction: Redaction) {
        self.plugin = plugin
        self.mwdb = mwdb
        self.redaction = redaction
        holdsAmbiguous = plugin.onAmbiguous == .hold
        let headersAreFixed = plugin.headers.allSatisfy(\.value.isLiteral)
        needsContext =
            !plugin.url.isLiteral || !headersAreFixed || plugin.template.map { !$0.isLiteral } ?? false
            || !plugin.fields.allSatisfy(\.value.isLiteral)
            || (plugin.wantsContent && !plugin.file.name.isLiteral)
        hasLines = plugin.template.map { (try? $0.checkJSON()) == nil } ?? false
        fixedURL = plugin.url.isLiteral ? plugin.url.render(.empty, purpose: .url) : nil
        fixedHeaders = headersAreFixed ? RequestBuilder.headers(of: plugin, .empty) : nil
        namesItself = plugin.headers.contains { $0.name.lowercased() == "user-agent" }
    }

    /// What a request cannot be built from.
    struct Failure: Error, Equatable {
        /// In words for the operator.
        let reason: String
    }

    /// Whether this delivery sends the sample.
    var sendsSample: Bool { plugin.wantsContent }

    /// The request for an event.
    /// - Parameters:
    ///   - event: The event's id, type and bytes.
    ///   - sample: Path of the sample when one is sent.
    /// - Throws: `Failure` when a header or the URL cannot be made from this event.
    func request(
        token: UInt64, event: EventSource, sample: FileContent?, now: Timestamp
    ) throws(Failure) -> Request {
        if plugin.batch.isOn {
            let batch = batch(token: token, events: [event], now: now)
            guard let request = batch.request else {
                throw batch.failures.first?.1 ?? Failure(reason: "there is nothing to send")
            }
            return request
        }
        let context = needsContext ? try event.context(plugin: plugin, mwdb: mwdb, needed: true) : .empty
        let content = try self.content(event: event, context: context, sample: sample)
        var request = head(
            token: token, context, body: content.body, contentType: plugin.contentType ?? content.type,
            sample: sample)
        request.headers.append(contentsOf: content.headers)
        try finish(&request, id: event.id, now)
        return request
    }

    /// A request with what does not depend on id and time.
    func head(
        token: UInt64, _ context: TemplateContext, body: RequestBody, contentType: String?,
        sample: FileContent?
    ) -> Request {
        var request = Request(
            token: token, method: plugin.method, url: fixedURL ?? plugin.url.render(context, purpose: .url),
            body: body, answer: .memory(limit: plugin.maximumResponse), transport: transport(sample))
        request.headers = headers(context, contentType: contentType)
        return request
    }

    /// Adds id, time and signature.
    /// - Throws: `Failure` when it cannot be signed.
    func finish(_ request: inout Request, id: String, _ now: Timestamp) throws(Failure) {
        request.headers.append(Header("webhook-id", id))
        request.headers.append(Header("webhook-timestamp", String(now.seconds)))
        try sign(&request, id: id, now)
    }

    /// Signs what is in memory; what is not has to be read first, which is the courier's work.
    private func sign(_ request: inout Request, id: String, _ now: Timestamp) throws(Failure) {
        let bytes: [UInt8]
        switch request.body {
        case .none: bytes = []
        case .bytes(let body): bytes = body
        case .multipart, .file:
            guard !plugin.secrets.isEmpty else { return }
            request.signing = Signing(id: id, timestamp: now, secrets: plugin.secrets)
            return
        }
        do throws(ValueError) {
            if let signature = try Signature.header(
                id: id, timestamp: now, body: bytes, secrets: plugin.secrets)
            {
                request.headers.append(Header("webhook-signature", signature))
            }
        } catch {
            throw Failure(reason: "cannot be signed: \(error.message)")
        }
    }

    private func headers(_ context: TemplateContext, contentType: String?) -> [Header] {
        var headers: [Header] = []
        headers.reserveCapacity(plugin.headers.count + 6)
        if let contentType { headers.append(Header("content-type", contentType)) }
        // Some receivers know their clients by it: an operator's own goes in its place.
        if !namesItself { headers.append(Header("user-agent", Product.userAgent)) }
        headers.append(contentsOf: fixedHeaders ?? RequestBuilder.headers(of: plugin, context))
        return headers
    }

    private static func headers(of plugin: Plugin, _ context: TemplateContext) -> [Header] {
        plugin.headers.map { Header($0.name, $0.value.render(context, purpose: .header)) }
    }

    /// A body with what it says of itself in the head.
    private struct Content {
        var body: RequestBody
        /// The content type that it implies.
        var type: String?
        /// Attributes of CloudEvents in binary mode.
        var headers: [Header] = []
    }

    private func content(
        event: EventSource, context: TemplateContext, sample: FileContent?
    ) throws(Failure) -> Content {
        switch plugin.body {
        case .event:
            return Content(body: .bytes(json(context) ?? event.body), type: "application/json")
        case .cloudevents:
            let event = try event.cloudEvent(data: json(context))
            return Content(body: .bytes(event.structured), type: CloudEvent.structuredType)
        case .cloudeventsBinary:
            let event = try event.cloudEvent(data: json(context))
            return Content(body: .bytes(event.data), type: CloudEvent.dataType, headers: event.headers)
        case .text:
            return Content(body: .bytes(text(context) ?? event.body), type: "text/plain; charset=utf-8")
        case .raw:
            if let text = text(context) {
                return Content(body: .bytes(text), type: "application/octet-stream")
            }
            guard let sample else { throw Failure(reason: "the event has no file to send") }
            return Content(body: .file(sample), type: "application/octet-stream")
        case .form:
            return Content(body: .bytes(form(context)), type: "application/x-www-form-urlencoded")
        case .multipart:
            return Content(body: .multipart(try multipart(context, sample: sample)))
        case .none:
            return Content(body: .none)
        }
    }

    /// `template` as JSON; nil without one.
    func json(_ context: TemplateContext) -> [UInt8]? {
        plugin.template.map { Array($0.render(context, purpose: .json).utf8) }
    }

    /// `template` as text; nil without one.
    private func text(_ context: TemplateContext) -> [UInt8]? {
        plugin.template.map { Array($0.render(context).utf8) }
    }

    /// A field that is a JSON object (`_json`, `payload_json`) takes its values as JSON does: none can break out.
    private static func text(of field: NamedTemplate, _ context: TemplateContext) -> String {
        field.value.render(context, purpose: field.value.isJSONObject ? .json : .plain)
    }

    private func form(_ context: TemplateContext) -> [UInt8] {
        PercentEncoding.form(
            plugin.fields.compactMap { field in
                let value = RequestBuilder.text(of: field, context)
                return value.isEmpty ? nil : (field.name, value)
            })
    }

    private func multipart(
        _ context: TemplateContext, sample: FileContent?
    ) throws(Failure) -> [Part] {
        // Receivers that stream want the text fields before the file.
        var parts = plugin.fields.compactMap { field -> Part? in
            let value = RequestBuilder.text(of: field, context)
            return value.isEmpty ? nil : Part(name: field.name, content: .bytes(Array(value.utf8)))
        }
        guard let field = plugin.file.field else { return parts }
        guard let sample else { throw Failure(reason: "the event has no file to send") }
        let name = Filename.sanitised(plugin.file.name.render(context), fallback: sample.sha256 ?? "sample")
        parts.append(
            Part(
                name: field, content: .file(sample), filename: name, contentType: plugin.file.contentType))
        return parts
    }

    /// `timeout` is meant for a small body: a second is added for each MiB of sample.
    private func transport(_ sample: FileContent?) -> Transport {
        var transport = plugin.transport
        let mebibytes = (sample?.size ?? 0) >> 20
        transport.totalTimeout = transport.totalTimeout + .seconds(mebibytes)
        // On a kept-alive connection libcurl may send a request twice by itself.
        if plugin.onAmbiguous == .hold { transport.reusesConnections = false }
        return transport
    }
}
