// What a scripted receiver does with each connection. The usual manners, good and bad, are here; a test with a
// special wish writes its own: `Script { connection in … }`.

/// A receiver's behaviour on one connection; the connection is closed when it returns.
struct Script: Sendable {
    let run: @Sendable (ReceiverConnection) -> Void

    init(_ run: @escaping @Sendable (ReceiverConnection) -> Void) {
        self.run = run
    }

    /// Answers every request, keeps the connection alive. With `gate` each answer waits for it.
    static func answering(
        _ status: Int, _ fields: [String] = [], body: [UInt8] = [], gate: Gate? = nil
    ) -> Script {
        Script { connection in
            while connection.readRequest() != nil {
                gate?.wait()
                guard connection.answer(status, fields, body: body) else { return }
            }
        }
    }

    /// Answers once and closes without having said so.
    static func answeringOnce(_ status: Int) -> Script {
        Script { connection in
            if connection.readRequest() != nil { connection.answer(status) }
        }
    }

    /// Accepts and never says a word.
    static let hanging = Script { $0.hang() }

    /// Reads a request, then sends `text` as it is, and closes.
    static func saying(_ text: String) -> Script {
        Script { connection in
            if connection.readRequest() != nil { connection.send(text) }
        }
    }

    /// Resets the connection without reading anything.
    static let resettingAtOnce = Script { $0.reset() }

    /// Reads a whole request, then resets the connection.
    static let resettingAfterRequest = Script { connection in
        if connection.readRequest() != nil { connection.reset() }
    }

    /// Answers 200 with a body that never ends.
    static let endlessBody = Script { connection in
        guard connection.readRequest() != nil else { return }
        connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        let piece = [UInt8](repeating: 0x78, count: 65_536)
        while connection.send(piece) {}
    }

    /// Answers with `line` again and again and never ends the head.
    static func flooding(_ line: String) -> Script {
        Script { connection in
            guard connection.readRequest() != nil else { return }
            if !line.hasPrefix("HTTP/") { connection.send("HTTP/1.1 200 OK\r\n") }
            let lines = String(repeating: line, count: 64)
            while connection.send(lines) {}
        }
    }

    /// Sends `bytes` of an answer one by one, each when `next` says so.
    static func dripping(_ answer: String, next: @escaping @Sendable () -> Void) -> Script {
        Script { connection in
            guard connection.readRequest() != nil else { return }
            for byte in answer.utf8 {
                next()
                guard connection.send([byte]) else { return }
            }
        }
    }

    /// Says `announced` in Content-Length and sends `body`.
    static func lying(announced: Int, body: [UInt8], thenCloses: Bool) -> Script {
        Script { connection in
            while connection.readRequest() != nil {
                connection.send(
                    Array("HTTP/1.1 200 OK\r\nContent-Length: \(announced)\r\n\r\n".utf8) + body)
                if thenCloses { return }
            }
        }
    }

    /// Reads only the head, answers, and closes on the rest of the body, which makes the kernel send RST.
    static func refusingEarly(_ status: Int, body: [UInt8]) -> Script {
        Script { connection in
            guard connection.readHead() != nil else { return }
            connection.answer(status, body: body)
        }
    }
}
