// Events as MWDB's event source writes them, small.

import Crypto
import Model

@testable import Dispatcher

/// Makes events and their lines.
enum Sample {
    /// SHA-256 in hex digits of `text`.
    static func hash(_ text: String) -> String { hexDigits(SHA256.hash(data: Array(text.utf8))) }

    /// A line about an uploaded file whose content is `content`.
    static func file(
        _ id: String, content: String = "MZ", hook: String = "on_created_file", actor: String? = "alice",
        name: String = "a.exe", kind: String = "PE32 executable", tags: [String] = []
    ) -> [UInt8] {
        line(
            id, hook, actor: actor, data: [("file", fileObject(content, name: name, kind: kind, tags: tags))])
    }

    /// A line about a tag put on a file.
    static func tag(
        _ id: String, _ tag: String, hook: String = "on_created_tag", actor: String? = "alice",
        type: String = "file"
    ) -> [UInt8] {
        var object = fileObject("MZ", name: "a.exe", kind: "PE32 executable", tags: [])
        if type != "file" {
            object = .object([
                .init(key: "id", value: .string(hash("config"))), .init(key: "type", value: .string(type)),
            ])
        }
        let tagged = JSON.object([
            .init(key: "id", value: .number("1")), .init(key: "tag", value: .string(tag)),
        ])
        return line(id, hook, actor: actor, data: [("object", object), ("tag", tagged)])
    }

    /// A line of any hook.
    static func line(_ id: String, _ hook: String, actor: String? = nil, data: [(String, JSON)]) -> [UInt8] {
        JSON.object([
            .init(key: "id", value: .string(id)), .init(key: "type", value: .string(hook)),
            .init(key: "timestamp", value: .string("2026-11-23T18:28:03.266Z")),
            .init(key: "source", value: .string("mwdb")),
            .init(key: "actor", value: actor.map(JSON.string) ?? .null),
            .init(key: "data", value: .object(data.map { .init(key: $0.0, value: $0.1) })),
        ]).serialised()
    }

    /// MWDB's description of a file.
    static func fileObject(_ content: String, name: String, kind: String, tags: [String]) -> JSON {
        .object([
            .init(key: "id", value: .string(hash(content))), .init(key: "type", value: .string("file")),
            .init(key: "file_name", value: .string(name)),
            .init(key: "file_size", value: .number(String(content.utf8.count))),
            .init(key: "file_type", value: .string(kind)),
            .init(key: "sha256", value: .string(hash(content))),
            .init(key: "tags", value: .array(tags.map(JSON.string))),
        ])
    }
}

extension Event {
    /// The event in a line that is one.
    init(_ line: [UInt8]) {
        self = try! Event.parse(line: line)
    }
}

extension EventSource {
    /// The event of a line, as deliveries see it.
    init(_ line: [UInt8]) {
        let event = Event(line)
        self.init(id: event.id, type: event.type, body: line)
    }
}
