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

    /// A builder of requests for `plugin`.
    init(plugin: Plugin, mwdb: MWDBSettings?) {
        self.plugin = plugin
        self.mwdb = mwdb
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
        let context = try event.context(plugin: plugin, mwdb: mwdb, needed: needsContext)
        let (body, implied, signed) = try self.body(event: event, context: context, sample: sample)
        var request = Request(
            token: token, method: plugin.method, url: url(context), body: body,
            answer: .memory(limit: plugin.maximumResponse), transport: transport(sample))
        request.headers = headers(context, contentType: plugin.contentType ?? implied)
        request.headers += [
            Header("webhook-id", event.id), Header("webhook-timestamp", String(now.seconds)),
        ]
        if let signature = Signature.header(
            id: event.id, timestamp: now, body: signed, secrets: plugin.secrets)
        {
            request.headers.append(Header("webhook-signature", signature))
        }
        return request
    }

    /// Without any placeholder the event need not be parsed: its bytes pass through.
    private var needsContext: Bool {
        !plugin.url.isLiteral || plugin.template.map { !$0.isLiteral } ?? false
            || plugin.headers.contains { !$0.value.isLiteral }
            || plugin.fields.contains { !$0.value.isLiteral }
            || (sendsSample && !plugin.file.name.isLiteral)
    }

    private func url(_ context: TemplateContext) -> String {
        plugin.url.render(context, purpose: .url)
    }

    private func headers(_ context: TemplateContext, contentType: String?) -> [Header] {
        var headers: [Header] = []
        if let contentType { headers.append(Header("content-type", contentType)) }
        headers.append(Header("user-agent", Product.userAgent))
        for header in plugin.headers {
            headers.append(Header(header.name, header.value.render(context, purpose: .header)))
        }
        return headers
    }

    /// The body, the content type it implies, and the bytes that are signed.
    private func body(
        event: EventSource, context: TemplateContext, sample: FileContent?
    ) throws(Failure) -> (RequestBody, String?, [UInt8]) {
        switch plugin.body {
        case .event:
            let bytes =
                plugin.template.map { Array($0.render(context, purpose: .json).utf8) } ?? event.body
            return (.bytes(bytes), "application/json", bytes)
        case .text:
            let bytes = plugin.template.map { Array($0.render(context).utf8) } ?? event.body
            return (.bytes(bytes), "text/plain; charset=utf-8", bytes)
        case .raw:
            if let template = plugin.template {
                let bytes = Array(template.render(context).utf8)
                return (.bytes(bytes), "application/octet-stream", bytes)
            }
            guard let sample else { throw Failure(reason: "the event has no file to send") }
            return (.file(sample), "application/octet-stream", RequestBuilder.signed(sample))
        case .form:
            let bytes = form(context)
            return (.bytes(bytes), "application/x-www-form-urlencoded", bytes)
        case .multipart:
            let parts = try multipart(context, sample: sample)
            return (.multipart(parts), nil, RequestBuilder.signed(sample))
        case .none:
            return (.none, nil, [])
        }
    }

    /// A streamed sample is signed by its hash: the receiver has it before it has read the body twice.
    private static func signed(_ sample: FileContent?) -> [UInt8] {
        Array((sample?.sha256 ?? "").utf8)
    }

    private func form(_ context: TemplateContext) -> [UInt8] {
        let pairs = plugin.fields.compactMap { field -> String? in
            let value = field.value.render(context)
            guard !value.isEmpty else { return nil }
            return formEncoded(field.name) + "=" + formEncoded(value)
        }
        return Array(pairs.joined(separator: "&").utf8)
    }

    private func multipart(
        _ context: TemplateContext, sample: FileContent?
    ) throws(Failure) -> [Part] {
        // Receivers that stream want the text fields before the file.
        var parts = plugin.fields.compactMap { field -> Part? in
            let value = field.value.render(context)
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
        return transport
    }
}

/// `application/x-www-form-urlencoded` (WHATWG URL, section 5).
func formEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2a, 0x2d, 0x2e, 0x5f: bytes.append(byte)
        case 0x20: bytes.append(0x2b)
        default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
