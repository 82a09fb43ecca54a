// `${file:PATH}`, `${env:NAME}` and `${credential:NAME}` inside values of configuration files. Only what an
// operator wrote passes through here; nothing that came from an event or an answer ever does, and what a
// reference yields is not looked through again.

import Model

/// Resolves the references of written values.
struct SecretReferences {
    let sources: SettingsSources
    let findings: Findings

    /// Most bytes of a secret's file.
    static let sizeLimit = 65_536

    private static let kinds = ["file", "env", "credential"]

    /// `value` with its references resolved; nil when one cannot be, which is reported.
    func resolve(_ value: WrittenValue) -> ResolvedText? {
        resolve(value.text, of: value)
    }

    /// `text`, a part of `value`, with its references resolved.
    func resolve(_ text: String, of value: WrittenValue) -> ResolvedText? {
        var pieces: [ResolvedText.Piece] = []
        var literal = ""
        var failed = false
        var rest = text[...]
        while let opening = rest.firstRange(of: "${") {
            literal += rest[..<opening.lowerBound]
            rest = rest[opening.upperBound...]
            if literal.hasSuffix("$") {
                literal += "{"
                continue
            }
            guard let closing = rest.firstIndex(of: "}") else {
                value.report(
                    "a reference is not closed", "Close it with }, or write $${ for a plain ${", to: findings)
                return nil
            }
            let secret = self.secret(String(rest[..<closing]), of: value)
            rest = rest[rest.index(after: closing)...]
            guard let secret else {
                failed = true
                continue
            }
            if value.mayHoldSecret { findings.add(secret: secret) }
            pieces += [.text(literal), .secret(secret)]
            literal = ""
        }
        pieces.append(.text(literal + rest))
        return failed ? nil : ResolvedText(pieces: pieces.filter { $0 != .text("") })
    }

    private func secret(_ reference: String, of value: WrittenValue) -> String? {
        guard let colon = reference.firstIndex(of: ":") else {
            value.report(
                "${\(reference)} does not say where its value comes from",
                "Write ${env:\(reference)} or ${file:PATH}, or $${ for a plain ${", to: findings)
            return nil
        }
        let name = reference[reference.index(after: colon)...].trimmed
        switch String(reference[..<colon]) {
        case "file":
            let path = FilePath.absolute(name, in: value.folder, home: sources.home)
            return fileSecret(path, of: value, remedy: "Create it, readable for the daemon's user only")
        case "env": return variable(name, of: value)
        case "credential": return credential(name, of: value)
        default:
            let kind = String(reference[..<colon])
            let near = Nearest.match(kind, among: SecretReferences.kinds) ?? "file"
            value.report(
                "${\(kind):…} is no kind of reference",
                "Write ${\(near):\(name)}; there are ${file:PATH}, ${env:NAME} and ${credential:NAME}",
                to: findings)
            return nil
        }
    }

    private func variable(_ name: String, of value: WrittenValue) -> String? {
        guard let text = sources.environment[name], !text.isEmpty else {
            let near = Nearest.match(name, among: sources.environment.keys.sorted())
            value.report(
                "the environment variable \(name) is \(sources.environment[name] == nil ? "not set" : "empty")",
                near.map { "Set it, or write ${env:\($0)}" } ?? "Set it where the daemon is started",
                to: findings)
            return nil
        }
        return withoutLineEnd(text)
    }

    private func credential(_ name: String, of value: WrittenValue) -> String? {
        guard let folder = sources.environment["CREDENTIALS_DIRECTORY"], folder.hasPrefix("/") else {
            value.report(
                "there are no systemd credentials here ($CREDENTIALS_DIRECTORY is not set)",
                "Run the daemon as a systemd service with LoadCredential=\(name):PATH, or use ${file:PATH}",
                severity: sources.isTrial ? .warning : .error, to: findings)
            return nil
        }
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            value.report(
                "`\(name)` is no credential's name", "Write the name that LoadCredential= gives it",
                to: findings)
            return nil
        }
        return fileSecret(
            folder + "/" + name, of: value, remedy: "Add LoadCredential=\(name):PATH to the service")
    }

    private func fileSecret(_ path: String, of value: WrittenValue, remedy: String) -> String? {
        switch sources.files.read(path, limit: SecretReferences.sizeLimit) {
        case .missing:
            value.report("there is no file \(path)", remedy, to: findings)
        case .failed(let reason):
            value.report(
                "\(path) cannot be read: \(reason)", "Make it a file that the daemon's user may read",
                to: findings)
        case .content(let bytes, let mode):
            warnIfOpen(path, mode, of: value)
            guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
                value.report(
                    "\(path) holds no text", "Write the secret into it as one line of UTF-8", to: findings)
                return nil
            }
            let secret = withoutLineEnd(text)
            if !secret.isEmpty { return secret }
            value.report("\(path) is empty", "Write the secret into it", to: findings)
        }
        return nil
    }

    /// Containers mount secrets under /run with mode 0444, where nobody else can look.
    private func warnIfOpen(_ path: String, _ mode: UInt32, of value: WrittenValue) {
        guard mode & 0o004 != 0, !path.hasPrefix("/run/") else { return }
        value.report(
            "everybody on this machine may read \(path)",
            "Give it to the daemon's user or group and run chmod o-r \(path)", severity: .warning,
            to: findings)
    }

    private func withoutLineEnd(_ text: String) -> String {
        var scalars = Substring(text).unicodeScalars
        while let last = scalars.last, last == "\n" || last == "\r" { scalars.removeLast() }
        return String(scalars)
    }
}
