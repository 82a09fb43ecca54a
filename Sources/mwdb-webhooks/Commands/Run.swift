// `run`: the daemon, in the foreground.

import ArgumentParser
import Dispatcher
import Glibc
import Model
import Settings

/// Runs the daemon.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon, in the foreground.",
        discussion: """
            Takes events from the spool and over HTTP, and delivers them. Logs go to standard error. SIGTERM or SIGINT: \
            finish what is in flight within `shutdown_timeout` and exit 0; a second one ends at once. SIGHUP: read the \
            configuration again; an invalid one changes nothing.

              mwdb-webhooks run --config ./webhooks.ini
            """)

    @OptionGroup var options: ConfigOptions

    func run() async throws {
        let sources = SettingsSources.process(configFile: options.config)
        let (settings, problems) = Settings.load(sources)
        guard let settings else {
            for problem in problems { Terminal.complain(problem.description) }
            let count = problems.count { $0.severity == .error }
            throw CommandFailure("\(Wording.count(count, "error")) in the configuration: not started")
        }
        let daemon: Daemon
        do {
            daemon = try Daemon(settings: settings, sources: sources)
        } catch {
            // Said in the log already.
            throw ExitCode(1)
        }
        let code = await daemon.run(problems: problems)
        if code != 0 { throw ExitCode(code) }
    }
}
