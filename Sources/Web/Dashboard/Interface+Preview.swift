// GET /api/requests/EVENT/PLUGIN: the request of a delivery as the configuration in force makes it.

import Dispatcher
import Hummingbird
import Model
import Outbox

extension Interface {
    var previewRoute: Route {
        Route(
            method: .get, path: "/api/requests/{event}/{plugin}", name: "previewRequest",
            summary: "The request that a delivery would make now",
            description: "Requests that were sent are not kept. Secrets and the signature are taken out.",
            answers: [
                .init(status: 200, type: "application/json", schema: "Object", meaning: "The request")
            ],
            problems: [404, 409, 503],
            respond: { call in .json(try await preview(call.parameters[0], to: call.parameters[1])) })
    }

    private func preview(_ id: String, to plugin: String) async throws -> JSON {
        guard let event = try await reader.event(id), let body = event.body else {
            throw Problem(404, "there is no event '\(id)' whose bytes are kept")
        }
        let request = try control.preview(id: id, type: event.summary.hook, body: body, to: plugin)
        let headers = request.headers.map { header in
            JSON.members(["name": .string(header.name), "value": .text(free(header.value))])
        }
        let shown = JSON.members([
            "line": .text(free(request.line)), "headers": .array(headers),
            "is_event": .bool(request.body == .bytes(body)),
        ])
        guard case .object(let members) = shown else { return shown }
        return .object(members + content(request.body, event: body))
    }

    private func content(_ body: Model.RequestBody, event: [UInt8]) -> [JSON.Member] {
        switch body {
        case .none: []
        case .bytes(let bytes): bytes == event ? [] : [JSON.bytes(bytes, named: "body") { free($0) ?? "" }]
        case .multipart(let parts): [.init(key: "parts", value: .array(parts.map(part)))]
        case .file(let file): [.init(key: "sample", value: .text(file.sha256))]
        }
    }

    private func part(_ part: Part) -> JSON {
        var members: [JSON.Member] = [
            .init(key: "name", value: .string(part.name)),
            .init(key: "filename", value: .text(part.filename)),
            .init(key: "content_type", value: .text(part.contentType)),
        ]
        switch part.content {
        case .bytes(let bytes): members.append(JSON.bytes(bytes, named: "value") { free($0) ?? "" })
        case .file(let file): members.append(.init(key: "sample", value: .text(file.sha256)))
        }
        return .object(members)
    }
}
