// Tells intake about new spool files as they appear, by inotify(7). Only a hint: the sweep finds what it misses.
// Failure: without inotify (out of watches) intake lives by its sweep alone; the reason is logged once.

import CLinux
import Glibc

/// A watch on one folder for files that are renamed into it or written in it.
final class SpoolWatch {
    /// Readable when names wait; -1 when there is no watch.
    let descriptor: Int32

    /// Watches `folder`.
    init(folder: String) {
        let opened = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        let events =
            UInt32(IN_MOVED_TO) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_ONLYDIR) | UInt32(IN_DONT_FOLLOW)
        if opened >= 0 && inotify_add_watch(opened, folder, events) < 0 {
            close(opened)
            descriptor = -1
        } else {
            descriptor = opened
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Names that have appeared since the last call; nil when some were missed and the folder must be listed.
    func names() -> [String]? {
        guard descriptor >= 0 else { return nil }
        var names: [String] = []
        var complete = true
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { break }
            var offset = 0
            while offset + MemoryLayout<inotify_event>.size <= count {
                let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                let start = offset + MemoryLayout<inotify_event>.size
                if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { complete = false }
                let name = buffer[start..<start + Int(event.len)].prefix { $0 != 0 }
                if !name.isEmpty { names.append(String(decoding: name, as: UTF8.self)) }
                offset = start + Int(event.len)
            }
        }
        return complete ? names : nil
    }
}
