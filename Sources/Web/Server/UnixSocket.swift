// The file of a unix socket: takes over from a daemon that died, never from one that lives, and appears only when
// it has its final mode. The server binds a name beside it, which then becomes the real name by rename(2): no
// moment at which others could connect, and none at which a client finds no socket.
// Failure: a path that is something else, or is in use, is an error that says so.

import CLinux
import Glibc
import Settings

/// A unix socket's place in the file system.
struct UnixSocket: Sendable {
    /// The name clients connect to.
    let path: String
    /// The name the server binds.
    var bindPath: String { path + "~" }

    /// Rights of the socket: owner and group may use the interface.
    private static let mode: mode_t = 0o660
    /// sockaddr_un.sun_path with its final NUL, see unix(7); one byte more for `~`.
    private static let longest = 106

    /// Checks `path` and removes what a dead daemon left.
    init(path: String) throws(ListenError) {
        self.path = path
        guard path.utf8.count <= UnixSocket.longest else {
            throw problem("the path has more than \(UnixSocket.longest) bytes; choose a shorter one")
        }
        var information = stat()
        guard lstat(path, &information) == 0 else {
            guard errno == ENOENT else { throw problem(words(errno)) }
            try checkFolder()
            return
        }
        guard information.st_mode & S_IFMT == S_IFSOCK else {
            throw problem("there is a file that is no socket; move it away or choose another path")
        }
        if UnixSocket.answers(path) {
            throw problem("another process listens there; stop it or choose another path")
        }
    }

    /// Gives the bound socket its mode and its name.
    func publish() throws(ListenError) {
        guard chmod(bindPath, UnixSocket.mode) == 0, rename(bindPath, path) == 0 else {
            let code = errno
            unlink(bindPath)
            throw problem(words(code))
        }
    }

    /// Removes the name, so that clients are told at once that nobody is there.
    func remove() {
        unlink(path)
    }

    /// Whether somebody accepts connections at `path`.
    static func answers(_ path: String) -> Bool {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, Int32(bitPattern: kind), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                // EAGAIN: somebody is there, but has no room for us at the moment.
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 || errno == EAGAIN
            }
        }
    }

    private func checkFolder() throws(ListenError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        guard access(folder.isEmpty ? "/" : folder, W_OK | X_OK) != 0 else { return }
        switch errno {
        case ENOENT: throw problem("the folder \(folder) is not there; create it for the daemon's user")
        default: throw problem("the folder \(folder) cannot be written: \(words(errno))")
        }
    }

    private func problem(_ message: String) -> ListenError { ListenError(.unix(path: path), message) }

    private func words(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}
