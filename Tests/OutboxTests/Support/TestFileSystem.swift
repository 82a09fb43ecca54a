// A layer between SQLite and the disk (https://www.sqlite.org/vfs.html) that fails on demand and knows what a power
// cut would leave: it stands on the system's own layer and replaces four of a file's functions.

import CSQLite
import Foundation
import Mailbox
import Model

/// The layer as one test uses it: the files below one directory.
final class TestFileSystem: Sendable {
    /// What goes wrong.
    struct Faults {
        /// The next sync of a file whose name ends so fails, and all after it.
        var failingSync: String?
        /// SQLite's code for the next writes.
        var failingWrite: Int32?
        /// Called with a file's name while it is synced, outside of any lock.
        var whileSyncing: (@Sendable (String) -> Void)?
    }

    /// A write that no sync has made durable.
    private enum Pending {
        case write([UInt8], at: Int)
        case truncate(Int)
    }

    private struct State {
        var faults = Faults()
        var syncs: [String: Int] = [:]
        var durable: [String: [UInt8]] = [:]
        var pending: [String: [Pending]] = [:]
    }

    /// The layer's name, for `OutboxOptions`.
    static let name: String = {
        register()
        return "outbox-test"
    }()

    private let directory: String
    private let state = Lock(State())

    /// Stands between SQLite and the files in `directory`.
    init(_ directory: TemporaryDirectory) {
        self.directory = directory.path
        Self.layers.withLock { $0[directory.path] = self }
    }

    /// Changes what goes wrong.
    func fail(_ change: (inout Faults) -> Void) {
        state.withLock { change(&$0.faults) }
    }

    /// How often files whose name ends so were synced.
    func syncs(_ suffix: String) -> Int {
        state.withLock { $0.syncs.filter { $0.key.hasSuffix(suffix) }.values.reduce(0, +) }
    }

    /// What the disk may hold after a power cut at this moment: all that was synced, and of the rest whatever
    /// `random` picks, in any order.
    func afterPowerCut(_ random: inout SeededRandom) -> TemporaryDirectory {
        let files = state.withLock { state in
            var files = state.durable
            for (name, pending) in state.pending {
                let survivors = pending.filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
                for change in survivors { Self.apply(change, to: &files[name, default: []]) }
            }
            return files
        }
        let copy = TemporaryDirectory()
        for (name, bytes) in files {
            try! Data(bytes).write(to: URL(filePath: copy.path + "/" + (name as NSString).lastPathComponent))
        }
        return copy
    }

    // What the replaced functions do.

    fileprivate func write(_ name: String, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int32 {
        state.withLock { state in
            if let code = state.faults.failingWrite { return code }
            state.pending[name, default: []].append(.write(Array(bytes), at: offset))
            return SQLITE_OK
        }
    }

    fileprivate func truncate(_ name: String, to size: Int) {
        state.withLock { $0.pending[name, default: []].append(.truncate(size)) }
    }

    fileprivate func sync(_ name: String) -> Int32 {
        state.withLock { $0.faults.whileSyncing }?(name)
        return state.withLock { state in
            state.syncs[name, default: 0] += 1
            if let suffix = state.faults.failingSync, name.hasSuffix(suffix) {
                return SQLITE_IOERR | (4 << 8)
            }
            for change in state.pending.removeValue(forKey: name) ?? [] {
                Self.apply(change, to: &state.durable[name, default: []])
            }
            return SQLITE_OK
        }
    }

    fileprivate func delete(_ name: String) {
        state.withLock { state in
            state.durable[name] = nil
            state.pending[name] = nil
        }
    }

    private static func apply(_ change: Pending, to file: inout [UInt8]) {
        switch change {
        case .write(let bytes, let offset):
            if file.count < offset + bytes.count {
                file.append(contentsOf: repeatElement(0, count: offset + bytes.count - file.count))
            }
            file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        case .truncate(let size):
            if size < file.count { file.removeLast(file.count - size) }
        }
    }
}

// C functions have no context: what belongs to a file is found by its address.

extension TestFileSystem {
    private struct OpenFile: @unchecked Sendable {
        var name: String
        var layer: TestFileSystem?
        var original: UnsafePointer<sqlite3_io_methods>
    }

    private struct System: @unchecked Sendable {
        var layer: UnsafeMutablePointer<sqlite3_vfs>
    }

    private static let layers = Lock<[String: TestFileSystem]>([:])
    private static let files = Lock<[UInt: OpenFile]>([:])
    private static let system = System(layer: sqlite3_vfs_find(nil)!)

    private static func file(_ pointer: UnsafeMutablePointer<sqlite3_file>?) -> OpenFile {
        files.withLock { $0[UInt(bitPattern: pointer)]! }
    }

    private static func layer(of name: String) -> TestFileSystem? {
        layers.withLock { layers in layers.first { name.hasPrefix($0.key + "/") }?.value }
    }

    private static func register() {
        let layer = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        layer.initialize(to: system.layer.pointee)
        layer.pointee.zName = UnsafePointer(strdup("outbox-test"))
        layer.pointee.pNext = nil
        layer.pointee.xOpen = { _, name, file, flags, outFlags in
            let system = TestFileSystem.system.layer
            let code = system.pointee.xOpen(system, name, file, flags, outFlags)
            guard code == SQLITE_OK, let file, let name, let original = file.pointee.pMethods else {
                return code
            }
            TestFileSystem.wrap(file, String(cString: name), original)
            return code
        }
        layer.pointee.xDelete = { _, name, syncs in
            let system = TestFileSystem.system.layer
            if let name { TestFileSystem.layer(of: String(cString: name))?.delete(String(cString: name)) }
            return system.pointee.xDelete(system, name, syncs)
        }
        sqlite3_vfs_register(layer, 0)
    }

    private static func wrap(
        _ file: UnsafeMutablePointer<sqlite3_file>, _ name: String,
        _ original: UnsafePointer<sqlite3_io_methods>
    ) {
        let entry = OpenFile(name: name, layer: layer(of: name), original: original)
        files.withLock { $0[UInt(bitPattern: file)] = entry }
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: original.pointee)
        methods.pointee.xWrite = { pointer, bytes, count, offset in
            let file = TestFileSystem.file(pointer)
            let buffer = UnsafeRawBufferPointer(start: bytes, count: Int(count))
            let code = file.layer?.write(file.name, buffer, at: Int(offset)) ?? SQLITE_OK
            return code == SQLITE_OK ? file.original.pointee.xWrite(pointer, bytes, count, offset) : code
        }
        methods.pointee.xTruncate = { pointer, size in
            let file = TestFileSystem.file(pointer)
            file.layer?.truncate(file.name, to: Int(size))
            return file.original.pointee.xTruncate(pointer, size)
        }
        methods.pointee.xSync = { pointer, flags in
            let file = TestFileSystem.file(pointer)
            // The real disk need not do it: the test knows what is durable.
            return file.layer?.sync(file.name) ?? SQLITE_OK
        }
        methods.pointee.xClose = { pointer in
            let file = TestFileSystem.file(pointer)
            TestFileSystem.files.withLock { $0[UInt(bitPattern: pointer)] = nil }
            return file.original.pointee.xClose(pointer)
        }
        file.pointee.pMethods = UnsafePointer(methods)
    }
}
