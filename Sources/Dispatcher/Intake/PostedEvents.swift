// Events that come over HTTP: all or nothing, and answered only when they are durable.

import Glibc
import Model
import Outbox

/// Takes posted events into the outbox.
struct PostedEvents: Sendable {
    /// Where they go.
    let outbox: Outbox
    /// Longest event in bytes, as configured now.
    let limit: @Sendable () -> Int
    /// Decides which plugins get an event.
    let route: @Sendable (Event) -> Arrival
    /// Says why nothing can be taken at the moment, and is told what the outbox says.
    let disk: DiskWatch

    /// Most events in one body. Each takes some hundred bytes of memory, and a body may be of the shortest lines.
    static let mostLines = 50_000
    /// Most lines that an answer names.
    private static let mostProblems = 100

    /// Takes `body`: one JSON event, or with `lines` one a line.
    func accept(_ body: [UInt8], lines: Bool) async -> IntakeAnswer {
        if let reason = disk.refusal { return .unavailable(reason) }
        guard let texts = lines ? split(body) : trimmed(body) else {
            return .tooLarge(
                "the body has more than \(PostedEvents.mostLines) lines: send them in several requests")
        }
        let limit = limit()
        var arrivals: [(line: Int, arrival: Arrival)] = []
        var problems: [LineProblem] = []
        var count = 0
        for (line, text) in texts {
            if text.count > limit {
                return .tooLarge("line \(line): \(text.count) bytes are more than max_event_size (\(limit))")
            }
            do throws(EventError) {
                var event = try Event.parse(line: text)
                if !lines { event.body = oneLine(event.body) }
                arrivals.append((line, route(event)))
            } catch {
                count += 1
                if count <= PostedEvents.mostProblems {
                    problems.append(LineProblem(line: line, message: "\(error)"))
                }
            }
        }
        if texts.isEmpty {
            return .invalid([LineProblem(line: 1, message: "there is no event in the body")], count: 1)
        }
        guard problems.isEmpty else { return .invalid(problems, count: count) }
        return await store(arrivals)
    }

    private func store(_ arrivals: [(line: Int, arrival: Arrival)]) async -> IntakeAnswer {
        do throws(OutboxError) {
            // A single event needs no joint decision, and so shares its commit with others. Its producer waits for it,
            // so nothing of his comes after it, and it may go before what others post in bulk.
            let answer: JointAcceptance =
                arrivals.count == 1
                ? .stored(try await outbox.append(arrivals.map(\.arrival), isPrompt: true))
                : try await outbox.appendAllOrNothing(arrivals.map(\.arrival))
            disk.note(nil)
            switch answer {
            case .stored([.conflict]): return conflict([arrivals[0]])
            case .stored(let acceptances):
                let duplicates = acceptances.count { $0 == .duplicate }
                return .accepted(count: acceptances.count - duplicates, duplicates: duplicates)
            case .refused(let places): return conflict(places.map { arrivals[$0] })
            }
        } catch {
            disk.note(error)
            return .unavailable("\(error)")
        }
    }

    private func conflict(_ arrivals: [(line: Int, arrival: Arrival)]) -> IntakeAnswer {
        .conflict(
            arrivals.prefix(PostedEvents.mostProblems).map { line, arrival in
                LineProblem(
                    line: line,
                    message: "the id \(arrival.event.id) is known with other content (id conflict)")
            }, count: arrivals.count)
    }

    /// The lines of NDJSON that are not empty, numbered from 1; nil: there are too many.
    private func split(_ body: [UInt8]) -> [(Int, [UInt8])]? {
        var lines: [(Int, [UInt8])] = []
        body.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var (start, number) = (0, 1)
            while start < bytes.count, lines.count <= PostedEvents.mostLines {
                let found = memchr(base + start, 10, bytes.count - start)
                let end = found.map { UnsafeRawPointer($0) - base } ?? bytes.count
                let line = bytes[start..<(end > start && bytes[end - 1] == 13 ? end - 1 : end)]
                if !line.isEmpty { lines.append((number, Array(line))) }
                (start, number) = (end + 1, number + 1)
            }
        }
        return lines.count <= PostedEvents.mostLines ? lines : nil
    }

    /// An event without the white space around it.
    private func trimmed(_ body: [UInt8]) -> [(Int, [UInt8])] {
        guard let first = body.firstIndex(where: { !PostedEvents.isSpace($0) }),
            let last = body.lastIndex(where: { !PostedEvents.isSpace($0) })
        else { return [] }
        return [(1, Array(body[first...last]))]
    }

    /// An event is stored as one line: line breaks between its tokens become spaces. It has been parsed, so none is
    /// inside a string, where JSON allows none, and nothing that is data changes.
    private func oneLine(_ event: [UInt8]) -> [UInt8] {
        event.map { $0 == 10 || $0 == 13 ? 32 : $0 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 32 || byte == 10 || byte == 13 || byte == 9
    }
}
