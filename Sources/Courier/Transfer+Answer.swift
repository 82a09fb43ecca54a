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
        let isEnd = head.append(line)
        guard head.byteCount <= Transfer.headLimit else {
            return stop("the answer's header fields are over \(Transfer.headLimit) bytes")
        }
        return isEnd ? receiveEndOfHead() : true
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
        status = ccurl_get_long(easy, CURLINFO_RESPONSE_CODE)
        // 1xx: the head of the real answer follows. Not so after 101, which ends in a failure.
        if status < 200 && status != 101 {
            head.startOver()
            return true
        }
        head.complete()
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
}
