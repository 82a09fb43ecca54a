// The log: one line a message whatever is in it, in the format that its reader wants, without secrets.

import Glibc
import Logging
import Model
import Settings
import Testing

@testable import mwdb_webhooks

@Suite("Log")
struct LogTests {
    private func line(_ level: Logger.Level = .warning) -> LogLine {
        LogLine(
            time: Timestamp(milliseconds: 1_795_458_483_266), level: level, message: "Lost\n<0>forged",
            fields: [("a", "plain"), ("b", "two words"), ("c", "q\"=\u{1b}\n"), ("d", "")])
    }

    private func text(_ format: LogFormat, _ level: Logger.Level = .warning) -> String {
        String(decoding: line(level).bytes(format), as: UTF8.self)
    }

    @Test("journald's format begins with the priority and is one line")
    func journald() {
        #expect(
            text(.journald) == "<4>Lost\\n<0>forged a=plain b=\"two words\" c=\"q\\\"=\\x1b\\n\" d=\"\"\n")
        let priorities: [(Logger.Level, String)] = [
            (.trace, "<7>"), (.debug, "<7>"), (.info, "<6>"), (.notice, "<5>"), (.error, "<3>"),
            (.critical, "<2>"),
        ]
        for (level, priority) in priorities { #expect(text(.journald, level).hasPrefix(priority)) }
    }

    @Test("Text has time and level")
    func plain() {
        #expect(text(.text).hasPrefix("2026-11-23T18:28:03.266Z warning  Lost\\n<0>forged a=plain"))
    }

    @Test("JSON is one object a line")
    func json() throws {
        let bytes = line().bytes(.json)
        #expect(bytes.count { $0 == 10 } == 1)
        let value = try JSON.parse(Array(bytes.dropLast()))
        #expect(value["message"] == .string("Lost\n<0>forged"))
        #expect(value["c"] == .string("q\"=\u{1b}\n"))
        #expect(value["level"] == .string("warning"))
    }

    @Test("An endless value is cut")
    func cut() {
        let line = LogLine(
            time: Timestamp(milliseconds: 0), level: .info, message: "m",
            fields: [("a", String(repeating: "x", count: 100_000))])
        #expect(line.bytes(.journald).count < 5_000)
        #expect(line.bytes(.json).count < 5_000)
    }

    @Test("The journal's stream is known by device and inode, not by the variable alone")
    func journal() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        var information = stat()
        try #require(fstat(ends[1], &information) == 0)
        let name = "\(information.st_dev):\(information.st_ino)"
        #expect(LogOutput.isJournal(["JOURNAL_STREAM": name], descriptor: ends[1]))
        #expect(!LogOutput.isJournal(["JOURNAL_STREAM": name + "0"], descriptor: ends[1]))
        #expect(!LogOutput.isJournal([:], descriptor: ends[1]))
        for end in ends { close(end) }
    }

    @Test("Through swift-log: level and secrets change with the settings, secrets are replaced")
    func throughLogger() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        var settings = Settings()
        settings.secretValues = ["hunter2hunter2"]
        settings.logFormat = .auto
        let output = LogOutput(settings: settings, isJournal: true, descriptor: ends[1])
        #expect(output.format == .journald)
        var log = Logger(label: "test", factory: { _ in LineLogHandler(output) })
        log[metadataKey: "plugin.name"] = "drakvuf"
        log.debug("not yet")
        log.warning(
            "Echoed hunter2hunter2", metadata: ["answer": "x hunter2hunter2 y", "n": .array(["1", "2"])])
        settings.logLevel = .debug
        settings.secretValues = ["another-secret"]
        output.apply(settings)
        log.debug("now", metadata: ["a": "another-secret", "dict": .dictionary(["k": "v"])])
        close(ends[1])
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(ends[0], &buffer, buffer.count)
        close(ends[0])
        let lines = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n")
        #expect(
            lines == [
                "<4>Echoed [redacted] answer=\"x [redacted] y\" n=\"1, 2\" plugin.name=drakvuf",
                "<7>now a=[redacted] dict.k=v plugin.name=drakvuf",
            ])
    }
}
