// Takes an answer as it arrives: header fields up to 64 KiB in all, body up to the request's limit or into a
// file.
// Failure: what is over a limit ends the transfer; libcurl closes the connection then.

import CCurl
import Model

extension Transfer {
    /// Most bytes of header lines, those of 1xx answers and trailers included.
    static let headLimit = 65_536

    /// Takes one line of the head. False: stop.
    func receive(headerLine line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        guard headBytes <= Transfer.headLimit else {
            return stop("the answer's header fields are over \(Transfer.headLimit) bytes")
        }
        // Trailers after a chunked body are counted and left out.
        if headIsComplete { return true }
        if !statusLineSeen {
            statusLineSeen = true
            return true
        }
        let end = Transfer.lineEnd(line)
        if end == 0 { return receiveEndOfHead() }
        if let header = Transfer.header(UnsafeRawBufferPointer(rebasing: line[..<end])) {
            if headers.isEmpty { headers.reserveCapacity(8) }
            headers.append(header)
        }
        return true
    }

    /// Takes a piece of the body. False: stop.
    func receive(bodyPiece piece: UnsafeRawBufferPointer) -> Bool {
        if let file {
            do throws(ExchangeFailure) {
                try file.write(piece)
                return true
            } catch {
                abort = .failed(error)
                return false
            }
        }
        let room = bodyLimit - body.count
        if piece.count <= room {
            body.append(contentsOf: piece)
            return true
        }
        body.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece[..<max(0, room)]))
        abort = .bodyLimit
        return false
    }

    private func receiveEndOfHead() -> Bool {
        let status = ccurl_get_long(easy, CURLINFO_RESPONSE_CODE)
        // 1xx: the head of the real answer follows. Not so after 101, which ends in a failure.
        if status < 200 && status != 101 {
            statusLineSeen = false
            headers.removeAll(keepingCapacity: true)
            return true
        }
        headIsComplete = true
        guard status == 200, case .file(let path, let sha256, let limit) = request.answer else { return true }
        do throws(ExchangeFailure) {
            file = try AnswerFile(path: path, sha256: sha256, limit: limit)
            return true
        } catch {
            abort = .failed(error)
            return false
        }
    }

    private func stop(_ message: String) -> Bool {
        abort = .failed(ExchangeFailure(kind: .protocolError, message: message))
        return false
    }

    /// Where the line's text ends, before CR and LF.
    private static func lineEnd(_ line: UnsafeRawBufferPointer) -> Int {
        var end = line.count
        while end > 0 && (line[end - 1] == 0x0a || line[end - 1] == 0x0d) { end -= 1 }
        return end
    }

    /// The field in `line`, its name in lower case; nil for a line without a colon.
    static func header(_ line: UnsafeRawBufferPointer) -> Header? {
        guard let colon = line.firstIndex(of: 0x3a), colon > 0 else { return nil }
        var start = colon + 1
        var end = line.count
        while start < end && (line[start] == 0x20 || line[start] == 0x09) { start += 1 }
        while end > start && (line[end - 1] == 0x20 || line[end - 1] == 0x09) { end -= 1 }
        let name = String(unsafeUninitializedCapacity: colon) { target in
            for index in 0..<colon {
                let byte = line[index]
                target[index] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
            }
            return colon
        }
        let value = UnsafeRawBufferPointer(rebasing: line[start..<end])
        return Header(name, String(decoding: value, as: UTF8.self))
    }
}
