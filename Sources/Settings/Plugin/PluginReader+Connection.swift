// How a request reaches its receiver: certificates, proxy, addresses, time limits.

import Model

extension PluginReader {
    func readConnection(_ plugin: inout Plugin) {
        plugin.transport.certificateAuthorities = certificate("tls.ca", holding: "CERTIFICATE")
        plugin.transport.clientCertificate = certificate("tls.cert", holding: "CERTIFICATE")
        plugin.transport.clientKey = certificate("tls.key", holding: "PRIVATE KEY") ?? keyBesideCertificate()
        plugin.transport.proxy = proxy()
        plugin.transport.egress.allowed = networks("allow_addresses") ?? plugin.transport.egress.allowed
        plugin.transport.egress.denied = networks("deny_addresses") ?? plugin.transport.egress.denied
        plugin.transport.connectTimeout =
            values.span("connect_timeout", .milliseconds(10) ... .minutes(10))
            ?? plugin.transport.connectTimeout
        plugin.transport.stallTimeout =
            values.span("stall_timeout", .milliseconds(100) ... .hours(1)) ?? plugin.transport.stallTimeout
        plugin.transport.totalTimeout =
            values.span("timeout", .milliseconds(100) ... .days(1)) ?? plugin.transport.totalTimeout
        plugin.maximumResponse =
            values.bytes("max_response", 1000...16_000_000).map(Int.init) ?? plugin.maximumResponse
        if values.written("connect_timeout") != nil,
            plugin.transport.connectTimeout > plugin.transport.totalTimeout
        {
            values.report(
                "connect_timeout", "is longer than timeout",
                "Write a longer timeout, or a shorter connect_timeout",
                severity: .warning)
        }
    }

    /// The path of a PEM file that is there and holds what it should.
    private func certificate(_ key: String, holding label: String) -> String? {
        guard let path = values.path(key) else { return nil }
        switch values.sources.files.read(path, limit: 4_194_304) {
        case .missing:
            values.report(key, "there is no file \(path)", "Create it or correct the path")
        case .failed(let reason):
            values.report(
                key, "\(path) cannot be read: \(reason)", "Make it a file that the daemon's user may read")
        case .content(let bytes, _):
            let text = String(decoding: bytes, as: UTF8.self)
            if !text.contains("\(label)-----") {
                values.report(
                    key, "\(path) holds no \(label.lowercased()) in PEM",
                    "Give a PEM file with -----BEGIN \(label)-----")
            } else if text.contains("ENCRYPTED") {
                values.report(
                    key, "the key in \(path) is protected by a passphrase",
                    "Remove it with: openssl pkey -in OLD -out NEW, and protect the file by its mode")
            }
        }
        return path
    }

    private func keyBesideCertificate() -> String? {
        if values.written("tls.key") != nil, values.written("tls.cert") == nil {
            values.report(
                "tls.key", "is set, but tls.cert is not", "Write tls.cert = PATH of the certificate")
        }
        guard values.written("tls.key") == nil, let path = values.path("tls.cert") else { return nil }
        if case .content(let bytes, _) = values.sources.files.read(path, limit: 4_194_304),
            !String(decoding: bytes, as: UTF8.self).contains("PRIVATE KEY-----")
        {
            values.report(
                "tls.cert", "\(path) holds no key, and tls.key is not set", "Write tls.key = PATH of the key")
        }
        return path
    }

    private func proxy() -> String? {
        values.parse("proxy") { text throws(ValueError) in
            let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
            let address = try WebAddress(parsing: text, schemes: schemes)
            if let user = address.userInformation {
                values.findings.add(secret: user)
                if let colon = user.firstIndex(of: ":") {
                    values.findings.add(secret: String(user[user.index(after: colon)...]))
                }
            }
            guard address.rest.isEmpty || address.rest == "/" else {
                throw ValueError("has a path, which a proxy has not")
            }
            return text
        }
    }

    private func networks(_ key: String) -> [Network]? {
        values.list(key)?.compactMap { element in
            do throws(ValueError) {
                return try Network(parsing: element)
            } catch {
                values.report(
                    key, error.problem, "Write networks such as 10.0.0.0/8 or fd00::/8, separated by commas")
                return nil
            }
        }
    }
}
