// What is logged, for tests that wait for it.

import Logging
import Mailbox

/// Collects log messages.
final class LogBox: Sendable {
    private let messages = Mailbox<String>()
    private let seen = Lock<[String]>([])

    /// A logger that writes into this box, metadata behind the message.
    var logger: Logger {
        Logger(label: "test") { _ in Handler(box: self) }
    }

    /// Waits until something with `part` in it was logged.
    func wait(for part: String) -> Bool {
        while true {
            if all.contains(where: { $0.contains(part) }) { return true }
            let more = messages.wait(milliseconds: 20_000)
            if more.isEmpty { return false }
            seen.withLock { $0 += more }
        }
    }

    /// All that was logged.
    var all: [String] {
        let more = messages.take()
        return seen.withLock { seen in
            seen += more
            return seen
        }
    }

    private struct Handler: LogHandler {
        let box: LogBox
        var logLevel = Logger.Level.trace
        var metadata = Logger.Metadata()

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
            box.messages.post((["\(event.level) \(event.message)"] + details).joined(separator: " "))
        }
    }
}

extension Logger {
    /// Says nothing.
    static var silent: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
