// Drop-ins, autodiscovery, and how section, drop-in and preset lie on each other.

import Model
import Testing

@testable import Settings

struct DropInTests {
    private let folder = [
        "/site/plugins/one.ini": "[plugin]\nurl = http://one/\nhooks = *\nconcurrency = 5\n",
        "/site/plugins/two/plugin.ini": "[plugin:two]\nurl = http://two/\nhooks = *\n",
        "/site/plugins/.one.ini.swp": "x", "/site/plugins/README": "x", "/site/plugins/old.ini~": "x",
        "/site/plugins/mwdb_plugin/__init__.py": "x",
    ]

    private func load(_ webhooks: String, _ more: [String: String] = [:]) -> Loaded {
        Loaded(
            "[webhooks]\nlocal_plugins_folder = ./plugins\n" + webhooks, files: folder.merging(more) { $1 })
    }

    @Test func listedOnesAreEnabled() throws {
        let loaded = load("plugins = two\n")
        #expect(loaded.errors.isEmpty)
        #expect(loaded.settings?.plugins.map(\.name) == ["two"])
        #expect(loaded.warnings.map(\.file) == ["/site/plugins/one.ini"])
        #expect(loaded.warnings.map(\.suggestion) == ["Add one to plugins in [webhooks]"])
    }

    @Test func autodiscoveryEnablesAllOnce() {
        let loaded = load("plugins = two\nlocal_plugins_autodiscover = 1\n")
        #expect(loaded.problems.isEmpty)
        #expect(loaded.settings?.plugins.map(\.name) == ["two", "one"])
    }

    @Test func aSectionLiesOnTopOfItsDropIn() {
        let loaded = load("plugins = one\n[plugin:one]\nurl = http://other/\n")
        #expect(loaded.errors.isEmpty)
        #expect(loaded.plugin?.url.source == "http://other/")
        #expect(loaded.plugin?.concurrency == 5)
    }

    @Test func aDropInLiesOnTopOfItsPreset() throws {
        let loaded = load(
            "plugins = p\n",
            [
                "/site/plugins/p.ini": "[plugin]\npreset = base\nurl = http://p/\nfield.b = 2\n",
                "/usr/share/mwdb-webhooks/presets/base.ini":
                    "[plugin]\nhooks = *\nbody = form\nfield.a = 1\nfield.b = 1\nrate = 1/s\n",
            ])
        #expect(loaded.errors.isEmpty)
        let plugin = try #require(loaded.plugin)
        #expect(plugin.fields.map(\.name) == ["a", "b"])
        #expect(plugin.fields.map(\.value.source) == ["1", "2"])
        #expect(plugin.rate == Rate(count: 1, period: .seconds(1)))
        #expect(loaded.settings?.files.last == "/usr/share/mwdb-webhooks/presets/base.ini")
    }

    @Test(arguments: [
        ("[plugin]\nurl = http://x/\nhooks = *\n[webhooks]\n", 4, "does not belong in a drop-in"),
        ("[plugin:other]\nurl = http://x/\nhooks = *\n", 1, "does not belong in a drop-in"),
        ("[plugin]\nurl = http://x/\nhooks = *\n[plugin:x]\n", 4, "a second section for the same plugin"),
        ("[plugin]\nurl = http://x/\nhooks = *\nconcurency = 3\n", 4, "unknown key"),
        ("[plugin]\nurl = http://x/\nhooks = on_made\n", 3, "there is no hook `on_made`"),
    ])
    func wrongDropIns(text: String, line: Int, message: String) {
        let loaded = load("plugins = x\n", ["/site/plugins/x.ini": text])
        let problem = loaded.errors.first { $0.message == message }
        #expect(problem?.file == "/site/plugins/x.ini")
        #expect(problem?.line == line)
    }

    @Test func aDropInThatIsThereTwice() {
        let loaded = load(
            "plugins = one\n", ["/site/plugins/one/plugin.ini": folder["/site/plugins/one.ini"] ?? ""])
        #expect(
            loaded.errors.map(\.message) == ["the plugin is there twice: as one.ini and as one/plugin.ini"])
    }

    @Test func aDropInWithANameThatIsNone() {
        let loaded = load("local_plugins_autodiscover = 1\n", ["/site/plugins/Bad Name.ini": "[plugin]\n"])
        #expect(loaded.errors.map(\.file) == ["/site/plugins/Bad Name.ini"])
    }

    @Test func relativePathsInADropInStartThere() {
        let loaded = load(
            "plugins = x\n",
            [
                "/site/plugins/x.ini": "[plugin]\nurl = http://x/\nhooks = *\nheader.A = ${file:key}\n",
                "/site/plugins/key": "k-4711",
            ])
        #expect(loaded.errors.isEmpty)
        #expect(loaded.settings?.secretValues.contains("k-4711") == true)
    }
}
