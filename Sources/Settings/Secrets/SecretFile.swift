// A file of signing secrets, as `secret = ${file:PATH}` names it: one a line, the newest first. Two while a secret is
// being rotated. Failure: the file stays as it was, whole; what went wrong is said with what to do.

import Glibc
import Model

/// A file with a plugin's signing secrets.
package struct SecretFile {
    /// Where it is.
    package let path: String
    /// What it holds, the newest first; at least one.
    package private(set) var secrets: [SigningSecret]

    /// Most bytes of such a file.
    private static let sizeLimit = 65_536

    /// Makes a new file, mode 0600, with one secret.
    /// - Throws: `SecretFileError`, also when there is such a file already.
    package static func create(_ path: String, _ secret: SigningSecret) throws(SecretFileError) -> SecretFile
    {
        guard access(path, F_OK) != 0 else {
            throw SecretFileError(
                "\(path) is there already; to renew what it holds: mwdb-webhooks secret --rotate \(path)")
        }
        let file = SecretFile(path: path, secrets: [secret])
        try file.write(like: nil)
        return file
    }

    /// The file at `path`; where that is a symbolic link, the file behind it.
    /// - Throws: `SecretFileError`.
    package init(reading path: String) throws(SecretFileError) {
        switch DiskFiles().read(path, limit: Self.sizeLimit) {
        case .missing:
            throw SecretFileError("there is no file \(path); to make one: mwdb-webhooks secret \(path)")
        case .failed(let reason):
            throw SecretFileError("cannot read \(path): \(reason)")
        case .content(let bytes, _):
            self.path = Self.resolved(path)
            secrets = []
            for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
                let text = line.trimmed
                guard !text.isEmpty else { continue }
                do throws(ValueError) {
                    secrets.append(try SigningSecret(parsing: text))
                } catch {
                    throw SecretFileError("\(path): \(error.message)")
                }
            }
        }
        guard !secrets.isEmpty else { throw SecretFileError("\(path) is empty") }
    }

    private init(path: String, secrets: [SigningSecret]) {
        (self.path, self.secrets) = (path, secrets)
    }

    /// Puts `secret` in front of the one that is there: requests are signed by both.
    /// - Throws: `SecretFileError`, also while an earlier rotation is not finished.
    package mutating func rotate(to secret: SigningSecret) throws(SecretFileError) {
        guard secrets.count == 1 else {
            throw SecretFileError(
                "\(path) is being rotated already; once the receiver has the new secret: "
                    + "mwdb-webhooks secret --finish \(path)")
        }
        secrets.insert(secret, at: 0)
        try write(like: path)
    }

    /// Removes all but the newest.
    /// - Throws: `SecretFileError`, also when there is only one.
    package mutating func finish() throws(SecretFileError) {
        guard secrets.count > 1 else {
            throw SecretFileError(
                "\(path) holds one secret, nothing is to be finished; to renew it: mwdb-webhooks secret --rotate \(path)"
            )
        }
        secrets.removeSubrange(1...)
        try write(like: path)
    }

    /// Writes the file durably and at once, beside the old one and then in its place: with the owner and mode of `old`,
    /// or as a new file with mode 0600.
    private func write(like old: String?) throws(SecretFileError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SecretFileError("cannot make \(temporary): \(Self.words())") }
        defer { close(descriptor) }
        let bytes = Array(secrets.map { $0.text + "\n" }.joined().utf8)
        guard keepsOwner(of: old, descriptor), Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            fsync(descriptor) == 0, moves(temporary, replacing: old != nil)
        else {
            let reason = Self.words()
            unlink(temporary)
            throw SecretFileError("cannot write \(path): \(reason)")
        }
        syncFolder()
    }

    /// The daemon must be able to read the new file as it could the old one.
    private func keepsOwner(of old: String?, _ descriptor: Int32) -> Bool {
        guard let old else { return true }
        var information = stat()
        guard stat(old, &information) == 0 else { return false }
        if information.st_uid != geteuid() || information.st_gid != getegid() {
            guard fchown(descriptor, information.st_uid, information.st_gid) == 0 else { return false }
        }
        return fchmod(descriptor, information.st_mode & 0o777) == 0
    }

    private func moves(_ temporary: String, replacing: Bool) -> Bool {
        if replacing { return rename(temporary, path) == 0 }
        // A file that somebody has made meanwhile is not overwritten.
        return link(temporary, path) == 0 && unlink(temporary) == 0
    }

    private func syncFolder() {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static func words() -> String { String(cString: strerror(errno)).lowercased() }
}

/// Why a file of secrets could not be read or written.
package struct SecretFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What, where, what to do next. Holds no secret.
    package let description: String

    init(_ description: String) { self.description = description }
}
