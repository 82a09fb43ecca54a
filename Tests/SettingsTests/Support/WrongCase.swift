// One wrong configuration: the line that is wrong is marked with `» `, and what is said about it.

import Testing

@testable import Settings

/// A wrong configuration and what must be said about it.
struct WrongCase: CustomTestStringConvertible, Sendable {
    /// The file's text without the mark.
    var text: String
    /// Number of the marked line, from 1.
    var line: Int
    /// Key that must be named; nil: none.
    var key: String?
    /// Part of the message.
    var message: String
    /// Part of the remedy.
    var remedy: String
    var severity = SettingsProblem.Severity.error

    /// A case from marked text.
    init(
        _ marked: String, _ key: String?, _ message: String, remedy: String,
        severity: SettingsProblem.Severity = .error
    ) {
        let rows = marked.split(separator: "\n", omittingEmptySubsequences: false)
        line = (rows.firstIndex { $0.contains("» ") } ?? -2) + 1
        text = marked.split(separator: "» ").joined()
        (self.key, self.message, self.remedy) = (key, message, remedy)
        self.severity = severity
    }

    var testDescription: String { "\(key ?? "-"): \(message)" }

    /// Loads it and checks that the problem is there, and that it is the only error.
    func check() {
        let loaded = Loaded(text)
        #expect((loaded.settings == nil) == (severity == .error))
        let found = loaded.problems.filter { $0.severity == severity }
        #expect(found.count == 1, "\(found.map(\.description))")
        guard let problem = found.first else { return }
        #expect(problem.file == "/site/webhooks.ini")
        #expect(problem.line == line)
        #expect(problem.key == key)
        #expect(problem.message.contains(message), "\(problem)")
        #expect(problem.suggestion.contains(remedy), "\(problem)")
    }
}

/// Begins of configurations.
enum Given {
    static let head = "[webhooks]\nspool = /s\noutbox = /o\n"
    static let plugins = head + "plugins = a\n"
    static let mwdb = "[mwdb]\nurl = http://mwdb:5000\napi_key = k-4711\n"
    static let section = "[plugin:a]\nurl = http://r:9000/in\n"
    /// A plugin for files, to which lines can be added.
    static let good = plugins + mwdb + section + "hooks = on_created_file\n"
    /// The same for tags.
    static let tags = plugins + mwdb + section + "hooks = on_created_tag\n"
}
