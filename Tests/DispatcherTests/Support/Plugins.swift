// Plugins and claims for tests.

import Model
import Outbox
import Settings

@testable import Dispatcher

extension Plugin {
    /// A plugin that wants `hooks`, changed by `change`.
    static func named(
        _ name: String, hooks: [String] = ["on_created_file"], _ change: (inout Plugin) -> Void = { _ in }
    ) -> Plugin {
        var plugin = Plugin(name: name)
        plugin.hooks = HookSelection(
            all: hooks.contains("*"), names: Set(hooks.filter { !$0.contains("*") }),
            globs: hooks.filter { $0.contains("*") && $0 != "*" })
        plugin.url = Template(literal: "http://127.0.0.1:9/\(name)")
        change(&plugin)
        return plugin
    }
}

extension Template {
    /// A template that is one.
    static func of(_ text: String) -> Template { try! Template(parsing: text) }
}

extension Claim {
    /// A claim on the event in `line`.
    static func of(
        _ line: [UInt8] = Sample.file("e"), sequence: Int64 = 1, plugin: Int64 = 1, step: Int64 = 0,
        attempts: Int = 0, triedFor: Span = .milliseconds(0), updatedAt: Timestamp = .zero,
        task: [UInt8]? = nil
    ) -> Claim {
        let event = Event(line)
        return Claim(
            delivery: DeliveryID(sequence: sequence, step: step, plugin: PluginNumber(plugin)),
            attempts: attempts, triedFor: triedFor, updatedAt: updatedAt, acceptedAt: updatedAt,
            eventID: event.id, eventType: event.type, object: event.object, body: line, task: task)
    }
}

extension Timestamp {
    /// Where tests' clocks begin.
    static let zero = Timestamp(milliseconds: 1_800_000_000_000)

    /// So many seconds after the beginning.
    static func at(_ seconds: Int64) -> Timestamp { zero + .seconds(seconds) }
}

extension Moment {
    /// Both clocks so many seconds after the beginning.
    static func at(_ seconds: Int64) -> Moment { Moment(wall: .at(seconds), steady: .at(seconds)) }
}

extension Reply {
    /// An answer.
    static func answer(
        _ status: Int, _ headers: [Header] = [], body: String = "", milliseconds: Int64 = 10
    ) -> Reply {
        var timings = Timings()
        timings.total = milliseconds * 1000
        return Reply(
            token: 1, result: .answer(Answer(status: status, headers: headers, body: Array(body.utf8))),
            timings: timings, remoteAddress: "127.0.0.1:9")
    }

    /// A failure.
    static func failure(_ kind: ExchangeFailure.Kind, sent: Bool = false, _ message: String = "it broke")
        -> Reply
    {
        Reply(
            token: 1, result: .failure(ExchangeFailure(kind: kind, message: message, requestSent: sent)))
    }
}

extension ExchangeStep {
    /// The request that is sent, if one is.
    var request: Request? {
        if case .send(let request) = self { request } else { nil }
    }

    /// The conclusion, if it is over.
    var conclusion: Conclusion? {
        if case .finished(let conclusion, _) = self { conclusion } else { nil }
    }

    /// What it was held for.
    var held: String? {
        if case .held(let reason)? = conclusion { reason } else { nil }
    }

    /// What it died of.
    var dead: String? {
        if case .judged(.dead(let reason))? = conclusion { reason } else { nil }
    }

    /// Why it is tried again.
    var retry: String? {
        if case .judged(.retry(let reason, _, _))? = conclusion { reason } else { nil }
    }
}

extension RequestBody {
    /// The body's text, where it is in memory.
    var text: String? {
        if case .bytes(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
}

extension Request {
    /// The value of the only header called `name` (any case).
    func header(_ name: String) -> String? {
        let found = headers.filter { $0.name.lowercased() == name }
        return found.count == 1 ? found[0].value : nil
    }
}
