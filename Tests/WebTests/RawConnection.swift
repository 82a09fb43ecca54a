// A client that sends exactly the bytes it is given, on a thread of its own: what a polite client would never send
// can be sent, and no cooperative thread waits.

import CLinux
import Glibc
import Mailbox
import Model
import Settings

@testable import Web

/// One answer as it came.
struct RawAnswer: Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSON? { try? JSON.parse(body) }
    var type: String { headers["content-type"] ?? "" }
}

/// Sends bytes and reads answers.
enum RawConnection {
    /// Sends `pieces` one after the other, then (with `half`) ends the sending side, and reads until the server has
    /// closed or `answers` answers are there.
    static func send(
        _ pieces: [[UInt8]], to address: Listen, answers: Int = 1, half: Bool = false
    ) async -> [RawAnswer] {
        await withCheckedContinuation { continuation in
            _ = try? WorkerThread(name: "raw") {
                continuation.resume(returning: exchange(pieces, address, answers, half))
            }
        }
    }

    /// One request with a body, on a connection of its own.
    static func request(
        _ method: String, _ path: String, host: String = "localhost", headers: [String] = [],
        body: [UInt8] = [], to address: Listen
    ) async throws -> RawAnswer {
        var head = "\(method) \(path) HTTP/1.1\r\nhost: \(host)\r\nconnection: close\r\n"
        if !body.isEmpty { head += "content-length: \(body.count)\r\n" }
        for header in headers { head += header + "\r\n" }
        let answers = await send([Array((head + "\r\n").utf8) + body], to: address)
        guard let answer = answers.first else { throw Silence() }
        return answer
    }

    struct Silence: Error {}

    private static func exchange(
        _ pieces: [[UInt8]], _ address: Listen, _ wanted: Int, _ half: Bool
    ) -> [RawAnswer] {
        guard let descriptor = connected(address) else { return [] }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        for piece in pieces {
            var sent = 0
            while sent < piece.count {
                let count = piece.withUnsafeBytes {
                    Glibc.send(
                        descriptor, $0.baseAddress?.advanced(by: sent), piece.count - sent,
                        Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { break }
                sent += count
            }
        }
        if half { shutdown(descriptor, Int32(SHUT_WR)) }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let answers = parse(received)
            if answers.count >= wanted { return answers }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return answers }
            received += buffer[..<count]
        }
    }

    private static func connected(_ address: Listen) -> Int32? {
        switch address {
        case .unix(let path):
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
            let status = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            return status == 0 ? descriptor : nil
        case .tcp(_, let port):
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = UInt16(port).bigEndian
            name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let status = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            return status == 0 ? descriptor : nil
        }
    }

    /// All complete answers in `bytes`, interim ones too; bodies by content-length.
    private static func parse(_ bytes: [UInt8]) -> [RawAnswer] {
        var answers: [RawAnswer] = []
        var rest = bytes[...]
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let pair = line.split(separator: ":", maxSplits: 1)
                headers[pair[0].lowercased()] = pair.count > 1 ? pair[1].drop { $0 == " " }.description : ""
            }
            let status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
            let length = Int(headers["content-length"] ?? "0") ?? 0
            guard rest.endIndex - end.upperBound >= length else { break }
            let body = Array(rest[end.upperBound..<end.upperBound + length])
            answers.append(RawAnswer(status: status, headers: headers, body: body))
            rest = rest[(end.upperBound + length)...]
        }
        return answers
    }
}
