// Lines of a file or of standard input, read in pieces. Failure: a file that cannot be read, or a line longer than any
// event may be, ends the command.

import Glibc

/// Reads lines.
struct LineSource {
    private static let longest = 1 << 30
    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    private var number = 0
    private var isAtEnd = false
    private var taken: Int64 = 0
    private let size: Int64

    /// Opens `path`; `-` is standard input.
    init(_ path: String) throws(CommandFailure) {
        self.path = path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            size = 0
            throw failure
        }
        var information = stat()
        let isFile = fstat(descriptor, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
        size = isFile ? Int64(information.st_size) : 0
    }

    /// How much of a file was read, in percent; nil when nobody knows how long it is.
    var share: Int? {
        guard size > 0 else { return nil }
        return Int(min(100, (taken - Int64(buffer.count - start)) * 100 / size))
    }

    /// The next line without its end; nil after the last.
    mutating func next() throws(CommandFailure) -> ImportBatch.Line? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 10) {
                defer { start = end + 1 }
                number += 1
                return ImportBatch.Line(number: number, bytes: Array(buffer[start..<end]))
            }
            searched = buffer.count - start
            buffer.removeFirst(start)
            start = 0
            guard !isAtEnd else {
                guard !buffer.isEmpty else { return nil }
                defer { buffer = [] }
                number += 1
                return ImportBatch.Line(number: number, bytes: buffer)
            }
            guard buffer.count < Self.longest else {
                throw CommandFailure("\(path): line \(number + 1) is longer than any event")
            }
            try fill()
        }
    }

    /// Ends reading.
    func close() {
        if descriptor != STDIN_FILENO { Glibc.close(descriptor) }
    }

    private mutating func fill() throws(CommandFailure) {
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &piece, piece.count)
        if count < 0, errno == EINTR { return }
        guard count >= 0 else { throw failure }
        if count == 0 { isAtEnd = true }
        buffer += piece[..<count]
        taken += Int64(count)
    }

    private var failure: CommandFailure {
        CommandFailure("cannot read \(path): \(String(cString: strerror(errno)))")
    }
}
