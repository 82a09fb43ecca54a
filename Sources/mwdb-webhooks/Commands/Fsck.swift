// `fsck`: checks what is on disk while the daemon is stopped. Exits 0 when all is well, or was made well.

import ArgumentParser
import Dispatcher
import Model
import Outbox
import Settings

/// Checks outbox and samples.
struct Fsck: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check outbox and samples on disk, and repair what is safe.",
        discussion: """
            For after a crash of the disk, or a restored backup. The daemon must be stopped; run it as the daemon's \
            user. It reads everything: the database's pages and indices, deliveries without event, attempts without \
            delivery, counters, lines (`order`), the events' bytes, and the SHA-256 of every sample. Nothing is changed without \
            --repair, and with it only what needs no guessing; the rest is listed with what to do. Exits 1 while \
            anything is left.

              systemctl stop mwdb-webhooks
              mwdb-webhooks fsck
              mwdb-webhooks fsck --repair
            """)

    @Flag(help: "Repair what is safe.") var repair = false
    @OptionGroup var options: ConfigOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let sources = SettingsSources.process(configFile: options.config)
        // What can be fetched again depends on all of the configuration; where it is wrong, on none of it.
        let settings = try Settings.load(sources).0 ?? ConfigOptions.globalSettings(options.config)
        let findings: [Finding]
        let work = LongWork("checking " + settings.outbox)
        do throws(PipelineError) {
            findings = try InstallationCheck(settings: settings, repair: repair).run { work.note($0) }
            work.end()
        } catch {
            work.end()
            throw CommandFailure(error.description)
        }
        let left = findings.filter { !$0.isRepaired && !$0.isNote }
        let terminal = Terminal.standard
        if output.json {
            try terminal.write(json: Self.json(findings, left: left.count).serialised())
        } else {
            for line in Self.lines(findings, style: terminal.style) { try terminal.write(line) }
            try terminal.write(
                left.isEmpty
                    ? "\(settings.outbox): "
                        + (findings.contains(where: \.isRepaired) ? "repaired" : "all is well")
                    : "\(settings.outbox): \(Wording.count(left.count, "problem")) left"
                        + (!repair && left.contains(where: \.isRepairable)
                            ? "; --repair mends what is safe" : ""))
        }
        if !left.isEmpty { throw ExitCode(1) }
    }

    /// The findings for people.
    static func lines(_ findings: [Finding], style: Style) -> [String] {
        findings.flatMap { finding -> [String] in
            let word =
                finding.isRepaired
                ? style.good("repaired") : finding.isNote ? "note" : style.bad("problem")
            return ["\(word): \(finding.count) \(finding.what): \(finding.remedy)"]
                + finding.examples.map { "  " + Neutral.line($0) }
                + (finding.count > Int64(finding.examples.count)
                    ? ["  and \(finding.count - Int64(finding.examples.count)) more"] : [])
        }
    }

    private static func json(_ findings: [Finding], left: Int) -> JSON {
        .object([
            .init(key: "problems_left", value: .number(String(left))),
            .init(
                key: "findings",
                value: .array(
                    findings.map { finding in
                        .object([
                            .init(key: "what", value: .string(finding.what)),
                            .init(key: "count", value: .number(String(finding.count))),
                            .init(key: "examples", value: .array(finding.examples.map(JSON.string))),
                            .init(key: "remedy", value: .string(finding.remedy)),
                            .init(key: "repairable", value: .bool(finding.isRepairable)),
                            .init(key: "repaired", value: .bool(finding.isRepaired)),
                            .init(key: "note", value: .bool(finding.isNote)),
                        ])
                    })),
        ])
    }
}
