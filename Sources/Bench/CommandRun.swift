// One command of this executable as a shell runs it, timed to the first that it says and to its end.
// Failure: a command that does not start is an error in words; one that does not end is ended after a while.

import Glibc
import Mailbox

/// How a command did.
struct CommandRun: Sendable {
    /// Milliseconds to the first byte on standard output or standard error, or to the end if it said nothing.
    var first: Double
    /// Milliseconds to the end.
    var end: Double
    /// Exit code; -1 when a signal ended it.
    var code: Int32
    /// The beginning of what it said.
    var said: String

    private static let patience: Int64 = 600_000_000_000

    /// Runs this executable with `words` on a thread of its own.
    /// - Parameter isEndless: It serves until it is ended, which is done when it has said something.
    /// - Throws: `BenchError`.
    static func of(_ words: [String], isEndless: Bool = false) async throws -> CommandRun {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<CommandRun, BenchError>, Never>) in
            let body: @Sendable () -> Void = {
                continuation.resume(
                    returning: Result { () throws(BenchError) in try run(words, isEndless: isEndless) })
            }
            if (try? WorkerThread(name: "command", body: body)) == nil {
                continuation.resume(returning: .failure(BenchError("no thread for \(words[0])")))
            }
        }
        return try result.get()
    }

    private static func run(_ words: [String], isEndless: Bool) throws(BenchError) -> CommandRun {
        let start = nanoseconds()
        let child = try SpawnedCommand(words)
        var found = CommandRun(first: 0, end: 0, code: -1, said: "")
        var isSaid = false
        var piece = [UInt8](repeating: 0, count: 65_536)
        while nanoseconds() - start < patience {
            var poller = pollfd(fd: child.output, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 1_000) > 0 else { continue }
            let count = read(child.output, &piece, piece.count)
            if !isSaid {
                found.first = Double(nanoseconds() - start) / 1e6
                isSaid = true
            }
            guard count > 0 else { break }
            if found.said.utf8.count < 4_096 {
                found.said += String(decoding: piece[..<count], as: UTF8.self)
            }
            if isEndless { break }
        }
        found.code = child.wait(ending: isEndless || nanoseconds() - start >= patience)
        found.end = Double(nanoseconds() - start) / 1e6
        return found
    }
}

/// A running command whose standard output and standard error are one pipe, or a file.
final class SpawnedCommand: Sendable {
    /// What it says; -1: it goes into a file.
    let output: Int32
    private let pid: pid_t
    private let code = Lock<Int32?>(nil)

    /// Starts this executable with `words`.
    /// - Parameter log: File for what it says; nil: a pipe.
    /// - Throws: `BenchError`.
    init(_ words: [String], log: String? = nil) throws(BenchError) {
        var ends: [Int32] = [-1, -1]
        if let log {
            ends[1] = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        } else {
            guard pipe(&ends) == 0 else { throw Self.failure(words[0]) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            close(ends[1])
        }
        do {
            pid = try spawn(words, &actions)
        } catch {
            close(ends[0])
            throw error
        }
        output = ends[0]
    }

    deinit {
        _ = wait(ending: true)
        if output >= 0 { close(output) }
    }

    /// Waits for its end; the exit code, or -1 after a signal.
    @discardableResult
    func wait(ending: Bool) -> Int32 {
        code.withLock { code in
            if let code { return code }
            if ending { kill(pid, SIGTERM) }
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let found = status & 0x7f == 0 ? status >> 8 & 0xff : -1
            code = found
            return found
        }
    }

    /// It has ended by itself.
    var isOver: Bool {
        code.withLock { code in
            if code != nil { return true }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return false }
            code = status & 0x7f == 0 ? status >> 8 & 0xff : -1
            return true
        }
    }

    private static func failure(_ name: String) -> BenchError {
        BenchError("\(name) does not start: \(String(cString: strerror(errno)))")
    }
}
