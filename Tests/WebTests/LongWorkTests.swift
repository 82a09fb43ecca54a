// Commands that take long say so, and those that do not say nothing; and every command is timed by `bench pages`.

import ArgumentParser
import Glibc
import Model
import Testing

@testable import Bench
@testable import mwdb_webhooks

@Suite("Long work", .timeLimit(.minutes(1)))
struct LongWorkTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test("Plain lines come at once and then every ten seconds")
    func plain() {
        var lines = LongWorkLines(width: nil)
        #expect(lines.next("a", at: at(0)) == "a\n")
        #expect(lines.next("b", at: at(9_999)) == nil)
        #expect(lines.next("c", at: at(10_000)) == "c\n")
        #expect(lines.end == nil)
    }

    @Test("On a terminal one line is kept up to date, no wider than it, and is gone at the end")
    func terminal() {
        var lines = LongWorkLines(width: 8)
        #expect(lines.end == nil, "nothing was written")
        #expect(lines.next("0123456789", at: at(0)) == "\r\u{1b}[K" + Columns.cut("0123456789", to: 7))
        #expect(lines.next("b", at: at(200)) == "\r\u{1b}[Kb")
        #expect(lines.end == "\r\u{1b}[K")
    }

    @Test("What a command works on is said while it works")
    func said() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let work = LongWork("5 of 9 \u{1b}[2J", on: Terminal(descriptor: ends[1]))
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = read(ends[0], &bytes, bytes.count)
        #expect(String(decoding: bytes[..<max(count, 0)], as: UTF8.self) == "5 of 9 \\x1b[2J\n")
        work.end()
        work.end()
        close(ends[0])
        close(ends[1])
    }

    @Test("How much of a file was read is known, of a pipe it is not")
    func share() throws {
        let path = "/tmp/mwdb-webhooks-lines-\(getpid())"
        defer { unlink(path) }
        let file = try #require(fopen(path, "w"))
        fputs("aaaa\nbbbb\ncc\n", file)
        fclose(file)
        var source = try LineSource(path)
        defer { source.close() }
        #expect(source.share == 0)
        _ = try source.next()
        _ = try source.next()
        #expect(source.share == 76)
        _ = try source.next()
        #expect(source.share == 100)
        #expect(try LineSource("/dev/null").share == nil)
    }

    @Test("Every command is timed on a full outbox, or named as left out")
    func timed() {
        let commands = PagesCommands(event: "E", delivery: "E/p", plugin: "p", folder: "/f")
        let lists = [commands.answering, commands.changing, commands.working, commands.jobs]
        let timed = Set(lists.joined().compactMap { $0.split(separator: " ").first.map(String.init) })
            .union(PagesCommands.around).union(PagesCommands.leftOut)
        let all = MWDBWebhooks.configuration.groupedSubcommands.flatMap(\.subcommands)
            .filter { $0.configuration.shouldDisplay }.map { MWDBWebhooks.name(of: $0) }
        #expect(Set(all) == timed)
    }
}
