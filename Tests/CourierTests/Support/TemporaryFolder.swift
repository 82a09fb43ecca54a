// A folder that goes away with the test.

import Crypto
import Foundation

/// A new folder below the system's temporary one.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        precondition(ProxyEnvironment.isSet)
        path = NSTemporaryDirectory() + "courier-" + UUID().uuidString
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file and returns its path.
    func write(_ name: String, _ bytes: [UInt8]) -> String {
        let file = path + "/" + name
        _ = FileManager.default.createFile(atPath: file, contents: Data(bytes))
        return file
    }

    /// The bytes of a file; nil when there is none.
    func read(_ name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path + "/" + name).map { Array($0) }
    }
}

extension [UInt8] {
    /// SHA-256 in hex digits.
    var sha256: String {
        SHA256.hash(data: self).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// `count` bytes that look like nothing in particular, always the same.
    static func sample(_ count: Int) -> [UInt8] {
        var state: UInt32 = 0x2545_f491
        let block = (0..<8191).map { _ in
            state ^= state << 13
            state ^= state >> 17
            state ^= state << 5
            return UInt8(truncatingIfNeeded: state)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + block.count)
        while bytes.count < count { bytes += block }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
