// What can go wrong with files of the spool, in words.

import Glibc

/// A system call on the spool failed.
package struct SpoolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried: `open`, `rename`, …
    package let doing: String
    /// The path it was tried on.
    package let path: String
    /// errno's number.
    package let number: Int32

    init(doing: String, path: String, errno number: Int32 = Glibc.errno) {
        self.doing = doing
        self.path = path
        self.number = number
    }

    /// A folder cannot be opened.
    init(openingFolder path: String) {
        self.init(doing: SpoolError.openFolder, path: path)
    }

    private static let openFolder = "open the folder"

    /// A folder could not be opened: nothing in it is to blame.
    var isAboutFolder: Bool { doing == SpoolError.openFolder }

    /// In words.
    package var description: String {
        let words = "cannot \(doing) \(path): \(String(cString: strerror(number)))"
        guard isAboutFolder, number == ENOTDIR || number == ELOOP else { return words }
        return words
            + ". It must be a folder and no link: look who put this there, move it away, and restart the "
            + "daemon, which makes the folder"
    }
}
