// The repository's own webhooks.ini and docs/configuration.md: complete, and right.

import Model
import Testing

@testable import Settings

/// The repository's folder, three above this file.
let repository = FilePath.folder(of: FilePath.folder(of: FilePath.folder(of: #filePath)))

struct DocumentationTests {
    private func text(_ path: String) throws -> String {
        guard case .content(let bytes, _) = DiskFiles().read(repository + "/" + path, limit: 1_000_000) else {
            throw ValueError("\(path) cannot be read")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: SettingKey.all)
    func webhooksINIHasEveryKeyWithItsDefault(_ key: SettingKey) throws {
        let lines = try text("webhooks.ini").split(separator: "\n").map { line in
            line.hasPrefix("#") ? line.dropFirst() : line
        }
        let mentioned = lines.filter { $0.hasPrefix(key.name + " = ") }
        #expect(!mentioned.isEmpty, "\(key.name) is missing")
        let exceptions = ["spool", "outbox", "listen"]
        if let standard = key.standard, !exceptions.contains(key.name) {
            #expect(mentioned.contains { $0.hasSuffix(" = " + standard) }, "\(key.name): default \(standard)")
        }
    }

    @Test(arguments: SettingKey.all)
    func configurationGuideHasEveryKeyWithItsDefault(_ key: SettingKey) throws {
        let rows = try text("docs/configuration.md").split(separator: "\n")
            .filter { $0.hasPrefix("| ") && $0.prefix { $0 != "¹" }.contains("`\(key.name)`") }
        #expect(!rows.isEmpty, "\(key.name) is missing")
        if let standard = key.standard {
            #expect(rows.contains { $0.contains("| `\(standard)` |") }, "\(key.name): default \(standard)")
        }
    }

    @Test func webhooksINIIsRightAsItIs() throws {
        let sources = SettingsSources(
            environment: [:], home: nil, workingDirectory: "/", configFile: repository + "/webhooks.ini",
            files: DiskFiles())
        let (settings, problems) = Settings.load(sources)
        #expect(problems.isEmpty)
        let found = try #require(settings)
        #expect(found.spool == repository + "/run/spool")
        #expect(found.outbox == repository + "/run/outbox")
        #expect(found.listen == [.unix(path: repository + "/run/api.sock")])
        #expect(found.plugins.map(\.name) == ["hello_world"])
        #expect(found.plugins[0].hooks.names == ["on_created_file", "on_reuploaded_file"])
        #expect(found.plugins[0].url.source == "http://127.0.0.1:9000/")
    }

    @Test func webhooksINIIsRightWithEverythingSwitchedOn() throws {
        // Examples that go together: uncomment the plugin `example`, less what needs files that are not
        // there.
        let skipped = [
            "tls.", "auth", "preset", "template", "content_type", "local_plugins_folder", "allow_addresses",
            "batch",
        ]
        var lines: [Substring] = []
        for line in try text("webhooks.ini").split(separator: "\n", omittingEmptySubsequences: false) {
            let isExample = line.hasPrefix("#") && !line.hasPrefix("# ")
            let plain = isExample ? line.dropFirst() : line
            lines.append(skipped.contains { plain.hasPrefix($0) } ? "" : plain)
        }
        let written = lines.joined(separator: "\n")
            .split(separator: "plugins = hello_world").joined(separator: "plugins = hello_world, example")
            .split(separator: "body = json").joined(separator: "body = multipart")
        var files = MemoryFiles(["/site/webhooks.ini": String(written)])
        for name in ["mwdb.key", "receiver.secret"] {
            let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
            files.files["/etc/mwdb-webhooks/" + name] = .content(Array(secret.utf8), mode: 0o600)
        }
        var sources = SettingsSources.memory([:])
        sources.files = files
        let (settings, problems) = Settings.load(sources)
        #expect(problems.isEmpty, "\(problems)")
        #expect(settings?.plugins.map(\.name) == ["hello_world", "example"])
        #expect(settings?.plugin("example")?.writeBacks.count == 3)
    }
}

extension SettingKey: CustomTestStringConvertible {
    /// Names the key in the test report.
    public var testDescription: String { "[\(section.rawValue)] \(name)" }
}
