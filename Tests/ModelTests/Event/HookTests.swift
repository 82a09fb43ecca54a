// The catalogue of hooks, and static checks of paths against it.

import Testing

@testable import Model

@Suite struct HookTests {
    @Test func thereAre34() {
        #expect(Hook.all.count == 34)
        #expect(Set(Hook.all.map(\.name)).count == 34)
        #expect(Hook.all.allSatisfy { EventName.isType($0.name.utf8) && $0.name.hasPrefix("on_") })
        #expect(Hook.operational.allSatisfy { EventName.isType($0.name.utf8) })
    }

    @Test func parametersAreAsRecorded() throws {
        #expect(
            try #require(Hook.named("on_created_membership")).parameters.map(\.name) == ["group", "user"])
        #expect(
            try #require(Hook.named("on_removed_relation")).parameters.map(\.name) == ["parent", "child"])
        #expect(
            try #require(Hook.named("on_updated_attribute_key")).parameters.map(\.name) == ["attribute_def"])
        #expect(
            try #require(Hook.named("source.lost")).parameters.map(\.name) == [
                "count", "first", "last", "reason",
            ])
        #expect(Hook.named("on_created_nothing") == nil)
    }

    @Test func noHookTellsPasswords() {
        for kind in Hook.Kind.allCases {
            #expect(
                !Hook.fields(of: kind).contains {
                    ["password_hash", "password_ver", "identity_ver", "version_uid"].contains($0)
                })
        }
    }

    @Test(arguments: [
        ("on_created_file", "file.sha256", true), ("on_created_file", "file", true),
        ("on_created_file", "file.tags.0", true),
        ("on_created_file", "file.tags.x", false), ("on_created_file", "file.sha256.0", false),
        ("on_created_file", "object.id", false), ("on_created_file", "event.id", true),
        ("on_created_file", "event.nope", false),
        ("on_created_tag", "file.sha256", true), ("on_created_tag", "object.family", true),
        ("on_created_tag", "tag.tag", true),
        ("on_created_relation", "file.id", false), ("on_created_relation", "parent.sha256", true),
        ("on_created_config", "config.cfg.c2.0", true), ("on_created_config", "config.sha256", false),
        ("on_created_attribute", "attribute.value.score", true), ("source.lost", "count", true),
        ("source.lost", "count.x", false), ("on_created_user", "user.password_hash", false),
        ("on_created_file", "", false),
        ("on_created_file", ".", false),
    ])
    func paths(hook: String, path: String, expected: Bool) throws {
        #expect(try #require(Hook.named(hook)).has(path: path) == expected)
    }

    @Test func problemsComeWithASuggestion() throws {
        let file = try #require(Hook.named("on_created_file"))
        let tag = try #require(Hook.named("on_created_tag"))
        #expect(Hook.problem(with: "file.sha256", in: [file]) == nil)
        #expect(
            Hook.problem(with: "file.sha265", in: [file])
                == "on_created_file has no `file.sha265`; did you mean `file.sha256`?")
        #expect(Hook.problem(with: "tag.tag", in: [file, tag]) == nil)
        #expect(
            Hook.problem(with: "user.login", in: [file, tag])?.hasPrefix(
                "none of the plugin's hooks has `user.login`") == true)
        #expect(Hook.problem(with: "task_uid", in: [file], extracted: ["task_uid"]) == nil)
        #expect(
            Hook.problem(with: "task_udi", in: [file], extracted: ["task_uid"])?.contains("`task_uid`")
                == true)
    }

    @Test func selections() {
        let selection = HookSelection(
            names: ["on_created_file", "source.lost"], globs: ["on_removed_*", "*_tag"])
        #expect(selection.contains("on_created_file"))
        #expect(selection.contains("source.lost"))
        #expect(selection.contains("on_removed_anything_new"))
        #expect(selection.contains("on_created_tag"))
        #expect(!selection.contains("on_created_config"))
        #expect(!selection.contains("source.other"))
        #expect(HookSelection(all: true).contains("on_invented_later"))
        #expect(!HookSelection(all: true).contains("source.lost"))
        #expect(!HookSelection(all: true).contains("plugin.paused"))
        let own = HookSelection(globs: ["plugin.*", "*_full", "*"])
        #expect(own.contains("plugin.suspended") && own.contains("plugin.recovered"))
        #expect(!own.contains("outbox.nearly_full") && !own.contains("delivery.dead"))
        #expect(!HookSelection.none.contains("on_created_file"))
        #expect(HookSelection.matches("", glob: "*"))
        #expect(!HookSelection.matches("abc", glob: "a*bc*d"))
        #expect(HookSelection.matches("abcbcd", glob: "a*bc*d"))
        #expect(
            !HookSelection.matches(
                String(repeating: "a", count: 64), glob: String(repeating: "*a", count: 30) + "*b"))
    }
}
