// Events for `ping`: like a hook's, with values that nobody can take for real ones.

import Model
import Settings

/// Makes test events.
enum TestEvent {
    /// A test event of `hook`, about `file` where the hook has one.
    static func make(hook: String, file: FileReference, now: Timestamp, random: (UInt64, UInt64))
        -> EventSource
    {
        let id = EventID.make(now: now, random: random)
        let parameters = Hook.named(hook)?.parameters ?? []
        let data = parameters.map { JSON.Member(key: $0.name, value: value($0, file, now)) }
        let event = JSON.object([
            .init(key: "id", value: .string(id)), .init(key: "type", value: .string(hook)),
            .init(key: "timestamp", value: .string(now.rfc3339)),
            .init(key: "source", value: .string("mwdb-webhooks ping")), .init(key: "actor", value: .null),
            .init(key: "data", value: .object(data)),
        ])
        return EventSource(id: id, type: hook, body: event.serialised())
    }

    private static func value(_ parameter: Hook.Parameter, _ file: FileReference, _ now: Timestamp) -> JSON {
        let kind = parameter.kind
        switch kind {
        case .file, .object: return object(file)
        case .value where ["first", "last", "since"].contains(parameter.name): return .string(now.rfc3339)
        case .value where ["plugin", "reason", "delivery", "spool_file"].contains(parameter.name):
            return .string("test")
        case .value: return .number("0")
        case .config, .blob, .tag, .comment, .attribute, .attributeDefinition, .user, .group:
            return .object(
                Hook.fields(of: kind).map {
                    .init(key: $0, value: $0 == "tags" ? .array([]) : .string("test"))
                })
        }
    }

    private static func object(_ file: FileReference) -> JSON {
        .object([
            .init(key: "id", value: .string(file.sha256)), .init(key: "type", value: .string("file")),
            .init(key: "upload_time", value: .string("2026-01-01T00:00:00+00:00")),
            .init(key: "share_3rd_party", value: .bool(false)),
            .init(key: "file_name", value: .string("mwdb-webhooks-test.bin")),
            .init(key: "file_size", value: .number(String(file.size ?? 0))),
            .init(key: "file_type", value: .string("PE32 executable (test)")),
            .init(key: "sha256", value: .string(file.sha256)), .init(key: "alt_names", value: .array([])),
            .init(key: "tags", value: .array([])),
        ])
    }
}
