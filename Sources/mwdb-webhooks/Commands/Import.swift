// `import`: events from NDJSON, ids and bytes as they are, as if MWDB's event source had written them.
// Failure: lines that are no events are named and left out; what was taken in stays, and is known the next time.

import ArgumentParser
import Glibc
import Model

/// Takes in events from NDJSON.
struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take in events from a file, one JSON object a line.",
        discussion: """
            What `export` wrote, or any events of their shape (docs/schemas/event.schema.json). Ids and bytes stay as they \
            are, and every plugin that wants an event gets it, as if MWDB had just written it. An event that is known \
            already is not delivered again, so a broken off import is simply run once more. Lines that are no events, \
            or whose id belongs to other bytes, are named and left out; then it exits 1.

              mwdb-webhooks import events.ndjson
              zcat events.ndjson.gz | mwdb-webhooks import -
            """)

    @Argument(help: "The file; `-` is standard input.", completion: .file()) var file: String
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    /// Most lines and bytes that are sent together; a single line may be longer.
    private static let mostLines = 500
    private static let mostBytes = 4 << 20

    func run() throws {
        let client = try daemon.client()
        var source = try LineSource(file)
        defer { source.close() }
        var report = ImportReport()
        let work = LongWork(report.text)
        defer { work.end() }
        while true {
            var batch: [ImportBatch.Line] = []
            var bytes = 0
            while batch.count < Self.mostLines, bytes < Self.mostBytes, let line = try source.next() {
                guard !line.bytes.allSatisfy({ [9, 13, 32].contains($0) }) else { continue }
                batch.append(line)
                bytes += line.bytes.count
            }
            guard !batch.isEmpty else { break }
            try ImportBatch(lines: batch).send(client, &report)
            work.note(source.share.map { "\($0) %, " + report.text } ?? report.text)
        }
        work.end()
        if output.json {
            try Terminal.standard.write(json: report.json.serialised())
        } else {
            try Terminal.standard.write(report.text)
        }
        if report.refused > 0 { throw ExitCode(1) }
    }
}
