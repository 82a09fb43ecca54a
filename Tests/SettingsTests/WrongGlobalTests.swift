// Wrong configurations: files, sections, [webhooks] and [mwdb].

import Testing

@testable import Settings

struct WrongGlobalTests {
    static let sections: [WrongCase] = [
        WrongCase(Given.head + "» spol = x", "spol", "unknown key", remedy: "Write spool"),
        WrongCase(Given.head + "» Retention = 7d", "Retention", "unknown key", remedy: "Write retention"),
        WrongCase(Given.head + "» api_key = k", "api_key", "unknown key here", remedy: "Move it to [mwdb]"),
        WrongCase(
            Given.head + "» concurrency = 3", "concurrency", "unknown key here", remedy: "[plugin:NAME]"),
        WrongCase(Given.head + "» zzzzzzz = 3", "zzzzzzz", "unknown key", remedy: "docs/configuration.md"),
        WrongCase(Given.head + "» [webhook]\n", nil, "unknown section", remedy: "Write [webhooks]"),
        WrongCase(Given.head + "» [plugins:x]\n", nil, "unknown section", remedy: "Write [plugin:x]"),
        WrongCase(Given.head + "» [DEFAULT]\n", nil, "no [DEFAULT]", remedy: "into the sections"),
        WrongCase(Given.head + "» [plugin]\n", nil, "names no plugin", remedy: "Write [plugin:NAME]"),
        WrongCase(Given.head + "» [plugin:Hello World]\n", nil, "is no name for a plugin", remedy: "a-z"),
        WrongCase(Given.head + "» [plugin:mwdb]\n", nil, "cannot be called mwdb", remedy: "my_mwdb"),
        WrongCase(Given.head + "» [mwdb-core]\n", nil, "unknown section", remedy: "Write [mwdb]"),
        WrongCase(Given.good + "» [plugin:a]\n", nil, "stands twice", remedy: "Move its keys"),
        WrongCase(
            Given.good + "» url = http://x/\n", "url", "stands twice, first in line 9", remedy: "Remove one"),
        WrongCase(
            Given.head + "» retention 7d", nil, "`retention 7d` is no key = value",
            remedy: "Write key = value"),
    ]

    static let values: [WrongCase] = [
        WrongCase(
            Given.head + "» retention = a week", "retention", "is no duration", remedy: "default is 7d"),
        WrongCase(Given.head + "» retention = 7", "retention", "has no unit", remedy: "100ms, 5s"),
        WrongCase(Given.head + "» retention = 5s", "retention", "5s is not between 1m", remedy: "duration"),
        WrongCase(Given.head + "» copy_limit = big", "copy_limit", "is no size", remedy: "default is 16MB"),
        WrongCase(Given.head + "» min_free_space = -1GB", "min_free_space", "is no size", remedy: "size"),
        WrongCase(Given.head + "» max_event_size = 1KB", "max_event_size", "not between", remedy: "size"),
        WrongCase(Given.head + "» shutdown_timeout = 2h", "shutdown_timeout", "not between", remedy: "30s"),
        WrongCase(
            Given.head + "» enable_plugins = perhaps", "enable_plugins", "is not 1 or 0", remedy: "1 or 0"),
        WrongCase(
            Given.head + "» enable_plugins = 1 # all", "enable_plugins", "`1 # all`",
            remedy: "a line of its own"),
        WrongCase(Given.head + "» log_level = loud", "log_level", "is none of", remedy: "Write one of them"),
        WrongCase(Given.head + "» log_level = debugg", "log_level", "is none of", remedy: "Write debug"),
        WrongCase(Given.head + "» log_format = xml", "log_format", "journald, text, json", remedy: "Write"),
        WrongCase(
            Given.head + "» listen = nix:/a", "listen", "`nix:/a` is neither",
            remedy: "unix:PATH or HOST:PORT"),
        WrongCase(
            Given.head + "» listen = 127.0.0.1:99999", "listen", "is neither", remedy: "127.0.0.1:8090"),
        WrongCase(
            Given.head + "» listen = unix:/a, unix:/a", "listen", "unix:/a stands twice", remedy: "Write"),
        WrongCase(Given.head + "» listen =", "listen", "names no address", remedy: "Write unix:"),
        WrongCase(
            Given.head + "» listen = unix:/" + String(repeating: "a", count: 107), "listen", "107 bytes",
            remedy: "Write"),
        WrongCase(
            Given.head + "» listen = 127.0.0.1:8090", "listen", "no unix socket", remedy: "Add unix:",
            severity: .warning),
        WrongCase(
            "[webhooks]\nspool = /s\n» outbox = /s/", "outbox", "the same folder", remedy: "folder of its own"
        ),
        WrongCase(
            "[webhooks]\nspool = /s\n» outbox = /s/o", "outbox", "lie in each other", remedy: "its own"),
    ]

    static let plugins: [WrongCase] = [
        WrongCase(
            Given.head + "» plugins = drakvuff", "plugins", "no section [plugin:drakvuff]", remedy: "Add"),
        WrongCase(
            Given.head + "» plugins = drakvuff, a\n" + Given.section + "hooks = *\n[plugin:drakvuf]\n",
            "plugins",
            "no section [plugin:drakvuff]", remedy: "Write drakvuf"),
        WrongCase(
            Given.head + "» plugins = a, a\n" + Given.section + "hooks = *", "plugins", "twice",
            remedy: "Remove"),
        WrongCase(Given.head + "» plugins = A", "plugins", "is no name for a plugin", remedy: "a-z"),
        WrongCase(Given.head + "» plugins = all", "plugins", "cannot be called all", remedy: "my_all"),
        WrongCase(
            Given.head + "» local_plugins_autodiscover = 1", "local_plugins_autodiscover",
            "local_plugins_folder is not set", remedy: "Write local_plugins_folder"),
        WrongCase(
            Given.head + "local_plugins_autodiscover = 1\n» local_plugins_folder = none",
            "local_plugins_folder",
            "there is no folder /site/none", remedy: "Create it"),
        WrongCase(
            Given.head + "» local_plugins_folder = none", "local_plugins_folder",
            "there is no folder /site/none",
            remedy: "Create it", severity: .warning),
        WrongCase(
            Given.head + "» [plugin:b]\nurl = http://x/", nil, "is not enabled", remedy: "Add b to plugins",
            severity: .warning),
    ]

    static let mwdb: [WrongCase] = [
        WrongCase(
            Given.head + "[mwdb]\n» url = mwdb.example", "url", "does not begin with http://",
            remedy: "http://127.0.0.1:5000"),
        WrongCase(
            Given.head + "[mwdb]\n» url = http://mwdb/api", "url", "ends in /api",
            remedy: "http://127.0.0.1:5000"),
        WrongCase(
            Given.head + "[mwdb]\n» url = http://me:pw@mwdb/", "url", "holds a user name", remedy: "Write"),
        WrongCase(Given.head + "[mwdb]\n» url = http://mwdb:0/", "url", "has a port", remedy: "Write"),
        WrongCase(Given.head + "[mwdb]\n» url = http://", "url", "has no valid host", remedy: "Write"),
        WrongCase(Given.head + "[mwdb]\n» apikey = x", "apikey", "unknown key", remedy: "Write api_key"),
        WrongCase(
            Given.head + "[mwdb]\n» api_key = x", "api_key", "is set, but url is not", remedy: "Write url ="),
        WrongCase(
            Given.head + "[mwdb]\nurl = http://m/\n» api_key = a b", "api_key", "holds a blank",
            remedy: "Copy the key"),
    ]

    @Test(arguments: Self.sections) func wrongSection(_ wrong: WrongCase) { wrong.check() }
    @Test(arguments: Self.values) func wrongValue(_ wrong: WrongCase) { wrong.check() }
    @Test(arguments: Self.plugins) func wrongPlugin(_ wrong: WrongCase) { wrong.check() }
    @Test(arguments: Self.mwdb) func wrongMwdb(_ wrong: WrongCase) { wrong.check() }

    @Test func allProblemsAtOnceInTheOrderOfTheFile() {
        let loaded = Loaded(Given.good + "body = xml\nrate = fast\nconcurrency = none\nspol = x\n")
        #expect(loaded.errors.map(\.key) == ["body", "rate", "concurrency", "spol"])
        #expect(loaded.errors.map(\.line) == [11, 12, 13, 14])
    }

    @Test func aProblemIsPrintedWithEverythingThatIsKnown() {
        let loaded = Loaded(Given.head + "spol = x")
        let text = loaded.problems.map(\.description)
        #expect(text == ["/site/webhooks.ini:4: error: [webhooks] spol: unknown key. Write spool."])
    }

    @Test func theEnvironmentIsNamedWhereItIsWrong() {
        let loaded = Loaded(Given.head, environment: ["WEBHOOKS_RETENTION": "for ever"])
        #expect(loaded.errors.map(\.file) == ["environment WEBHOOKS_RETENTION"])
        #expect(loaded.errors.map(\.line) == [nil])
    }
}
