// `--rate`, `--dry-run`, `--background`, for commands that do something to many deliveries or events.

import ArgumentParser
import Model

/// How a job is carried out.
struct JobOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Most deliveries in a period: 10/s, 5/m. Without it, as fast as it goes.", valueName: "n/period"))
    var rate: String?

    @Flag(help: "Only count; the job is not begun.") var dryRun = false
    @Flag(help: "Begin the job and return; `mwdb-webhooks jobs` shows it.") var background = false

    func validate() throws {
        guard let rate else { return }
        do throws(ValueError) {
            _ = try Rate(parsing: rate)
        } catch {
            throw ValidationError("--rate: \(error.message)")
        }
    }

    /// Has the daemon do what `members` say, and reports it.
    /// - Parameters:
    ///   - noun: What is counted.
    ///   - done: What is said of those that were found.
    func perform(
        _ kind: String, _ members: [JSON.Member], noun: String, done: String, _ daemon: DaemonOptions,
        _ output: OutputOptions
    ) throws {
        var members = [JSON.Member(key: "kind", value: .string(kind))] + members
        if let rate { members.append(.init(key: "rate", value: .string(rate))) }
        if dryRun { members.append(.init(key: "dry_run", value: .bool(true))) }
        let client = try daemon.client()
        let answer = try client.post("/api/jobs", .object(members))
        guard !dryRun else {
            let more = answer.json["more"]?.isTrue == true ? "at least " : ""
            return try output.report(
                answer, "would apply to \(more)" + Wording.count(answer.json["matched"]?.integer ?? 0, noun))
        }
        guard !background else {
            let id = answer.json.shown("id")
            return try output.report(
                answer, "job \(id) has begun; watch it with: mwdb-webhooks jobs \(id) --follow")
        }
        try Self.finish(try JobWatch(client: client).follow(answer.json), noun: noun, done: done, output)
    }

    /// Reports a job that does not run any more.
    static func finish(_ answer: DaemonAnswer, noun: String, done: String, _ output: OutputOptions) throws {
        let job = answer.json
        guard job["state"]?.text == "done" else {
            if output.json { try Terminal.standard.write(json: answer.bytes) }
            let id = job.shown("id")
            throw CommandFailure(
                "job \(id) is \(job.shown("state")): \(job["problem"]?.text ?? JobProgress.figures(job)); "
                    + "go on with: mwdb-webhooks jobs \(id) --resume")
        }
        let skipped = job["skipped"]?.integer ?? 0
        try output.report(
            answer,
            "\(Wording.count(job["done"]?.integer ?? 0, noun)) \(done)"
                + (skipped > 0 ? "; \(skipped) skipped" : ""))
    }
}
