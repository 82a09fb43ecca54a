// POST /api/plugins/NAME/ping: a test event, sent at once and outside of the outbox, with the answer shown.

import Dispatcher
import Glibc
import Hummingbird
import Model

extension Interface {
    var pingRoute: Route {
        Route(
            method: .post, path: "/api/plugins/{plugin}/ping", name: "pingPlugin",
            summary: "Send a test event and show the answer",
            description: """
                Nothing is stored and nothing written back. A multipart plugin wants a sample: its bytes are the \
                body, application/octet-stream.
                """,
            parameters: [
                Parameter(
                    name: "hook", kind: .text,
                    meaning: "Hook of the test event; the plugin's first by default")
            ],
            bodies: [("application/octet-stream", "Bytes")],
            answers: [
                .init(
                    status: 200, type: "application/json", schema: "Ping",
                    meaning: "What came of it, good or bad")
            ],
            problems: [400, 404, 408, 409, 413, 503],
            respond: { call in .json(try await ping(call)) })
    }

    private func ping(_ call: Call) async throws -> JSON {
        let name = call.parameters[0]
        _ = try await known(name)
        let hook = call.query.text("hook")
        if let hook, Hook.named(hook) == nil {
            throw Problem(
                400,
                "there is no hook '\(hook)'"
                    + Nearest.suggestion(hook, among: (Hook.all + Hook.operational).map(\.name)))
        }
        guard call.body.isUnread else {
            await record(call.caller, "ping", hook.map { "\(name) with \($0)" } ?? name)
            return report(try await control.ping(name, hook: hook, sample: nil))
        }
        let sample = try await SampleUpload(call.body, in: temporaryFolder)
        defer { sample.remove() }
        await record(call.caller, "ping", "\(name) with a sample")
        return report(try await control.ping(name, hook: hook, sample: sample.path))
    }

    private var temporaryFolder: String {
        getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    }

    private func report(_ report: PingReport) -> JSON {
        let headers = report.headers.map(header)
        return .members([
            "request": .members(["line": .text(free(report.request)), "headers": .array(headers)]),
            "answer": answer(report.reply.result), "timings": timings(report.reply.timings),
            "remote_address": .text(report.reply.remoteAddress), "delivered": .bool(report.delivered),
            "extracted": .object(report.extracted.map { .init(key: $0.name, value: redacted($0.value)) }),
            "verdict": .text(free(report.verdict)),
        ])
    }

    private func answer(_ result: ReplyResult) -> JSON {
        switch result {
        case .answer(let answer):
            .object([
                .init(key: "status", value: .integer(answer.status)),
                .init(key: "headers", value: .array(answer.headers.map(header))),
                JSON.bytes(answer.body, named: "body") { free($0) ?? "" },
                .init(key: "truncated", value: .bool(answer.truncated)),
            ])
        case .failure(let failure):
            .members([
                "status": .null, "failure": .string(failure.kind.rawValue),
                "message": .text(free(failure.message)),
                "request_sent": .bool(failure.requestSent),
            ])
        }
    }

    private func header(_ header: Header) -> JSON {
        .members(["name": .string(header.name), "value": .text(free(header.value))])
    }

    /// Phase timings in microseconds.
    func timings(_ timings: Timings) -> JSON {
        .members([
            "resolved": .integer(timings.resolved), "connected": .integer(timings.connected),
            "secured": .integer(timings.secured), "first_byte": .integer(timings.firstByte),
            "total": .integer(timings.total),
        ])
    }
}
