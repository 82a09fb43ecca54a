// The presets of deploy/presets: each loads as its own comments say, and sends what its receiver wants, also
// when names and tags are hostile.

import Model
import Testing

@testable import Settings

/// Files of the repository beside files in memory.
private struct RepositoryFiles: SettingsFiles {
    var memory: MemoryFiles

    func read(_ path: String, limit: Int) -> FileReading {
        path.hasPrefix(repository) ? DiskFiles().read(path, limit: limit) : memory.read(path, limit: limit)
    }

    func list(_ path: String) -> [String]? {
        path.hasPrefix(repository) ? DiskFiles().list(path) : memory.list(path)
    }
}

/// A plugin made from a preset with what its comments ask for.
struct PresetCase: CustomTestStringConvertible, Sendable {
    var name: String
    var lines: String
    var mwdb = "url = http://mwdb:5000\npublic_url = https://mwdb.example\napi_key = k-4711\n"

    var testDescription: String { name }

    static let all: [PresetCase] = [
        PresetCase(
            name: "drakvuf",
            lines: "url = http://drakvuf:5000/api/upload\npublic_url = https://drakvuf.example"),
        PresetCase(name: "drakvuf-0.18", lines: "url = http://drakvuf:6300/upload"),
        PresetCase(
            name: "cape",
            lines: "url = http://cape:8000/apiv2/tasks/create/file/\nheader.Authorization = Token ${env:KEY}"),
        PresetCase(name: "triage", lines: "auth.token = ${env:KEY}"),
        PresetCase(
            name: "assemblyline",
            lines: "url = https://al.example/api/v4/submit/\nheader.X-USER = mwdb\nauth.value = ${env:KEY}"),
        PresetCase(name: "virustotal", lines: "auth.value = ${env:KEY}"),
        PresetCase(
            name: "misp", lines: "url = https://misp.example/attributes/add/7\nauth.value = ${env:KEY}"),
        PresetCase(
            name: "slack", lines: "url = ${env:HOOK}",
            mwdb: "public_url = https://mwdb.example\nurl = http://m/\n"),
        PresetCase(name: "mattermost", lines: "url = ${env:HOOK}"),
        PresetCase(name: "discord", lines: "url = ${env:HOOK}"),
        PresetCase(
            name: "splunk",
            lines: "url = https://splunk:8088/services/collector/event\nauth.value = Splunk ${env:KEY}"),
        PresetCase(
            name: "elasticsearch",
            lines: "url = https://es:9200/mwdb-events/_bulk\nauth.value = ApiKey ${env:KEY}"),
    ]

    static func named(_ name: String) throws -> PresetCase {
        try #require(all.first { $0.name == name })
    }

    func load() -> Loaded {
        let text = "[webhooks]\nplugins = p\n[mwdb]\n\(mwdb)[plugin:p]\npreset = \(name)\n\(lines)\n"
        return Loaded(
            SettingsSources(
                environment: ["KEY": "key-4711", "HOOK": "https://hooks.example/services/T/B/x4711"],
                home: nil,
                workingDirectory: "/site", executable: repository + "/.build/debug/mwdb-webhooks",
                files: RepositoryFiles(memory: MemoryFiles(["/site/webhooks.ini": text]))))
    }

    func plugin() throws -> Plugin {
        let loaded = load()
        #expect(loaded.errors.isEmpty, "\(loaded.problems)")
        return try #require(loaded.plugin)
    }
}

struct PresetTests {
    /// An event of a tag on a file, with hostile text in it.
    private func context(tag: String = "malware", type: String = "PE32+ executable (GUI) x86-64") throws
        -> TemplateContext
    {
        let object = JSON.object([
            .init(key: "id", value: .string("ab12")), .init(key: "type", value: .string("file")),
            .init(key: "sha256", value: .string("ab12")), .init(key: "file_size", value: .number("4096")),
            .init(key: "file_type", value: .string(type)), .init(key: "tags", value: .array([])),
        ])
        let data = JSON.object([
            .init(key: "object", value: object), .init(key: "file", value: object),
            .init(key: "tag", value: .object([.init(key: "tag", value: .string(tag))])),
        ])
        let event = JSON.object([
            .init(key: "id", value: .string("e1")), .init(key: "type", value: .string("on_created_tag")),
            .init(key: "data", value: data),
        ])
        return TemplateContext(
            event: event, pluginName: "p", pluginPublicURL: "https://p.example",
            mwdbPublicURL: "https://mwdb.example")
    }

    private func body(_ plugin: Plugin, _ context: TemplateContext) throws -> JSON {
        try JSON.parse(Array(try #require(plugin.template).render(context, purpose: .json).utf8))
    }

    @Test(arguments: PresetCase.all)
    func loadsAsItsCommentsSay(_ preset: PresetCase) throws {
        let loaded = preset.load()
        #expect(loaded.problems.filter { $0.key != "copy_limit" }.isEmpty, "\(loaded.problems)")
        let plugin = try #require(loaded.plugin)
        #expect(!plugin.hooks.names.isEmpty || plugin.hooks.all)
        #expect(plugin.summary != nil)
    }

    @Test func thereIsACaseForEachPreset() {
        let files = DiskFiles().list(repository + "/deploy/presets") ?? []
        #expect(files.sorted() == PresetCase.all.map { $0.name + ".ini" }.sorted())
    }

    @Test(arguments: PresetCase.all)
    func eachBeginsWithWhatToSet(_ preset: PresetCase) throws {
        let path = repository + "/deploy/presets/" + preset.name + ".ini"
        guard case .content(let bytes, _) = DiskFiles().read(path, limit: 100_000) else {
            Issue.record("\(path) cannot be read")
            return
        }
        let head = String(decoding: bytes, as: UTF8.self).prefix { $0 != "[" }
        #expect(head.hasPrefix("# "))
        #expect(String(decoding: bytes, as: UTF8.self).contains("# Set in your section:"))
    }

    @Test func drakvufTakesBothKindsOfPEFiles() throws {
        for name in ["drakvuf", "drakvuf-0.18"] {
            let plugin = try PresetCase.named(name).plugin()
            #expect(
                plugin.filter.matches(try context(type: "PE32 executable (GUI) Intel 80386, for MS Windows")))
            #expect(
                plugin.filter.matches(try context(type: "PE32+ executable (console) x86-64, for MS Windows")))
            #expect(!plugin.filter.matches(try context(type: "ASCII text")))
            #expect(plugin.fields.map(\.name) == ["timeout"])
            #expect(plugin.fields.map(\.value.source) == ["600"])
            #expect(plugin.file.name.render(try context()) == "ab12.exe")
            #expect(plugin.extractions.map(\.source) == ["json:/task_uid"])
        }
    }

    @Test func drakvufsLinkIsWhereItsPagesAre() throws {
        let links = try ["drakvuf", "drakvuf-0.18"].map { name in
            let plugin = try PresetCase.named(name).plugin()
            guard case .attribute(let attribute)? = plugin.writeBacks.first else { return nil as String? }
            #expect(attribute.readers == "public")
            return attribute.urlTemplate
        }
        #expect(links == ["https://drakvuf.example/analysis/$value", "http://drakvuf:6300/progress/$value"])
    }

    @Test func capeSaysNoWithAStatusOf200() throws {
        let condition = try #require(try PresetCase.named("cape").plugin().successIf)
        func answer(_ body: String) -> Answer { Answer(status: 200, body: Array(body.utf8)) }
        #expect(condition.holds(answer(#"{"error":[],"data":{"task_ids":[7]}}"#)))
        #expect(condition.holds(answer(#"{"error":false,"data":{"task_ids":[7]}}"#)))
        #expect(!condition.holds(answer(#"{"error":true,"error_value":"no"}"#)))
    }

    @Test func mispKnowsItsOwnDuplicates() throws {
        let plugin = try PresetCase.named("misp").plugin()
        let known =
            #"{"saved":false,"errors":{"value":["A similar attribute already exists for this event."]}}"#
        #expect(plugin.deadIf?.holds(Answer(status: 403, body: Array(known.utf8))) == true)
        #expect(
            plugin.deadIf?.holds(Answer(status: 403, body: Array(#"{"name":"Authentication failed"}"#.utf8)))
                == false)
        let body = try body(plugin, try context(tag: "misp", type: "\"quoted\"\r\n{{event.id}}"))
        #expect(body["value"] == .string("ab12"))
        #expect(body["comment"] == .string("\"quoted\"\r\n{{event.id}}, https://mwdb.example/file/ab12"))
    }

    @Test func splunkGetsTheWholeEvent() throws {
        let plugin = try PresetCase.named("splunk").plugin()
        #expect(plugin.hooks.all)
        let context = try context()
        let body = try body(plugin, context)
        #expect(body["event"] == context.event)
        #expect(body["sourcetype"] == .string("mwdb:on_created_tag"))
        #expect(plugin.headers.map { $0.value.render(context, purpose: .header) } == ["Splunk key-4711"])
    }

    @Test func elasticsearchGetsAnActionAndADocument() throws {
        let plugin = try PresetCase.named("elasticsearch").plugin()
        #expect(plugin.batch.isOn && plugin.batch.format == .ndjson && plugin.batch.items == "/items")
        #expect(plugin.success.contains(409) && plugin.success.contains(201))
        let context = try context(tag: "\"}\n{\"delete\":{}}")
        let text = try #require(plugin.template).render(context, purpose: .json)
        let lines = try text.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
        #expect(lines.count == 2, "whatever the tag")
        #expect(lines.first?["create"]?["_id"]?.text == "e1")
        #expect(
            lines.last?["mwdb"] == context.data && lines.last?["event"]?["action"]?.text == "on_created_tag")
    }

    @Test(arguments: ["slack", "mattermost", "discord"])
    func chatsAreTextWhateverTheTag(_ name: String) throws {
        let plugin = try PresetCase.named(name).plugin()
        let hostile = "<!channel> @everyone <@U1> [x](http://evil) `*_~ \"\\\r\n</script>{{event.id}}\u{202E}"
        let body = try body(plugin, try context(tag: hostile))
        let text = try #require(body[name == "discord" ? "content" : "text"]?.text)
        #expect(!text.contains("<!channel>"))
        #expect(!text.contains("<@U1>"))
        #expect(!text.contains("@everyone"))
        #expect(!text.contains("](http://evil"))
        #expect(!text.contains("\n"))
        #expect(text.contains("{{event.id}}"))
        #expect(text.contains("https://mwdb.example/file/ab12"))
        if name == "discord" { #expect(body["allowed_mentions"]?["parse"] == .array([])) }
    }

    @Test(arguments: ["triage", "virustotal", "misp"])
    func whatGoesToOthersIsPickedByATag(_ name: String) throws {
        let plugin = try PresetCase.named(name).plugin()
        #expect(plugin.hooks.names == ["on_created_tag"])
        #expect(plugin.filter.matches(try context(tag: name)))
        #expect(!plugin.filter.matches(try context(tag: "other")))
    }

    @Test func assemblyLinesParametersAreJSON() throws {
        let plugin = try PresetCase.named("assemblyline").plugin()
        #expect(plugin.fields.map(\.name) == ["json"])
        #expect(plugin.file.field == "bin")
        let text = plugin.fields[0].value.render(try context())
        #expect(try JSON.parse(Array(text.utf8))["name"] == .string("ab12"))
        #expect(Set(plugin.headers.map(\.name)) == ["X-APIKEY", "X-USER"])
    }

    @Test func aMissingKeyOfAPresetIsNamedWhereItIsMissing() {
        var preset = PresetCase(name: "triage", lines: "")
        preset.mwdb = "url = http://m/\napi_key = k\n"
        let errors = preset.load().errors
        #expect(errors.map(\.suggestion) == ["Write auth.token = VALUE"])
        #expect(errors.first?.file?.hasSuffix("/deploy/presets/triage.ini") == true)
    }

    @Test func aMistypedPresetIsRecognised() {
        let errors = PresetCase(name: "drakvouf", lines: "url = http://x/\nhooks = *").load().errors
        #expect(errors.map(\.suggestion) == ["Write preset = drakvuf"])
        #expect(errors.map(\.line) == [8])
    }

    @Test func presetsMayBeElsewhere() {
        let text = "[webhooks]\nplugins = a\n[plugin:a]\npreset = own\n"
        let loaded = Loaded(
            text, files: ["/site/mine/own.ini": "[plugin]\nurl = http://own/\nhooks = *\n"],
            environment: ["WEBHOOKS_PRESETS": "mine"])
        #expect(loaded.errors.isEmpty)
        #expect(loaded.plugin?.url.source == "http://own/")
    }

    @Test func aPresetUsesNoOther() {
        let text = "[webhooks]\nplugins = a\n[plugin:a]\npreset = own\n"
        let loaded = Loaded(
            text,
            files: ["/p/own.ini": "[plugin]\npreset = drakvuf\nurl = http://own/\nhooks = *\n[other]\n"],
            environment: ["WEBHOOKS_PRESETS": "/p"])
        #expect(loaded.errors.map(\.line) == [2, 5])
    }
}
