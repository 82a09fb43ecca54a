// `export`: events as they are stored, one a line, for `import`, another tool, or a test installation.

import ArgumentParser
import Glibc
import Model

/// Writes events as NDJSON.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write events as they are stored, one JSON object a line.",
        discussion: """
            Oldest first, byte for byte as MWDB wrote them, until nothing newer is there; only on a terminal what it would \
            act on is escaped. Events that no plugin wanted, \
            or whose time is over, are not kept and not among them; what became of their deliveries is not either. To \
            standard output unless --output names a file, which must not be there yet.

              mwdb-webhooks export --hook on_created_file --since 1d > files.ndjson
              mwdb-webhooks export --output events.ndjson
            """)

    @OptionGroup var filter: EventFilterOptions
    @Option(
        help: ArgumentHelp("Write FILE (mode 0600) instead of standard output.", valueName: "file"),
        completion: .file())
    var output: String?
    @OptionGroup var daemon: DaemonOptions
    @Flag(help: "With --output: say how much was written as JSON.") var json = false

    func run() throws {
        let client = try daemon.client()
        guard let output else {
            // Its lines and those about it would stand among each other on one terminal.
            let work = Terminal.standard.width == nil ? LongWork(Self.text()) : nil
            defer { work?.end() }
            _ = try copy(client, to: Terminal.standard, work)
            return
        }
        let descriptor = open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure("cannot make \(output): \(String(cString: strerror(errno)))")
        }
        let written: (events: Int, bytes: Int)
        let work = LongWork(Self.text())
        do {
            written = try copy(client, to: Terminal(descriptor: descriptor), work)
            work.end()
        } catch {
            work.end()
            // Half of what was asked for would look like all of it.
            close(descriptor)
            unlink(output)
            throw error
        }
        guard fsync(descriptor) == 0, close(descriptor) == 0 else {
            throw CommandFailure("cannot write \(output): \(String(cString: strerror(errno)))")
        }
        let document = JSON.object([
            .init(key: "events", value: .number(String(written.events))),
            .init(key: "bytes", value: .number(String(written.bytes))),
        ])
        if json { return try Terminal.standard.write(json: document.serialised()) }
        try Terminal.standard.write(
            "\(Self.text(written.events, written.bytes)), in \(Neutral.line(output))")
    }

    private static func text(_ events: Int = 0, _ bytes: Int = 0) -> String {
        "\(Wording.count(events, "event")), \(Wording.size(Int64(bytes)))"
    }

    private func copy(
        _ client: DaemonClient, to place: Terminal, _ work: LongWork?
    ) throws -> (events: Int, bytes: Int) {
        var after: String?
        var events = 0
        var bytes = 0
        repeat {
            var target = Target("events", "export")
            target.add(filter.members)
            target.add("after", after)
            let page = try client.getBytes(target.text)
            try place.write(lines: page.body)
            events += page.body.count { $0 == 10 }
            bytes += page.body.count
            after = page.header("mwdb-webhooks-next")
            work?.note(Self.text(events, bytes))
        } while after != nil
        return (events, bytes)
    }
}
