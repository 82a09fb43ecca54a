// Reads an answer out of bytes that were left in a socket's queue when the connection broke while a request
// was still being sent: a receiver that refuses a large upload (413, 401) answers and closes at once.
// Pure. Failure: nil for anything but a whole head of a final answer; the exchange then counts as interrupted.

import Model

/// What a receiver said before it closed on us.
enum EarlyAnswer {
    /// The answer in `bytes`: HTTP/1.x, head complete; body as far as it is there, up to `bodyLimit` bytes.
    static func parse(_ bytes: [UInt8], bodyLimit: Int) -> Answer? {
        var rest = bytes[...]
        while let end = headEnd(rest) {
            guard let status = status(rest) else { return nil }
            if status >= 200 {
                return answer(status, head: rest[..<end], body: rest[end...], bodyLimit: bodyLimit)
            }
            rest = rest[end...]
        }
        return nil
    }

    /// Index after the empty line that ends a head.
    private static func headEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
        var index = bytes.startIndex
        while index + 3 < bytes.endIndex {
            if bytes[index] == 0x0d && bytes[index + 1] == 0x0a && bytes[index + 2] == 0x0d
                && bytes[index + 3] == 0x0a
            {
                return index + 4
            }
            index += 1
        }
        return nil
    }

    /// The status in `HTTP/1.1 413 …`, 100 to 599.
    private static func status(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.starts(with: Array("HTTP/1.".utf8)), bytes.count > 12 else { return nil }
        let digits = bytes[(bytes.startIndex + 9)..<(bytes.startIndex + 12)]
        guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        let status = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return (100...599).contains(status) ? status : nil
    }

    private static func answer(
        _ status: Int, head: ArraySlice<UInt8>, body: ArraySlice<UInt8>, bodyLimit: Int
    ) -> Answer {
        var answer = Answer(status: status)
        let fields = head.drop { $0 != 0x0a }.dropFirst()
        answer.headers = fields.withUnsafeBytes { AnswerHead.fields($0) }
        // Chunks are not taken apart here: without a length the body is left out.
        guard let length = answer.header("content-length").flatMap({ Int($0) }), length >= 0 else {
            answer.truncated = answer.header("transfer-encoding") != nil
            return answer
        }
        answer.body = Array(body.prefix(min(length, max(0, bodyLimit))))
        answer.truncated = answer.body.count < length
        return answer
    }
}
