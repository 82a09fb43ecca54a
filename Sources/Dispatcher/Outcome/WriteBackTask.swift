// What is to be written to MWDB after a delivery, as it is stored with the outcome that caused it: a small JSON
// object, so that an operator reads it in `show` and a later version understands it.

import Model
import Outbox

/// One write to MWDB.
struct WriteBackTask: Sendable, Equatable {
    /// Kind of object in MWDB's paths: `file`, `config`, `blob` or `object`.
    var objectKind: String
    /// The object's id.
    var objectID: String
    /// What to write.
    var action: Action

    /// The three things that can be written.
    enum Action: Sendable, Equatable {
        /// Adds an attribute value; `key`'s definition is the plugin's.
        case attribute(key: String, value: JSON)
        /// Adds a tag.
        case tag(String)
        /// Adds a comment.
        case comment(String)
    }

    /// As it is stored.
    var stored: [UInt8] {
        var members: [JSON.Member] = [
            .init(key: "object_kind", value: .string(objectKind)),
            .init(key: "object", value: .string(objectID)),
        ]
        switch action {
        case .attribute(let key, let value):
            members.append(.init(key: "attribute", value: .string(key)))
            members.append(.init(key: "value", value: value))
        case .tag(let tag): members.append(.init(key: "tag", value: .string(tag)))
        case .comment(let comment): members.append(.init(key: "comment", value: .string(comment)))
        }
        return JSON.object(members).serialised()
    }

    /// Reads a stored task; nil when it is none.
    init?(stored: [UInt8]) {
        guard let json = try? JSON.parse(stored), let kind = json["object_kind"]?.text,
            let object = json["object"]?.text
        else { return nil }
        objectKind = kind
        objectID = object
        if let key = json["attribute"]?.text, let value = json["value"] {
            action = .attribute(key: key, value: value)
        } else if let tag = json["tag"]?.text {
            action = .tag(tag)
        } else if let comment = json["comment"]?.text {
            action = .comment(comment)
        } else {
            return nil
        }
    }

    /// A write of `action` to an object.
    init(objectKind: String, objectID: String, action: Action) {
        self.objectKind = objectKind
        self.objectID = objectID
        self.action = action
    }
}

extension WriteBackTask {
    /// The object that an event is about, as MWDB's paths name it; nil when it is about none. An id becomes a step of
    /// a path, so it must look like MWDB's own.
    static func target(of data: JSON) -> (kind: String, id: String)? {
        for name in ["file", "object", "config", "blob", "parent"] {
            guard let object = data[name], let id = object["id"]?.text, isID(id) else { continue }
            switch object["type"]?.text {
            case "file": return ("file", id)
            case "static_config": return ("config", id)
            case "text_blob": return ("blob", id)
            default: return ("object", id)
            }
        }
        return nil
    }

    /// Letters, digits, `-` and `_`: MWDB's ids are hashes.
    private static func isID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
                default: false
                }
            }
    }
}
