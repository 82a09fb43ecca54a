// Reads [webhooks] and [mwdb].

import Model

/// Reads the settings that belong to no plugin.
struct GlobalReader {
    /// `[webhooks]` with the environment on top.
    let webhooks: ValueReader
    /// `[mwdb]`.
    let mwdb: ValueReader

    /// All global settings; what could not be read is at its default and reported.
    func read() -> Settings {
        var settings = Settings()
        settings.spool = webhooks.path("spool") ?? settings.spool
        settings.outbox = webhooks.path("outbox") ?? settings.outbox
        settings.listen = listen() ?? settings.listen
        settings.enablePlugins = webhooks.flag("enable_plugins") ?? settings.enablePlugins
        settings.retention =
            webhooks.span("retention", .minutes(1) ... .days(3650)) ?? settings.retention
        settings.minimumFreeSpace =
            webhooks.bytes("min_free_space", 0...1_000_000_000_000_000) ?? settings.minimumFreeSpace
        settings.copyLimit = webhooks.bytes("copy_limit", 0...1_000_000_000_000_000) ?? settings.copyLimit
        settings.maximumEventSize =
            webhooks.bytes("max_event_size", 64_000...256_000_000).map(Int.init) ?? settings.maximumEventSize
        settings.shutdownTimeout =
            webhooks.span("shutdown_timeout", .seconds(0) ... .hours(1)) ?? settings.shutdownTimeout
        settings.logLevel = webhooks.choice("log_level", LogLevel.self) ?? settings.logLevel
        settings.logFormat = webhooks.choice("log_format", LogFormat.self) ?? settings.logFormat
        settings.mwdb = mwdbSettings()
        checkFolders(settings)
        return settings
    }

    private func listen() -> [Listen]? {
        guard let elements = webhooks.list("listen") else { return nil }
        guard !elements.isEmpty else {
            webhooks.report("listen", "names no address", "Write unix:/run/mwdb-webhooks/api.sock")
            return nil
        }
        let folder = webhooks.section["listen"]?.folder ?? "/"
        var found: [Listen] = []
        for element in elements {
            do throws(ValueError) {
                let address = try Listen(parsing: element, folder: folder, home: webhooks.sources.home)
                if found.contains(address) { throw ValueError("\(element) stands twice") }
                found.append(address)
            } catch {
                webhooks.report(
                    "listen", error.message, "Write unix:PATH or HOST:PORT, such as 127.0.0.1:8090")
            }
        }
        let local = found.contains { if case .unix = $0 { true } else { false } }
        if !local, found.count == elements.count {
            webhooks.report(
                "listen", "no unix socket: the commands cannot reach the daemon",
                "Add unix:/run/mwdb-webhooks/api.sock", severity: .warning)
        }
        return found
    }

    private func mwdbSettings() -> MWDBSettings? {
        let url = address("url")
        let publicURL = address("public_url")
        let key = mwdb.line("api_key")
        if let key, key.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value >= 0x7F }) {
            mwdb.report(
                "api_key", "holds a blank or a character that no API key has", "Copy the key from MWDB again")
        }
        guard let url else {
            if mwdb.written("url") == nil,
                let set = mwdb.section.keys.first(where: { mwdb.written($0) != nil })
            {
                mwdb.report(
                    set, "is set, but url is not", "Write url = http://127.0.0.1:5000, where MWDB listens")
            }
            return nil
        }
        return MWDBSettings(
            url: url, publicURL: publicURL, apiKey: key, ignoreActors: mwdb.list("ignore_actors"))
    }

    /// A base URL without a slash at its end.
    private func address(_ key: String) -> String? {
        guard let text = mwdb.text(key) else { return nil }
        do throws(ValueError) {
            let address = try WebAddress(parsing: text)
            if address.userInformation != nil {
                throw ValueError("holds a user name; the account is that of api_key")
            }
            if address.rest.contains(where: { "?#".contains($0) }) {
                throw ValueError("has a query or a fragment; the base URL of MWDB is wanted")
            }
            var path = address.rest[...]
            while path.hasSuffix("/") { path.removeLast() }
            if path == "/api" || path.hasSuffix("/api") {
                throw ValueError("ends in /api, which is added to it")
            }
            return address.origin + path
        } catch {
            mwdb.report(key, error.message, "Write the address of MWDB itself, such as http://127.0.0.1:5000")
            return nil
        }
    }

    private func checkFolders(_ settings: Settings) {
        let (spool, outbox) = (settings.spool, settings.outbox)
        guard FilePath.contains(spool, outbox) || FilePath.contains(outbox, spool) else { return }
        let key = webhooks.section["outbox"] != nil ? "outbox" : "spool"
        let message =
            spool == outbox
            ? "spool and outbox are the same folder"
            : "spool (\(spool)) and outbox (\(outbox)) lie in each other"
        webhooks.report(key, message, "Give each a folder of its own, such as \(Settings().outbox)")
    }
}

extension Listen {
    /// Reads `unix:PATH` or `HOST:PORT`.
    /// - Throws: `ValueError` saying what is wrong.
    init(parsing text: String, folder: String, home: String?) throws(ValueError) {
        if text.hasPrefix("unix:") {
            let path = text.dropFirst(5).trimmed
            guard !path.isEmpty else { throw ValueError("unix: without a path") }
            let absolute = FilePath.absolute(path, in: folder, home: home)
            // sun_path of unix(7) has 108 bytes with the terminating NUL.
            guard absolute.utf8.count <= 107 else {
                throw ValueError("\(absolute) is longer than the 107 bytes that a socket's path may have")
            }
            self = .unix(path: absolute)
            return
        }
        if text.contains("://") || text.contains("/") {
            throw ValueError("`\(text)` is neither unix:PATH nor HOST:PORT")
        }
        guard let (host, port) = try? WebAddress.hostAndPort(text[...]), let port else {
            throw ValueError("`\(text)` is neither unix:PATH nor HOST:PORT")
        }
        self = .tcp(host: host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host, port: port)
    }
}
