// A program started by a test, by its own process id and ended by it.
// Foundation's Process waits for its child on a run loop, which test threads do not have.

import CLinux
import Glibc

/// A running program whose standard output can be read.
final class ChildProcess: @unchecked Sendable {
    private var identifier: pid_t = 0
    private var output: Int32 = -1
    private var isOver = false

    /// Starts `arguments[0]`, found on PATH. nil: it cannot be started.
    init?(_ arguments: [String]) {
        precondition(ProxyEnvironment.isSet)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        output = ends[0]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        let status = posix_spawnp(&identifier, arguments[0], &actions, nil, &words, environ)
        for word in words { free(word) }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
        guard status == 0 else {
            close(output)
            return nil
        }
    }

    /// The next line of output without its end; nil at the end of output.
    func line() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            if byte == 0x0a { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }

    /// Waits for its end; its exit code, or 128 and more after a signal.
    @discardableResult
    func wait() -> Int32 {
        guard !isOver else { return 0 }
        isOver = true
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
        close(output)
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    /// Ends it.
    func kill() {
        guard !isOver else { return }
        _ = Glibc.kill(identifier, SIGKILL)
        wait()
    }
}
