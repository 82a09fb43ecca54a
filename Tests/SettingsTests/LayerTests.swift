// Which layer wins, key by key, and where relative paths start.

import Model
import Testing

@testable import Settings

struct LayerTests {
    @Test func blanksInAHeaderLoseNoSettings() {
        let loaded = Loaded(one("concurrency = 7").replacing("[plugin:a]", with: "[plugin: a]"))
        #expect(loaded.problems.isEmpty)
        #expect(loaded.plugin?.concurrency == 7)
    }

    private let layers = [
        "/site/webhooks.ini": "[webhooks]\nretention = 1d\nspool = run/spool\n",
        "/home/me/.mwdb-webhooks/webhooks.ini": "[webhooks]\nretention = 2d\ncopy_limit = 2MB\n",
        "/etc/mwdb-webhooks/webhooks.ini":
            "[webhooks]\nretention = 3d\ncopy_limit = 3MB\noutbox = data\nlog_level = debug\n",
    ]

    @Test func theNearerFileWinsKeyByKey() throws {
        let settings = try #require(Settings.load(.memory(layers)).0)
        #expect(settings.retention == .days(1))
        #expect(settings.copyLimit == 2_000_000)
        #expect(settings.logLevel == .debug)
        #expect(settings.files.first == "/site/webhooks.ini")
    }

    @Test func theEnvironmentWinsOverAllFiles() throws {
        let environment = ["WEBHOOKS_RETENTION": "5d", "WEBHOOKS_COPY_LIMIT": "", "WEBHOOKS_URL": "ignored"]
        let settings = try #require(Settings.load(.memory(layers, environment: environment)).0)
        #expect(settings.retention == .days(5))
        #expect(settings.copyLimit == 2_000_000, "an empty variable is not set")
        let shown = settings.effective.first { $0.key == "retention" }
        #expect(shown?.origin == .environment("WEBHOOKS_RETENTION"))
    }

    @Test func configReplacesTheFiles() throws {
        let files = layers.merging(["/site/my.ini": "[webhooks]\nlog_level = error\n"]) { $1 }
        let settings = try #require(Settings.load(.memory(files, configFile: "my.ini")).0)
        #expect(settings.logLevel == .error)
        #expect(settings.retention == .days(7))
        #expect(settings.files == ["/site/my.ini"])
    }

    @Test func configThatIsNotThereIsAnError() {
        let (settings, problems) = Settings.load(.memory(layers, configFile: "/no.ini"))
        #expect(settings == nil)
        #expect(problems.map(\.file) == ["/no.ini"])
    }

    @Test func noFileAtAllIsOnlyDoubtful() {
        let (settings, problems) = Settings.load(.memory([:]))
        #expect(settings != nil)
        #expect(problems.map(\.severity) == [.warning])
    }

    @Test func relativePathsStartAtTheirFile() throws {
        let settings = try #require(Settings.load(.memory(layers)).0)
        #expect(settings.spool == "/site/run/spool")
        #expect(settings.outbox == "/etc/mwdb-webhooks/data")
        let environment = ["WEBHOOKS_SPOOL": "./s/../t", "WEBHOOKS_LISTEN": "unix:~/a.sock"]
        let other = try #require(Settings.load(.memory(layers, environment: environment)).0)
        #expect(other.spool == "/site/t")
        #expect(other.listen == [.unix(path: "/home/me/a.sock")])
    }

    @Test func aPluginsSectionIsLayeredToo() throws {
        let near = "[webhooks]\nplugins = a\n[plugin:a]\nurl = http://near/\n"
        let far = "[plugin:a]\nurl = http://far/\nhooks = *\nconcurrency = 3\n"
        let loaded = Loaded(near, files: ["/etc/mwdb-webhooks/webhooks.ini": far])
        #expect(loaded.plugin?.url.source == "http://near/")
        #expect(loaded.plugin?.concurrency == 3)
        #expect(loaded.plugin?.hooks.all == true)
    }

    @Test func anEmptyValueTakesBackAWeakerOne() throws {
        let near = "[webhooks]\nplugins = a\n[plugin:a]\nrate =\n"
        let far = "[plugin:a]\nurl = http://far/\nhooks = *\nrate = 1/s\n"
        let loaded = Loaded(near, files: ["/etc/mwdb-webhooks/webhooks.ini": far])
        #expect(loaded.plugin?.rate == nil)
        #expect(loaded.errors.isEmpty)
    }

    @Test func defaultsAreThoseOfTheTable() throws {
        var text = "[webhooks]\nplugins = a\n"
        for key in SettingKey.webhooks {
            if let standard = key.standard { text += "\(key.name) = \(standard)\n" }
        }
        text += "[plugin:a]\nurl = http://x/\nhooks = *\n"
        for key in SettingKey.plugin where key.name != "file.field" && key.name != "file.content_type" {
            if let standard = key.standard { text += "\(key.name) = \(standard)\n" }
        }
        let written = Loaded(text)
        #expect(written.errors.isEmpty)
        var spelled = try #require(written.settings)
        var bare = try #require(
            Loaded("[webhooks]\nplugins = a\n[plugin:a]\nurl = http://x/\nhooks = *\n").settings)
        #expect(spelled.plugins == bare.plugins)
        (spelled.effective, bare.effective) = ([], [])
        (spelled.effectivePlugins, bare.effectivePlugins) = ([:], [:])
        #expect(spelled == bare)
    }

    @Test func mistypedVariablesAreMentioned() {
        let environment = ["WEBHOOKS_SPOL": "/x", "WEBHOOKS_PORT_80_TCP": "tcp://10.0.0.1:80"]
        let loaded = Loaded("[webhooks]\n", environment: environment)
        #expect(loaded.problems.map(\.file) == ["environment WEBHOOKS_SPOL"])
        #expect(loaded.problems.first?.suggestion == "Write WEBHOOKS_SPOOL")
    }
}
