// Watches a job that the daemon carries out: a bar on a terminal, a line now and then otherwise. Ctrl-C stops the job,
// which can go on later; whatever else ends this command (kill -9, a lost connection) does not touch the job.
// Failure: a daemon that goes away is said, with what to do when it is back: the job goes on by itself.

import Glibc
import Model
import Web

/// Watches one job to its end.
struct JobWatch {
    /// The daemon.
    let client: DaemonClient
    /// Where progress is shown: standard error, so that standard output holds the result.
    private let screen = Terminal(descriptor: STDERR_FILENO)

    /// Milliseconds between two looks, and between two plain lines.
    private static let look: Int64 = 200
    private static let say: Int64 = 10_000

    /// A watch.
    init(client: DaemonClient) { self.client = client }

    /// Waits until the job is not running any more.
    /// - Returns: The daemon's last answer about it.
    /// - Throws: `CommandFailure` when it was stopped or failed, or the daemon is gone.
    func follow(_ first: JSON) throws -> DaemonAnswer {
        guard let id = first["id"]?.integer else { throw CommandFailure("the daemon's answer has no job") }
        signal(SIGINT, { _ in interrupted = 1 })
        defer { signal(SIGINT, SIG_DFL) }
        var progress = JobProgress()
        var said: Timestamp?
        while true {
            let answer = try look(id)
            let job = answer.json
            let isOver = job["state"]?.text != "running"
            let now = systemTime()
            progress.note(job, at: now)
            if screen.width != nil {
                try screen.write(
                    text: "\r\u{1b}[K" + Columns.cut(progress.line, to: (screen.width ?? 80) - 1))
                if isOver { try screen.write() }
            } else if said.map({ now - $0 >= .milliseconds(Self.say) }) ?? !isOver {
                try screen.write(progress.line)
                said = now
            }
            guard !isOver else { return answer }
            guard interrupted == 0 else { throw try stop(id) }
            usleep(useconds_t(Self.look * 1000))
        }
    }

    private func look(_ id: Int) throws(CommandFailure) -> DaemonAnswer {
        do throws(CommandFailure) {
            return try client.get(Target("jobs", String(id)).text)
        } catch {
            if screen.width != nil { try screen.write() }
            throw CommandFailure(
                "\(error.description)\njob \(id) goes on when the daemon runs again; watch it with: "
                    + "mwdb-webhooks jobs \(id) --follow")
        }
    }

    private func stop(_ id: Int) throws(CommandFailure) -> CommandFailure {
        let job = try client.post(Target("jobs", String(id), "stop").text).json
        if screen.width != nil { try screen.write() }
        guard job["state"]?.text == "stopped" else {
            return CommandFailure("job \(id) is \(job.shown("state"))")
        }
        return CommandFailure(
            "stopped job \(id): \(JobProgress.figures(job)); go on with: mwdb-webhooks jobs \(id) --resume")
    }
}

/// Ctrl-C came. Written by a signal handler, so it cannot be in a lock.
private nonisolated(unsafe) var interrupted: sig_atomic_t = 0
