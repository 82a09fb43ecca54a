// Man pages and completions are what the commands say now.

import Testing

@testable import mwdb_webhooks

@Suite("Man pages and completions")
struct ReferenceTests {
    @Test("deploy/man and deploy/completions are up to date")
    func current() throws {
        let files = try Reference.files()
        #expect(files.count > 15)
        for (path, text) in files {
            #expect(try file("deploy/" + path) == text, "run `mwdb-webhooks manual deploy`: \(path)")
        }
    }

    @Test("Every command that is shown has a page, and the program's page names it")
    func pages() throws {
        let files = try Reference.files()
        let program = try #require(files.first { $0.path == "man/mwdb-webhooks.1" }).text
        for command in MWDBWebhooks.configuration.groupedSubcommands.flatMap(\.subcommands)
        where command.configuration.shouldDisplay {
            let name = MWDBWebhooks.name(of: command)
            #expect(files.contains { $0.path == "man/mwdb-webhooks-\(name).1" }, "\(name)")
            #expect(
                program.contains(".BR mwdb\\-webhooks\\-\(name.replacing("-", with: "\\-")) (1)"), "\(name)")
        }
        #expect(!files.contains { $0.path.contains("manual") })
    }

    @Test("Text is no roff: what begins with a point, a quote or holds a backslash is shown as it is")
    func escaped() throws {
        let page = ManualPage(
            .object([
                .init(key: "commandName", value: .string("x")),
                .init(key: "abstract", value: .string("A \\n thing.")),
                .init(key: "discussion", value: .string("First.\n\n  .SH example\n  'x\n\n.TH last")),
            ]), title: "mwdb-webhooks-x", others: ["mwdb-webhooks"])
        let lines = page.text.split(separator: "\n")
        #expect(lines.contains("mwdb\\-webhooks\\-x \\- A \\en thing"))
        #expect(lines.contains("  .SH example"))
        #expect(lines.contains("  \\(aqx"))
        #expect(lines.contains("\\&.TH last"))
        #expect(lines.filter { $0 == ".nf" }.count == lines.filter { $0 == ".fi" }.count)
    }
}
