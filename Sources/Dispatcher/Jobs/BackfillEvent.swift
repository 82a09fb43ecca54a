// An event about an object that MWDB has, made of what its API says of it, in the shape in which the event source would
// have written it when the object was new. Pure. The id follows from plugin, hook and object, so that the same object
// is the same event however often a backfill meets it.

import Crypto
import Model

/// Makes events of objects.
struct BackfillEvent {
    /// `source` of the events.
    let source: String
    /// The plugin they are for: another plugin's backfill has ids of its own.
    let plugin: String

    /// The longest field of an argument, in bytes of JSON, as the event source has it.
    static let fieldLimit = 1 << 20

    private static let common = ["id", "type", "upload_time", "share_3rd_party"]
    private static let fields: [BackfillPlan.Kind: [String]] = [
        .file: [
            "file_name", "file_size", "file_type", "md5", "sha1", "sha256", "sha512", "crc32", "ssdeep",
            "alt_names",
        ],
        .config: ["family", "config_type", "cfg"],
        .blob: ["blob_name", "blob_size", "blob_type", "content", "last_seen"],
    ]

    /// The event of `hook` about `object`, as MWDB's API answers for one object.
    /// - Throws: `PipelineError` when the answer is not what MWDB says of an object.
    func make(_ object: JSON, _ kind: BackfillPlan.Kind, hook: String) throws(PipelineError) -> Event {
        guard let id = object["id"]?.text, let uploaded = object["upload_time"]?.text,
            let moment = Timestamp(rfc3339: uploaded)
        else {
            throw PipelineError("MWDB's answer about an object has no id or upload_time")
        }
        let argument = hook == "on_created_object" ? "object" : kind == .blob ? "blob" : kind.rawValue
        let body = JSON.object([
            .init(key: "id", value: .string(eventID(object: id, hook: hook, uploaded: moment))),
            .init(key: "type", value: .string(hook)),
            .init(key: "timestamp", value: .string(moment.rfc3339)),
            .init(key: "source", value: .string(source)),
            .init(key: "actor", value: .null),
            .init(
                key: "data",
                value: .object([.init(key: argument, value: .object(members(of: object, kind)))])),
        ])
        do {
            return try Event.parse(line: body.serialised())
        } catch {
            throw PipelineError("MWDB's answer about \(id) makes no event: \(error)")
        }
    }

    /// The fields that the event source writes, in its order.
    private func members(of object: JSON, _ kind: BackfillPlan.Kind) -> [JSON.Member] {
        var members: [JSON.Member] = []
        var missing: [JSON] = []
        var truncated: [JSON] = []
        for name in Self.common + (Self.fields[kind] ?? []) {
            guard let value = object[name] else {
                missing.append(.string(name))
                continue
            }
            let isTooLong = value.serialised().count > Self.fieldLimit
            if isTooLong { truncated.append(.string(name)) }
            members.append(.init(key: name, value: isTooLong ? .null : value))
        }
        members.append(.init(key: "tags", value: .array(tags(of: object))))
        if !missing.isEmpty { members.append(.init(key: "unavailable", value: .array(missing))) }
        if !truncated.isEmpty { members.append(.init(key: "truncated", value: .array(truncated))) }
        return members
    }

    private func tags(of object: JSON) -> [JSON] {
        guard case .array(let tags)? = object["tags"] else { return [] }
        return tags.compactMap { $0["tag"] }
    }

    /// A UUIDv7 of the upload's moment whose random bits are none.
    private func eventID(object: String, hook: String, uploaded: Timestamp) -> String {
        let digest = SHA256.hash(data: Array("backfill\0\(plugin)\0\(hook)\0\(object)".utf8))
        let words = Array(digest).prefix(16).reduce(into: (0 as UInt64, 0 as UInt64)) { words, byte in
            words = (words.0 << 8 | words.1 >> 56, words.1 << 8 | UInt64(byte))
        }
        return EventID.make(now: uploaded, random: words)
    }
}
