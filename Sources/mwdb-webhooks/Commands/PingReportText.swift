// What `ping` says: request, answer and verdict. Pure. The answer was chosen by the receiver.

import Model

/// What `ping` says.
enum PingReportText {
    /// Request, answer and verdict.
    static func lines(_ report: JSON, style: Style) -> [String] {
        let request = report["request"] ?? .null
        let answer = report["answer"] ?? .null
        var lines = [style.bold("> " + Neutral.line(request.shown("line")))]
        lines += request["headers"]?.elements.map { "> " + header($0) } ?? []
        lines.append("")
        if let status = answer["status"]?.integer {
            lines.append(style.bold("< \(status)"))
            lines += answer["headers"]?.elements.map { "< " + header($0) } ?? []
            if let body = answer["body"]?.text, !body.isEmpty { lines += ["<", Neutral.block(body)] }
            if answer["body_base64"] != nil { lines += ["<", "(the answer's body is no text)"] }
        } else {
            lines.append(style.bad("no answer: " + Neutral.line(answer.shown("message"))))
        }
        let time = Wording.duration(microseconds: Int64(report["timings"]?["total"]?.integer ?? 0))
        let verdict = Neutral.line(report.shown("verdict"))
        lines += [
            "",
            (report["delivered"]?.isTrue == true ? style.good(verdict) : style.bad(verdict))
                + " (after \(time))",
        ]
        for value in report["extracted"]?.members ?? [] {
            lines.append("extracted \(Neutral.line(value.key)): \(Neutral.json(value.value.serialised()))")
        }
        return lines
    }

    private static func header(_ header: JSON) -> String {
        Neutral.line(header.shown("name")) + ": " + Neutral.line(header.shown("value"))
    }
}
