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
    /// Why nothing can be taken at the moment.
    let refusal: @Sendable () -> String?

    /// Takes `body`: one JSON event, or with `lines` one a line.
    func accept(_ body: [UInt8], lines: Bool) async -> IntakeAnswer {
        if let reason = refusal() { return .unavailable(reason) }
        let limit = limit()
        let texts = lines ? split(body) : singleLine(body)
        var arrivals: [(line: Int, arrival: Arrival)] = []
        var problems: [LineProblem] = []
        for (line, text) in texts {
            if text.count > limit {
                return .tooLarge("line \(line): \(text.count) bytes are more than max_event_size (\(limit))")
            }
            do throws(EventError) {
                arrivals.append((line, route(try Event.parse(line: text))))
            } catch {
                if problems.count < 100 { problems.append(LineProblem(line: line, message: "\(error)")) }
            }
        }
        if texts.isEmpty { problems.append(LineProblem(line: 1, message: "there is no event in the body")) }
        guard problems.isEmpty else { return .invalid(problems) }
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
            switch answer {
            case .stored([.conflict]): return conflict([arrivals[0]])
            case .stored(let acceptances):
                let duplicates = acceptances.count { $0 == .duplicate }
                return .accepted(count: acceptances.count - duplicates, duplicates: duplicates)
            case .refused(let places): return conflict(places.map { arrivals[$0] })
            }
        } catch {
            return .unavailable("\(error)")
        }
    }

    private func conflict(_ arrivals: [(line: Int, arrival: Arrival)]) -> IntakeAnswer {
        .conflict(
            arrivals.prefix(100).map { line, arrival in
                LineProblem(
                    line: line,
                    message: "the id \(arrival.event.id) is known with other content (id conflict)")
            })
    }

    /// The lines of NDJSON that are not empty, numbered from 1.
    private func split(_ body: [UInt8]) -> [(Int, [UInt8])] {
        var lines: [(Int, [UInt8])] = []
        body.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var (start, number) = (0, 1)
            while start < bytes.count {
                let found = memchr(base + start, 10, bytes.count - start)
                let end = found.map { UnsafeRawPointer($0) - base } ?? bytes.count
                let line = bytes[start..<(end > start && bytes[end - 1] == 13 ? end - 1 : end)]
                if !line.isEmpty { lines.append((number, Array(line))) }
                (start, number) = (end + 1, number + 1)
            }
        }
        return lines
    }

    /// An event is stored as one line: white space around it goes, and line breaks between its tokens become
    /// spaces. Inside strings JSON allows none, so nothing that is data changes.
    private func singleLine(_ body: [UInt8]) -> [(Int, [UInt8])] {
        guard let first = body.firstIndex(where: { !PostedEvents.isSpace($0) }),
            let last = body.lastIndex(where: { !PostedEvents.isSpace($0) })
        else { return [] }
        var line = Array(body[first...last])
        for index in line.indices where line[index] == 10 || line[index] == 13 { line[index] = 32 }
        return [(1, line)]
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 32 || byte == 10 || byte == 13 || byte == 9
    }
}
