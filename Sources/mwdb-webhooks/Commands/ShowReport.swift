// What `show` says, from the daemon's JSON. Pure. Everything in it may have been chosen by strangers.

import Model

/// An event or delivery for people.
struct ShowReport {
    private let json: JSON
    private let style: Style

    /// The answer of /api/events/ID or /api/deliveries/ID.
    init(_ json: JSON, style: Style) {
        self.json = json
        self.style = style
    }

    /// Lines about an event.
    var event: [String] {
        var lines = [style.bold("Event " + text("id"))]
        lines += fields(json, ["hook", "actor", "object", "content"])
        lines.append("  accepted: \(json.moment("accepted_at")) UTC, sequence \(json.shown("sequence"))")
        lines += ["", style.bold("Deliveries")]
        lines += json["deliveries"]?.elements.map(deliveryLine) ?? []
        return lines + body
    }

    /// Lines about a delivery.
    var delivery: [String] {
        var lines = [style.bold("Delivery " + text("id")) + ": " + state(json)]
        if let reason = json["reason"]?.text { lines.append("  because: " + Neutral.line(reason)) }
        if json["due"]?.text != nil { lines.append("  next attempt: \(json.moment("due")) UTC") }
        lines += fields(json, ["hook", "object"])
        lines.append(
            "  accepted: \(json.moment("accepted_at")) UTC, updated: \(json.moment("updated_at")) UTC")
        for (title, key) in [("extracted", "extracted"), ("write-back", "task")] {
            if let value = json[key], value != .null {
                lines.append("  \(title): \(Neutral.json(value.serialised()))")
            }
        }
        for attempt in json["tried"]?.elements ?? [] { lines += [""] + attemptLines(attempt) }
        let siblings = json["siblings"]?.elements ?? []
        if !siblings.isEmpty {
            lines += ["", style.bold("The event's other deliveries")] + siblings.map(deliveryLine)
        }
        return lines + body
    }

    private func attemptLines(_ attempt: JSON) -> [String] {
        let timings = attempt["timings"] ?? .null
        func time(_ key: String) -> String {
            Wording.duration(microseconds: Int64(timings[key]?.integer ?? 0))
        }
        var lines = [
            style.bold("Attempt \(attempt.shown("number"))") + " \(attempt.moment("started_at")) UTC"
                + (attempt["remote_address"]?.text.map { " to " + Neutral.line($0) } ?? ""),
            "  " + Neutral.line(attempt.shown("message")),
            "  connected after \(time("connected")), first byte \(time("first_byte")), all \(time("total"))",
        ]
        lines +=
            attempt["answer_headers"]?.elements.compactMap(\.text).map { "  < " + Neutral.line($0) } ?? []
        if let body = attempt["answer_body"]?.text, !body.isEmpty {
            lines += Neutral.block(body).split(separator: "\n", omittingEmptySubsequences: false).map {
                "  | " + $0
            }
        } else if let bytes = attempt["answer_body_base64"]?.text {
            lines.append("  | (no text; Base64) " + Neutral.line(bytes))
        }
        return lines
    }

    private var body: [String] {
        guard let body = json["body"] else { return [] }
        guard body != .null else { return ["", "The event's bytes are no longer kept."] }
        return ["", style.bold("Event"), Neutral.json(body.serialised())]
    }

    private func deliveryLine(_ delivery: JSON) -> String {
        var line = "  \(Neutral.line(delivery.shown("id"))): \(state(delivery)), "
        line += Wording.count(delivery["attempts"]?.integer ?? 0, "attempt")
        if let reason = delivery["reason"]?.text { line += ": " + Neutral.line(reason) }
        return line
    }

    private func state(_ delivery: JSON) -> String {
        let state = delivery.shown("state")
        return switch state {
        case "delivered": style.good(state)
        case "dead": style.bad(state)
        case "held", "waiting", "started": style.doubtful(state)
        default: state
        }
    }

    private func text(_ key: String) -> String { Neutral.line(json.shown(key)) }

    private func fields(_ json: JSON, _ keys: [String]) -> [String] {
        keys.compactMap { key in json[key]?.text.map { "  \(key): \(Neutral.line($0))" } }
    }
}
