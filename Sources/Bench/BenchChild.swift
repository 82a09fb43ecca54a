// This executable once more, as a helper of the bench with a hidden command. Failure: a child that does not start is
// an error in words; one that is forgotten ends by itself, since its standard input ends with us.

import Glibc

/// A child process of this executable.
final class BenchChild: Sendable {
    private let pid: pid_t
    private let input: Int32
    /// What it writes.
    let outputDescriptor: Int32

    /// Starts this executable with `words`.
    /// - Throws: `BenchError`.
    init(_ words: [String]) throws(BenchError) {
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
            throw BenchError("no pipe for \(words[0]): \(String(cString: strerror(errno)))")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        for descriptor in toChild + fromChild { posix_spawn_file_actions_addclose(&actions, descriptor) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        defer {
            close(toChild[0])
            close(fromChild[1])
        }
        pid = try spawn(words, &actions)
        input = toChild[1]
        outputDescriptor = fromChild[0]
    }

    deinit {
        close(input)
        close(outputDescriptor)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// All that it writes, once it has ended. Looks now and then, and blocks nobody.
    func output() async -> String {
        _ = fcntl(outputDescriptor, F_SETFL, fcntl(outputDescriptor, F_GETFL) | O_NONBLOCK)
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(outputDescriptor, &piece, piece.count)
            if count > 0 { text += piece[..<count] }
            if count == 0 || (count < 0 && errno != EAGAIN) { break }
            if count < 0 { try? await Task.sleep(for: .milliseconds(20)) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Starts this executable with `words`, its descriptors as `actions` say.
/// - Throws: `BenchError` when the system refuses.
func spawn(_ words: [String], _ actions: inout posix_spawn_file_actions_t) throws(BenchError) -> pid_t {
    var arguments: [UnsafeMutablePointer<CChar>?] = (["mwdb-webhooks"] + words).map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var child: pid_t = 0
    let status = posix_spawn(&child, "/proc/self/exe", &actions, nil, &arguments, environ)
    guard status == 0 else {
        throw BenchError("\(words[0]) does not start: \(String(cString: strerror(status)))")
    }
    return child
}
