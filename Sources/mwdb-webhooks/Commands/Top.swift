// `top`: how the plugins are doing, as long as somebody looks.
// Failure: a daemon that goes away is said on the screen, and shown again when it is back.

import ArgumentParser
import Model
import Web

/// Shows a live table.
struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch the plugins: a live table in the terminal.",
        discussion: """
            Plugins with the largest backlog come first. OK/S and FAIL/S are attempts a second since the last look. \
            `q` ends it, arrows scroll. --once prints one screen and ends, for scripts.

              mwdb-webhooks top
              mwdb-webhooks top --once --json
            """)

    @Option(help: ArgumentHelp("Seconds between two looks, 1 to 3600.", valueName: "seconds"))
    var interval = 2
    @Flag(help: "Print one screen and end.") var once = false
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...3600).contains(interval) else {
            throw ValidationError("--interval must be from 1 to 3600, not \(interval)")
        }
        guard once || !output.json else { throw ValidationError("--json prints one screen: say --once too") }
    }

    func run() throws {
        let client = try daemon.client()
        guard !once else { return try printOnce(client) }
        // Whoever started it wants to know at once that there is no daemon.
        var screen = TopScreen(status: try client.get("/api/status").json)
        let live = try LiveScreen()
        while true {
            guard try look(&screen, live, problem: nil) else { return }
            do throws(CommandFailure) {
                let status = try client.get("/api/status").json
                screen.previous = screen.status
                screen.status = status
            } catch {
                guard try look(&screen, live, problem: error.description) else { return }
            }
        }
    }

    private func printOnce(_ client: DaemonClient) throws {
        let answer = try client.get("/api/status")
        let terminal = Terminal.standard
        if output.json { return try terminal.write(json: answer.bytes) }
        let screen = TopScreen(status: answer.json)
        for line in screen.lines(width: terminal.width, height: nil, style: terminal.style) {
            try terminal.write(line)
        }
    }

    /// Shows the screen until it is time to ask again; false when the user has seen enough.
    private func look(
        _ screen: inout TopScreen, _ live: LiveScreen, problem: String?
    ) throws(CommandFailure) -> Bool {
        let end = systemTime() + .seconds(Int64(interval))
        while true {
            let (width, height) = live.size
            var lines = screen.lines(width: width, height: height, style: live.style)
            if let problem, !lines.isEmpty {
                lines[0] = live.style.bad(Columns.cut(Neutral.line(problem), to: width))
            }
            try live.draw(lines)
            let left = (end - systemTime()).milliseconds
            guard left > 0, left <= Int64(interval) * 1000 else { return true }
            switch live.key(within: Int32(left)) {
            case .quit?: return false
            case .up?: screen.scroll -= 1
            case .down?: screen.scroll += 1
            case .pageUp?: screen.scroll -= max(1, height - 6)
            case .pageDown?: screen.scroll += max(1, height - 6)
            case .other?, nil: break
            }
            screen.scroll = min(max(screen.scroll, 0), max(0, screen.count - 1))
        }
    }
}
