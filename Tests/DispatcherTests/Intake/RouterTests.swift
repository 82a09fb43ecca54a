// Which plugins get which event.

import Model
import Outbox
import Testing

@testable import Dispatcher

struct RouterTests {
    private func routed(
        _ line: [UInt8], _ plugins: [Plugin], ignoring: Set<String> = []
    ) -> [String] {
        arrival(line, plugins, ignoring: ignoring).plugins.map { plugins[Int($0.rawValue) - 1].name }
    }

    private func arrival(_ line: [UInt8], _ plugins: [Plugin], ignoring: Set<String> = []) -> Arrival {
        let numbered = plugins.enumerated().map { (PluginNumber(Int64($0.offset + 1)), $0.element) }
        return Router(
            plugins: numbered, ignoredActors: ignoring, mwdb: ("http://mwdb:5000", "https://mwdb.example")
        ).arrival(of: Event(line))
    }

    @Test func hooksDecide() {
        let plugins = [
            Plugin.named("files"), .named("tags", hooks: ["on_created_tag"]), .named("all", hooks: ["*"]),
            .named("created", hooks: ["on_created_*"]), .named("none", hooks: []),
        ]
        #expect(routed(Sample.file("1"), plugins) == ["files", "all", "created"])
        #expect(routed(Sample.tag("2", "x"), plugins) == ["tags", "all", "created"])
        #expect(routed(Sample.tag("3", "x", hook: "on_removed_tag"), plugins) == ["all"])
    }

    @Test func aHookOfANewerMWDBGoesToStarsAndGlobs() {
        let plugins = [
            Plugin.named("all", hooks: ["*"]), .named("created", hooks: ["on_created_*"]),
            .named("files"), .named("lost", hooks: ["source.lost"]),
        ]
        let new = Sample.line("1", "on_created_dream", data: [])
        #expect(routed(new, plugins) == ["all", "created"])
        #expect(routed(Sample.line("2", "on_dreamt", data: []), plugins) == ["all"])
        #expect(routed(Sample.line("3", "source.lost", data: []), plugins) == ["lost"])
    }

    @Test func disabledPluginsGetNothing() {
        let off = Plugin.named("off") { $0.enabled = false }
        #expect(routed(Sample.file("1"), [off, .named("on")]) == ["on"])
    }

    @Test func everyLineOfAFilterMustHold() {
        let pe = Plugin.named("pe") {
            $0.filter = try! Filter(parsing: [
                #"file.file_type startswith "PE32 executable" | "PE32+ executable""#, "file.file_size <= 3",
            ])
        }
        #expect(routed(Sample.file("1", content: "MZ"), [pe]) == ["pe"])
        #expect(routed(Sample.file("2", content: "MZ", kind: "PE32+ executable (GUI)"), [pe]) == ["pe"])
        #expect(routed(Sample.file("3", content: "MZMZ"), [pe]) == [])
        #expect(routed(Sample.file("4", kind: "ASCII text"), [pe]) == [])
    }

    @Test func filtersKnowMWDBAndTheirOwnPlugin() {
        func plugin(_ name: String) -> Plugin {
            .named(name) {
                $0.publicURL = "https://\(name).example"
                $0.filter = try! Filter(parsing: [
                    #"plugin.name == "second""#, #"plugin.public_url contains "second""#,
                    #"mwdb.public_url == "https://mwdb.example""#, #"mwdb.url == "http://mwdb:5000""#,
                ])
            }
        }
        #expect(routed(Sample.file("1"), [plugin("first"), plugin("second")]) == ["second"])
    }

    @Test func sendersOfSamplesSkipEventsWithoutAFile() {
        let sandbox = Plugin.named("sandbox", hooks: ["*"]) { $0.body = .multipart }
        let raw = Plugin.named("raw", hooks: ["*"]) { $0.body = .raw }
        let form = Plugin.named("form", hooks: ["*"]) {
            $0.body = .multipart
            $0.file.field = nil
        }
        let plugins = [sandbox, raw, form]
        #expect(routed(Sample.file("1"), plugins) == ["sandbox", "raw", "form"])
        #expect(routed(Sample.tag("2", "x"), plugins) == ["sandbox", "raw", "form"])
        #expect(routed(Sample.tag("3", "x", type: "static_config"), plugins) == ["form"])
    }

    @Test func contentIsNotedOnlyForThoseWhoSendIt() {
        let sandbox = Plugin.named("sandbox", hooks: ["*"]) { $0.body = .multipart }
        #expect(arrival(Sample.file("1"), [.named("files")]).content == nil)
        #expect(arrival(Sample.file("1"), [.named("files"), sandbox]).content == Sample.hash("MZ"))
        #expect(arrival(Sample.line("2", "on_created_user", data: []), [sandbox]).content == nil)
    }

    @Test(arguments: [
        ("on_created_tag", true), ("on_removed_tag", true), ("on_reuploaded_tag", true),
        ("on_created_attribute", true), ("on_removed_attribute", true), ("on_created_comment", true),
        ("on_removed_comment", true), ("on_changed_object", true), ("on_created_attribute_key", false),
        ("on_updated_attribute_key", false), ("on_created_file", false), ("on_reuploaded_object", false),
        ("on_created_relation", false), ("on_created_user", false),
    ])
    func ourOwnWritesAreSilencedWhereTheyWouldLoop(_ hook: String, _ silenced: Bool) {
        let writer = Plugin.named("writer", hooks: ["*"]) { $0.writeBacks = [.tag(.of("seen"))] }
        let reader = Plugin.named("reader", hooks: ["*"])
        let line = Sample.line("1", hook, actor: "svc", data: [])
        #expect(
            routed(line, [writer, reader], ignoring: ["svc"])
                == (silenced ? ["reader"] : ["writer", "reader"]))
        let other = Sample.line("1", hook, actor: "alice", data: [])
        #expect(routed(other, [writer, reader], ignoring: ["svc"]) == ["writer", "reader"])
    }

    @Test func anEventNobodyWantsHasNoPlugins() {
        let arrival = arrival(Sample.file("1"), [.named("tags", hooks: ["on_created_tag"])])
        #expect(arrival.plugins.isEmpty && arrival.content == nil)
    }
}
