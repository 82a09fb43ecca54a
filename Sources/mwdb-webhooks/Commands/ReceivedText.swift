// A received request as `receiver` prints it. Pure. All of it was chosen by the sender.

import Model
import Web

/// A received request in words.
enum ReceivedText {
    /// Bytes of a body or field that are shown.
    private static let shown = 4096

    /// For people.
    static func lines(_ request: ReceivedRequest, style: Style) -> String {
        var lines = [
            style.bold("\(Neutral.line(request.method)) \(Neutral.line(request.path))")
                + "  #\(request.number) \(request.receivedAt.rfc3339)"
        ]
        lines += request.headers.map { "\(Neutral.line($0.name)): \(Neutral.line($0.value))" }
        lines.append("")
        switch request.body {
        case .bytes(let bytes, let size, let sha256):
            if size > 0 { lines += [text(bytes, size: size, sha256: sha256)] }
        case .parts(let parts):
            lines += parts.map(line)
        case .broken(let why):
            lines.append(style.bad("broken: " + why))
        }
        lines.append(signature(request.signature, style) + "answered \(request.status)")
        return lines.joined(separator: "\n") + "\n"
    }

    /// For scripts.
    static func json(_ request: ReceivedRequest) -> String {
        var members: [JSON.Member] = [
            .init(key: "number", value: .number(String(request.number))),
            .init(key: "received_at", value: .string(request.receivedAt.rfc3339)),
            .init(key: "method", value: .string(request.method)),
            .init(key: "path", value: .string(request.path)),
            .init(
                key: "headers",
                value: .array(
                    request.headers.map { .array([.string($0.name), .string($0.value)]) })),
        ]
        switch request.body {
        case .bytes(let bytes, let size, let sha256):
            members += [
                .init(key: "size", value: .number(String(size))),
                .init(key: "sha256", value: .string(sha256)),
                bytesMember(bytes),
            ]
        case .parts(let parts):
            members.append(.init(key: "parts", value: .array(parts.map(part))))
        case .broken(let why):
            members.append(.init(key: "broken", value: .string(why)))
        }
        members.append(.init(key: "signature", value: .string(word(request.signature))))
        members.append(.init(key: "status", value: .number(String(request.status))))
        return Neutral.json(JSON.object(members).serialised())
    }

    private static func text(_ bytes: [UInt8], size: Int64, sha256: String) -> String {
        guard let text = String(validating: bytes.prefix(shown), as: UTF8.self) ?? ascii(bytes) else {
            return "(\(Wording.size(size)), sha256 \(sha256))"
        }
        return Neutral.block(text) + (size > shown ? "… (\(Wording.size(size)), sha256 \(sha256))" : "")
    }

    /// The beginning of a long text may end within a character.
    private static func ascii(_ bytes: [UInt8]) -> String? {
        (1...3).lazy.compactMap { String(validating: bytes.prefix(shown).dropLast($0), as: UTF8.self) }.first
    }

    private static func line(_ part: ReceivedPart) -> String {
        let name = Neutral.line(part.name)
        guard let filename = part.filename else {
            return "\(name) = " + text(part.value, size: part.size, sha256: part.sha256)
        }
        return
            "\(name) = file \"\(Neutral.line(filename))\" (\(Neutral.line(part.contentType ?? "no type"))), "
            + "\(part.size) bytes, sha256 \(part.sha256)"
    }

    private static func part(_ part: ReceivedPart) -> JSON {
        var members: [JSON.Member] = [
            .init(key: "name", value: .string(part.name)),
            .init(key: "filename", value: part.filename.map(JSON.string) ?? .null),
            .init(key: "content_type", value: part.contentType.map(JSON.string) ?? .null),
            .init(key: "size", value: .number(String(part.size))),
            .init(key: "sha256", value: .string(part.sha256)),
        ]
        if part.filename == nil { members.append(bytesMember(part.value)) }
        return .object(members)
    }

    private static func bytesMember(_ bytes: [UInt8]) -> JSON.Member {
        String(validating: bytes, as: UTF8.self).map { .init(key: "body", value: .string($0)) }
            ?? .init(key: "body_base64", value: .string(Base64.encode(bytes)))
    }

    private static func word(_ finding: SignatureFinding) -> String {
        switch finding {
        case .unchecked: "unchecked"
        case .valid: "valid"
        case .missing: "missing"
        case .wrong(let why): "wrong: " + why
        }
    }

    private static func signature(_ finding: SignatureFinding, _ style: Style) -> String {
        switch finding {
        case .unchecked: ""
        case .valid: style.good("signature valid") + ", "
        case .missing: style.bad("SIGNATURE MISSING") + ", "
        case .wrong(let why): style.bad("SIGNATURE WRONG: \(why)") + ", "
        }
    }
}
