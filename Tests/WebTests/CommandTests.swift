// Commands as a shell sees them: exit codes, and what is asked of the daemon.

import Glibc
import Mailbox
import Model
import Settings
import Testing

@testable import Dispatcher
@testable import Outbox
@testable import Web
@testable import mwdb_webhooks

@Suite("Commands")
struct CommandTests {
    @Test(
        "A mistake of the user is 2",
        arguments: [
            ["statu"], ["status", "--jsn"], ["show"], ["retry"], ["cancel"],
            ["cancel", "e/p", "--background"], ["retry", "e/p", "--all"],
            ["deliveries", "--state", "deda"],
            ["deliveries", "--limit", "0"], ["deliveries", "--status", "7"],
            ["deliveries", "--since", "yesterday"],
            ["replay", "--to", "x"], ["retry", "e/p", "--rate", "1/s"], ["retry", "--all", "--rate", "fast"],
            ["backfill", "--plugin", "x"], ["backfill", "--plugin", "x", "--all", "--query", "y"],
            ["jobs", "--stop"],
            ["top", "--json"], ["top", "--interval", "0"], ["receiver", "--listen", "nowhere"],
            ["receiver", "--secret", "short"],
            ["receiver", "--delay", "soon"], ["receiver", "--status", "100"],
            ["show", "a/b/c/d", "--socket", "/nonexistent"],
        ])
    func usage(arguments: [String]) async {
        await #expect(Execution.run(arguments) == 2)
    }

    @Test(
        "Help is no failure", arguments: [["--help"], ["help", "retry"], ["ping", "--help"], ["--version"]])
    func help(arguments: [String]) async {
        await #expect(Execution.run(arguments) == 0)
    }

    @Test("A daemon that is not there is 1, with what to do")
    func noDaemon() async throws {
        await #expect(Execution.run(["status", "--socket", "/nonexistent/api.sock"]) == 1)
        let missing = #expect(throws: CommandFailure.self) {
            try DaemonClient(socket: "/nonexistent/api.sock", config: nil).get("/api/status")
        }
        #expect(missing?.description.contains("systemctl start mwdb-webhooks") == true)
        #expect(missing?.description.contains("/nonexistent/api.sock") == true)
        let noSocket = #expect(throws: CommandFailure.self) {
            try DaemonClient(socket: "/etc/passwd", config: nil).get("/api/status")
        }
        #expect(noSocket?.description.contains("no socket") == true)
    }

    @Test("Named deliveries and events of which none could be done are 1, for scripts too")
    func nothingDone() async throws {
        var reader = ScriptedReader()
        reader.summaries = [Rows.summary()]
        for (changed, code) in [(1, 0), (0, 1)] as [(Int, Int32)] {
            let control = ScriptedControl { ($0.changed, $0.replayed) = (changed, changed) }
            try await ServerFixture.run(control: control, reader: reader) { server in
                guard case .unix(let path) = server.socket else { return }
                for action in [
                    ["retry", "ev-1/hello_world"], ["cancel", "ev-1/hello_world"],
                    ["replay", "--to", "hello_world", "ev-1"],
                ] {
                    for end in [[], ["--json"]] {
                        let arguments = action + ["--socket", path] + end
                        let found = await Self.onThread { await Execution.run(arguments) }
                        #expect(found == code, "\(arguments)")
                    }
                }
            }
        }
    }

    @Test(
        "A configuration that is named and not there or wrong is 1: no other daemon, no other files",
        arguments: [
            nil, "[webhooks]\nlisten = nonsense\n", "[webhooks]\noutbox = /x\nspool = /x\n", "[webhoks]\n",
            "[webhooks\n", "outbox = x\n",
        ])
    func wrongConfiguration(text: String?) throws {
        let folder = try temporaryFolder()
        let path = folder + "/test.ini"
        if let text { try write(text, to: path) }
        defer {
            unlink(path)
            rmdir(folder)
        }
        let failure = #expect(throws: CommandFailure.self) { try DaemonClient(socket: nil, config: path) }
        #expect(failure?.description.contains(path) == true)
        #expect(failure?.description.contains("error: ") == true)
        let checked = Settings.load(.process(configFile: path)).1.map(\.description)
        #expect(checked.contains { failure?.description.contains($0) == true })
    }

    @Test("Secrets that only the daemon may read, and wrong plugins, keep nobody from its socket")
    func foreignErrors() throws {
        let folder = try temporaryFolder()
        let path = folder + "/test.ini"
        try write(
            """
            [webhooks]
            listen = unix:\(folder)/api.sock
            plugins = a
            [mwdb]
            url = http://127.0.0.1:5000
            api_key = ${file:/nonexistent/mwdb.key}
            [plugin:a]
            hooks = on_nothing
            colour = blue
            """, to: path)
        defer {
            unlink(path)
            rmdir(folder)
        }
        #expect(try DaemonClient(socket: nil, config: path).socket == folder + "/api.sock")
    }

    @Test("A file that cannot be read is called by its reason")
    func unreadableLines() {
        let failure = #expect(throws: CommandFailure.self) { try LineSource("/nonexistent/events") }
        #expect(failure?.description == "cannot read /nonexistent/events: No such file or directory")
    }

    private func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        try Terminal(descriptor: descriptor).write(text: text)
        close(descriptor)
    }

    @Test("Commands that act tell the daemon what they were told")
    func actions() async throws {
        var reader = ScriptedReader()
        reader.summaries = [Rows.summary()]
        try await ServerFixture.run(reader: reader) { server in
            guard case .unix(let path) = server.socket else { return }
            for (arguments, code) in [
                (["retry", "ev-1/hello_world"], 0),
                (["retry", "--plugin", "hello_world", "--state", "dead"], 0),
                (["backfill", "--plugin", "hello_world", "--query", "tag:x y", "--background"], 0),
                (["jobs"], 0), (["jobs", "7"], 0), (["jobs", "7", "--stop"], 0),
                (["jobs", "8", "--stop"], 1),
                (["export", "--hook", "on_created_file"], 0), (["top", "--once"], 0),
                (["cancel", "--all"], 0), (["cancel", "ev-1/hello_world"], 0),
                (["cancel", "--all", "--dry-run"], 0), (["cancel", "--plugin", "nobody"], 1),
                (["retry", "--all", "--dry-run", "--json"], 0),
                (["pause", "hello_world", "--because", "tést & more"], 0), (["resume", "hello_world"], 0),
                (["replay", "--to", "hello_world", "ev-1", "--new-id"], 0), (["pause", "he/llo"], 1),
                (["ping", "hello_world"], 1),
                (["reload"], 0), (["plugins"], 0), (["events"], 0), (["deliveries", "--object", "a b&c"], 0),
                (["status"], 0),
                (["show", "ev-2"], 1),
            ] as [([String], Int32)] {
                let found = await Self.onThread { await Execution.run(arguments + ["--socket", path]) }
                #expect(found == code, "\(arguments)")
            }
            let id = DeliveryID(sequence: 7, plugin: PluginNumber(1)).rawValue
            #expect(
                server.control.calls == [
                    "retry ids [\(id)]",
                    "order \(JobRequest.retry(DeliveryFilter(queue: PluginNumber(1), states: [.dead]))) rate -",
                    "order \(JobRequest.backfill(BackfillRequest(query: "tag:x y", plugin: "hello_world"))) rate -",
                    "stop 7", "stop 8",
                    "order \(JobRequest.cancel(DeliveryFilter())) rate -", "cancel ids [\(id)]",
                    "pause hello_world: tést & more",
                    "resume hello_world", #"replay ids(["ev-1"]) to hello_world new true"#,
                    "ping hello_world -",
                ])
        }
    }

    @Test("What users type stays within its place of a path")
    func targets() {
        var target = Target("plugins", "../x?y#z/ é")
        target.add("object", "a&b=c d")
        target.add("none", nil)
        #expect(target.text == "/api/plugins/..%2Fx%3Fy%23z%2F%20%C3%A9?object=a%26b%3Dc%20d")
    }

    /// Commands wait for the daemon; the daemon of the test needs the threads they would wait on.
    private static func onThread(_ body: @escaping @Sendable () async -> Int32) async -> Int32 {
        await Task(executorPreference: ThreadExecutor()) { await body() }.value
    }
}

/// Runs each job on a thread of its own.
private final class ThreadExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        _ = try? WorkerThread(name: "command") {
            job.runSynchronously(on: executor)
            // The executor lives until its last job is through.
            withExtendedLifetime(self) {}
        }
    }
}
