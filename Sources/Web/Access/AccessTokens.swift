// The two tokens that open the HTTP interface over TCP: a file beside the outbox, mode 0600, made at the first start.
// Whoever may read it may do everything anyway. Failure: a file that others can read, or that is no such file, opens
// nothing; the error says how to mend it.

import Crypto
import Glibc

/// The tokens, one a role.
package struct AccessTokens: Sendable, Equatable {
    /// Of operators.
    package let `operator`: String
    /// Of viewers.
    package let viewer: String

    /// New random tokens of 160 bits.
    package static func random() -> AccessTokens {
        AccessTokens(operator: "mwo_" + randomDigits(), viewer: "mwv_" + randomDigits())
    }

    /// The token of `role`.
    package func token(of role: Role) -> String {
        role == .operator ? self.operator : viewer
    }

    /// The role that `given` opens. Takes the same time whatever is wrong with it.
    func role(of given: some StringProtocol) -> Role? {
        let digest = SHA256.hash(data: Array(given.utf8))
        let isOperator = digest == SHA256.hash(data: Array(self.operator.utf8))
        let isViewer = digest == SHA256.hash(data: Array(viewer.utf8))
        return isOperator ? .operator : isViewer ? .viewer : nil
    }

    /// Where the tokens of the outbox in `directory` are.
    package static func path(outbox directory: String) -> String { directory + "/token" }

    /// Reads the tokens at `path`; nil when there is no file.
    /// - Throws: `AccessTokensError`.
    package static func read(_ path: String) throws(AccessTokensError) -> AccessTokens? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw AccessTokensError("cannot open \(path): \(words())")
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw AccessTokensError("\(path) is no regular file; remove it and restart the daemon")
        }
        guard information.st_mode & 0o077 == 0 else {
            throw AccessTokensError("\(path) can be read by others: chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw AccessTokensError("cannot read \(path): \(words())") }
        guard let tokens = parse(String(decoding: bytes[..<count], as: UTF8.self)) else {
            throw AccessTokensError(
                "\(path) has no two tokens; `mwdb-webhooks token --rotate` makes new ones")
        }
        return tokens
    }

    /// Writes the tokens to `path` (mode 0600), durably and at once.
    /// - Throws: `AccessTokensError`.
    package func write(_ path: String) throws(AccessTokensError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw AccessTokensError("cannot make \(temporary): \(Self.words())") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var folder = stat()
        // Rotated by root, the file is still the daemon's.
        if geteuid() == 0, fstatat(AT_FDCWD, Self.folder(of: path), &folder, 0) == 0 {
            _ = fchown(descriptor, folder.st_uid, folder.st_gid)
        }
        guard fchmod(descriptor, 0o600) == 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            fsync(descriptor) == 0, rename(temporary, path) == 0
        else {
            let reason = Self.words()
            unlink(temporary)
            throw AccessTokensError("cannot write \(path): \(reason)")
        }
    }

    /// The file's text.
    var text: String {
        """
        # Open the HTTP interface and the dashboard over TCP; the unix socket needs none.
        # `mwdb-webhooks token` shows them, `mwdb-webhooks token --rotate` makes new ones.
        operator \(self.operator)
        viewer \(viewer)

        """
    }

    /// Reads the file's text; nil when it lacks a token.
    static func parse(_ text: String) -> AccessTokens? {
        var found: [Role: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 2, let role = Role(rawValue: String(words[0])), words[1].utf8.count >= 20
            else { return nil }
            found[role] = String(words[1])
        }
        guard let first = found[.operator], let second = found[.viewer], first != second else { return nil }
        return AccessTokens(operator: first, viewer: second)
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    private static func randomDigits() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        let chosen = (0..<40).map { _ in digits[Int(generator.next() & 15)] }
        return String(decoding: chosen, as: UTF8.self)
    }

    private static func words() -> String { String(cString: strerror(errno)).lowercased() }
}

/// Why there are no tokens.
package struct AccessTokensError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What, where, what to do next.
    package let description: String

    init(_ description: String) { self.description = description }
}
