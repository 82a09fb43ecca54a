// docs/commands.md has every command with every option, and no option that is gone.

import ArgumentParser
import Testing

@testable import mwdb_webhooks

@Suite("Commands' documentation")
struct CommandDocumentTests {
    /// Commands of other files' documents.
    private static let elsewhere: Set<String> = ["bench"]

    private var commands: [any ParsableCommand.Type] {
        MWDBWebhooks.configuration.groupedSubcommands.flatMap(\.subcommands)
            .filter { $0.configuration.shouldDisplay }
    }

    private func name(_ command: any ParsableCommand.Type) -> String { MWDBWebhooks.name(of: command) }

    private func options(_ help: String) -> Set<String> {
        Set(help.matches(of: /--[a-z][a-z-]+/).map { String($0.0) }).subtracting(["--version", "--help"])
    }

    @Test("Every command has a section and all its options are explained")
    func complete() throws {
        let text = try file("docs/commands.md")
        for command in commands {
            let name = name(command)
            #expect(text.contains("`\(name)") && text.contains("### "), "\(name)")
            guard !Self.elsewhere.contains(name) else { continue }
            for option in options(MWDBWebhooks.helpMessage(for: command, columns: 100)) {
                #expect(text.contains(option), "\(name) \(option)")
            }
        }
    }

    @Test("No option is documented that no command has")
    func current() throws {
        let known = commands.reduce(into: Set<String>()) { known, command in
            known.formUnion(options(MWDBWebhooks.helpMessage(for: command, columns: 100)))
        }
        for option in options(try file("docs/commands.md")) { #expect(known.contains(option), "\(option)") }
    }

    @Test("Every command's help explains itself with an example")
    func examples() {
        for command in commands {
            let help = MWDBWebhooks.helpMessage(for: command, columns: 100)
            #expect(help.contains("  mwdb-webhooks \(name(command))"), "\(name(command))")
        }
    }
}
