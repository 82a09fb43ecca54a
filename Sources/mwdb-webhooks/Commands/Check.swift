// `check`: is the configuration right? Needs no daemon and changes nothing.

import ArgumentParser
import Model
import Settings

/// Checks the configuration.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration; needs no daemon.",
        discussion: """
            Reads all files as `run` would and lists everything that is wrong, with file, line, key and remedy. Exits 1 \
            if any of it is an error. Run it before `systemctl reload mwdb-webhooks`.

              mwdb-webhooks check --config /etc/mwdb-webhooks/webhooks.ini
            """)

    @OptionGroup var options: ConfigOptions
    @Flag(help: "Print JSON, for scripts.") var json = false

    func run() throws {
        var sources = SettingsSources.process(configFile: options.config)
        // Credentials of the service are there only while systemd runs it.
        sources.isTrial = true
        let (settings, problems) = Settings.load(sources)
        let terminal = Terminal.standard
        if json {
            try terminal.write(json: CheckReport.json(settings, problems).serialised())
        } else {
            for line in CheckReport.lines(settings, problems, style: terminal.style) {
                try terminal.write(line)
            }
        }
        if settings == nil { throw ExitCode(1) }
    }
}
