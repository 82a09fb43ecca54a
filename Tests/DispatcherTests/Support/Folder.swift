// A folder that goes away with the test, and a spool in it.

import Foundation
import Glibc

@testable import Dispatcher

/// A new folder below the system's temporary one.
final class Folder: Sendable {
    let path: String

    init() {
        var template = Array((NSTemporaryDirectory() + "dispatcher-XXXXXX").utf8CString)
        path = String(cString: mkdtemp(&template)!)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A prepared spool in it.
    func spool() throws -> SpoolFolder {
        let spool = SpoolFolder(path: path + "/spool")
        try spool.prepare()
        return spool
    }
}

/// Writes `bytes` to a new file.
func write(_ bytes: [UInt8], to path: String) {
    precondition(FileManager.default.createFile(atPath: path, contents: Data(bytes)), "cannot write \(path)")
}

/// The bytes of a file; nil when there is none.
func contents(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path).map { Array($0) }
}

extension SpoolFolder {
    /// Puts a file of these lines into `new/`, as the source does.
    func put(_ name: String, _ lines: [[UInt8]]) {
        write(Array(lines.joined(separator: [10])) + [10], to: tmp + "/" + name)
        rename(tmp + "/" + name, new + "/" + name)
    }

    /// Names in `new/`.
    var waiting: [String] { (try? folderNames(new)) ?? [] }
}
