// What is shown of the settings in force, and what the event source is asked for.

import Model
import Testing

@testable import Settings

struct EffectiveTests {
    @Test func eachSettingSaysWhereItWasWritten() throws {
        let loaded = Loaded(
            one("rate = 1/s\nfield.b = 2\nbody = form\nfield.a = 1"),
            files: ["/etc/mwdb-webhooks/webhooks.ini": "[plugin:a]\nconcurrency = 3\nrate = 9/s\n"])
        let shown = try #require(loaded.settings?.effectivePlugins["a"])
        func origin(_ key: String) -> String? { shown.first { $0.key == key }?.origin.description }
        #expect(origin("rate") == "/site/webhooks.ini:10")
        #expect(origin("concurrency") == "/etc/mwdb-webhooks/webhooks.ini:2")
        #expect(origin("timeout") == "default")
        #expect(origin("tag") == nil, "what is not set and has no default is not shown")
        #expect(shown.first { $0.key == "rate" }?.value == "1/s")
        #expect(shown.map(\.key).filter { $0.hasPrefix("field.") } == ["field.b", "field.a"])
        #expect(shown.map(\.key).first == "enabled")
    }

    @Test func referencesAreShownAndPlainSecretsAreNot() throws {
        let loaded = Loaded(
            one(
                """
                header.Authorization = Token ${env:T}
                header.X-Api-Key = plain-key-4711
                header.X-Source = mwdb
                secret = whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, ${env:S}
                """),
            environment: ["T": "tok-4711", "S": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])
        #expect(loaded.errors.isEmpty)
        let shown = try #require(loaded.settings?.effectivePlugins["a"])
        func value(_ key: String) -> String? { shown.first { $0.key == key }?.value }
        #expect(value("header.Authorization") == "Token ${env:T}")
        #expect(value("header.X-Api-Key") == "[redacted]")
        #expect(value("header.X-Source") == "mwdb")
        #expect(value("secret") == "[redacted]")
        let global = try #require(loaded.settings?.effective)
        #expect(global.first { $0.key == "mwdb.api_key" }?.value == "[redacted]")
    }

    @Test func filesAreListedTheStrongestFirst() throws {
        let loaded = Loaded(one(), files: ["/etc/mwdb-webhooks/webhooks.ini": "[webhooks]\n"])
        #expect(loaded.settings?.files == ["/site/webhooks.ini", "/etc/mwdb-webhooks/webhooks.ini"])
    }
}

struct SubscriptionTests {
    private func subscriptions(_ plugins: String, mwdb: String = Given.mwdb) throws -> Subscriptions {
        let text = "[webhooks]\nplugins = a, b\ncopy_limit = 5MB\nmin_free_space = 2GB\n" + mwdb + plugins
        let loaded = Loaded(text)
        #expect(loaded.errors.isEmpty, "\(loaded.errors)")
        return try #require(loaded.settings).subscriptions
    }

    private let files =
        "[plugin:a]\nurl = http://a/\nbody = multipart\nhooks = on_created_file, on_created_user\n"

    @Test func hooksOfAllPluginsAndContentOfSome() throws {
        let found = try subscriptions(
            files + "[plugin:b]\nurl = http://b/\nhooks = on_created_tag, on_removed_*\n")
        #expect(!found.all)
        #expect(found.hooks.contains("on_created_file"))
        #expect(found.hooks.contains("on_removed_object"))
        #expect(found.hooks.contains("on_removed_*"), "for hooks of a newer MWDB")
        #expect(!found.hooks.contains("on_created_object"))
        #expect(found.contentHooks == ["on_created_file"])
        #expect(found.copyLimit == 5_000_000)
        #expect(found.minimumFreeSpace == 2_000_000_000)
    }

    @Test func allHooksAndTheContentOfThoseThatHaveFiles() throws {
        let found = try subscriptions(
            files.split(separator: "on_created_file, on_created_user").joined(separator: "*")
                + "[plugin:b]\nurl = http://b/\nhooks = on_created_tag\n")
        #expect(found.all)
        #expect(found.contentHooks.contains("on_created_tag"))
        #expect(found.contentHooks.contains("on_changed_object"))
        #expect(!found.contentHooks.contains("on_created_user"))
        #expect(!found.contentHooks.contains("on_created_config"))
    }

    @Test func disabledPluginsWantNothing() throws {
        let found = try subscriptions(
            files + "enabled = 0\n[plugin:b]\nurl = http://b/\nhooks = on_created_tag\n")
        #expect(found.hooks == ["on_created_tag"])
        #expect(found.contentHooks.isEmpty)
    }

    @Test func withoutAnAPIKeyCopyingHasNoLimitAndThatIsSaid() throws {
        let text = "[webhooks]\nplugins = a\ncopy_limit = 5MB\n" + files
        let loaded = Loaded(text)
        #expect(loaded.settings?.subscriptions.copyLimit == nil)
        #expect(loaded.warnings.map(\.key) == ["copy_limit"])
        #expect(loaded.warnings.map(\.line) == [3])
        let none = Loaded("[webhooks]\nplugins = a\n[plugin:a]\nurl = http://a/\nhooks = *\n")
        #expect(none.warnings.isEmpty, "nobody wants samples")
    }

    @Test func isWrittenAsTheSourceReadsIt() throws {
        let some = Subscriptions(
            all: false, hooks: ["on_a", "on_b"], contentHooks: ["on_a"], copyLimit: 5, minimumFreeSpace: 7)
        #expect(
            String(decoding: some.serialised(), as: UTF8.self)
                == #"{"version": 1, "hooks": ["on_a", "on_b"], "content": ["on_a"], "copy_limit": 5, "min_free_space": 7}"#
                + "\n")
        let all = Subscriptions(all: true, hooks: [], contentHooks: [], copyLimit: nil, minimumFreeSpace: 0)
        let json = try JSON.parse(Array(all.serialised().dropLast()))
        #expect(json["hooks"] == .string("*"))
        #expect(json["copy_limit"] == .null)
    }
}
