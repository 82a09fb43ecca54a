// `jobs`: what retry, cancel, replay and backfill have begun, and how to stop it and let it go on.

import ArgumentParser
import Model

/// Lists jobs, or shows, stops or resumes one.
struct Jobs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the jobs of retry, cancel, replay and backfill; stop one, or let it go on.",
        discussion: """
            A job lives in the daemon's outbox: it goes on when the command that began it is gone, and over restarts, \
            until it is done, stopped, or failed with a problem that somebody has to mend. Stopped and failed ones go \
            on where they were.

              mwdb-webhooks jobs
              mwdb-webhooks jobs 7 --follow
              mwdb-webhooks jobs 7 --stop
              mwdb-webhooks jobs 7 --resume
            """)

    @Argument(help: "Number of a job.") var job: Int?
    @Flag(help: "Watch it until it is through; Ctrl-C stops it.") var follow = false
    @Flag(help: "Stop it.") var stop = false
    @Flag(help: "Let it go on, and watch it.") var resume = false
    @Flag(help: "With --resume: return at once.") var background = false
    @OptionGroup var page: PageOptions
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let actions = [follow, stop, resume].count { $0 }
        guard actions <= 1 else { throw ValidationError("only one of --follow, --stop and --resume") }
        guard actions == 0 || job != nil else {
            throw ValidationError("which job? `mwdb-webhooks jobs` lists them")
        }
        guard !background || resume else { throw ValidationError("--background goes with --resume") }
    }

    func run() throws {
        let client = try daemon.client()
        guard let job else { return try list(client) }
        let number = String(job)
        if stop { return try show(client.post(Target("jobs", number, "stop").text)) }
        guard resume || follow else { return try show(client.get(Target("jobs", number).text)) }
        let first =
            try resume
            ? client.post(Target("jobs", number, "resume").text) : client.get(Target("jobs", number).text)
        guard !background else { return try show(first) }
        let (noun, done) =
            switch first.json["kind"]?.text {
            case "retry": ("delivery", "will be tried at once")
            case "cancel": ("delivery", "called off")
            default: ("event", "will be delivered")
            }
        try JobOptions.finish(
            try JobWatch(client: client).follow(first.json), noun: noun, done: done, output)
    }

    private func list(_ client: DaemonClient) throws {
        var target = Target("jobs")
        target.add("limit", String(page.limit))
        target.add("after", page.after)
        let answer = try client.get(target.text)
        let terminal = Terminal.standard
        if output.json { return try terminal.write(json: answer.bytes) }
        var table = Table([
            .number("JOB"), .text("KIND"), .text("STATE"), .number("LOOKED AT"), .number("OF"),
            .number("DONE"),
            .number("SKIPPED"), .text("RATE"), .text("BEGUN (UTC)"), .text("WHAT", shrinksTo: 12),
            .text("PROBLEM", shrinksTo: 12),
        ])
        for job in answer.json["jobs"]?.elements ?? [] {
            table.add([
                job.shown("id"), job.shown("kind"), job.shown("state"), job.shown("examined"),
                job.shown("total"),
                job.shown("done"), job.shown("skipped"), job.shown("rate"), job.moment("created_at"),
                Self.selection(job), job.shown("problem"),
            ])
        }
        try terminal.write(table)
        try terminal.writeNext(answer.json, command: "jobs")
    }

    private func show(_ answer: DaemonAnswer) throws {
        let job = answer.json
        var progress = JobProgress()
        progress.note(job, at: Timestamp(milliseconds: 0))
        try output.report(
            answer,
            "job \(job.shown("id")): \(job.shown("kind")) \(Self.selection(job)), ordered by \(job.shown("who")), "
                + "\(job.shown("state"))\n\(progress.line)")
    }

    private static func selection(_ job: JSON) -> String {
        let members = job["selection"]?.members ?? []
        let parts = members.map { member -> String in
            switch member.value {
            case .array(let values): "\(member.key)=" + values.compactMap(\.text).joined(separator: ",")
            case .bool: member.key
            default: "\(member.key)=\(job["selection"]?.shown(member.key) ?? "")"
            }
        }
        return parts.isEmpty ? "all" : parts.joined(separator: " ")
    }
}
