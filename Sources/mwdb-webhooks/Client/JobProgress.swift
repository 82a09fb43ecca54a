// How far a job is, in a line. Pure; time is a parameter.

import Model

/// The progress of one job.
struct JobProgress {
    private var job: JSON = .null
    private var first: (at: Timestamp, examined: Int)?
    private var speed: Double?

    /// The daemon's answer about the job at `now`.
    mutating func note(_ job: JSON, at now: Timestamp) {
        self.job = job
        let examined = job["examined"]?.integer ?? 0
        guard let first else {
            self.first = (now, examined)
            return
        }
        let span = (now - first.at).milliseconds
        speed = span >= 1000 ? Double(examined - first.examined) / Double(span) * 1000 : nil
    }

    /// `[#####-----] 52 % of 10000 looked at: 312 done, 4 skipped, 120/s, 40 s left`.
    var line: String {
        let examined = job["examined"]?.integer ?? 0
        var parts: [String] = []
        if let total = job["total"]?.integer, total > 0 {
            let share = min(100, examined * 100 / total)
            let filled = share / 5
            parts.append(
                "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: 20 - filled)
                    + "] \(share) % of \(total)")
        } else {
            parts.append("\(examined) looked at")
        }
        parts.append(Self.figures(job))
        if job["state"]?.text == "running" {
            if let speed, speed >= 0.1 {
                parts.append(
                    speed < 10 ? "\(Int(speed * 10) / 10).\(Int(speed * 10) % 10)/s" : "\(Int(speed))/s")
                if let total = job["total"]?.integer, total > examined {
                    parts.append(Wording.age(.seconds(Int64(Double(total - examined) / speed))) + " left")
                }
            }
        } else {
            parts.append(job.shown("state"))
        }
        if let problem = job["problem"]?.text { parts.append(Neutral.line(problem)) }
        return parts.joined(separator: ", ")
    }

    /// `312 done, 4 skipped`.
    static func figures(_ job: JSON) -> String {
        let word =
            switch job["kind"]?.text {
            case "retry": "to be tried"
            case "cancel": "called off"
            default: "to be delivered"
            }
        return "\(job.shown("done")) \(word), \(job.shown("skipped")) skipped"
    }
}
