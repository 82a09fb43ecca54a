// `auth` and `auth.*`, which become headers: the rest of the program knows headers only. A client certificate
// is `tls.cert` and needs no `auth`.

import Model

extension PluginReader {
    /// Keys that each kind of proof needs.
    private static let needs: [(Authentication, [String])] = [
        (.basic, ["auth.username", "auth.password"]), (.bearer, ["auth.token"]),
        (.header, ["auth.header", "auth.value"]),
    ]

    /// The header that proves who sends the request; empty without `auth` or when something is wrong with it.
    func authentication() -> [NamedTemplate] {
        let set = values.written("auth") != nil
        guard let kind = set ? values.choice("auth", Authentication.self) : Authentication.none else {
            return []
        }
        guard checkKeys(of: kind) else { return [] }
        switch kind {
        case .none: return []
        case .basic: return basic()
        case .bearer: return header("Authorization", prefix: "Bearer ", key: "auth.token")
        case .header:
            guard let name = values.line("auth.header") else { return [] }
            if let (message, suggestion) = HeaderName.problem(name) {
                values.report("auth.header", message, suggestion)
                return []
            }
            return header(name, prefix: "", key: "auth.value")
        }
    }

    private func checkKeys(of kind: Authentication) -> Bool {
        var complete = true
        for (owner, keys) in PluginReader.needs {
            for key in keys {
                let isSet = values.written(key) != nil
                if owner == kind, !isSet {
                    values.report("auth", "\(kind.rawValue) needs \(key)", "Write \(key) = VALUE")
                    complete = false
                }
                if owner != kind, isSet {
                    values.report(
                        key, "is used with auth = \(owner.rawValue) only",
                        kind == .none
                            ? "Write auth = \(owner.rawValue)"
                            : "Remove it, or write auth = \(owner.rawValue)")
                }
            }
        }
        return complete
    }

    private func basic() -> [NamedTemplate] {
        guard let name = values.line("auth.username"), let password = values.line("auth.password") else {
            return []
        }
        // RFC 7617, 2: the first colon ends the name.
        guard !name.contains(":") else {
            values.report(
                "auth.username", "holds a colon, which basic authentication cannot send", "Use another name")
            return []
        }
        let encoded = SecretForms.base64(name + ":" + password)
        values.findings.add(secret: encoded)
        return proof("Authorization", "Basic " + encoded)
    }

    private func header(_ name: String, prefix: String, key: String) -> [NamedTemplate] {
        guard let value = values.line(key) else { return [] }
        return proof(name, prefix + value)
    }

    private func proof(_ name: String, _ value: String) -> [NamedTemplate] {
        if let written = values.written("header." + name) {
            values.report(
                written.key, "is also made by auth", "Remove it, or write auth = none")
            return []
        }
        return [NamedTemplate(name: name, value: Template(secret: value))]
    }
}
