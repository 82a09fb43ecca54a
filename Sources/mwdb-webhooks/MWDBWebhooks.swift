// The commands: where the process begins and ends. Exit codes are 0 done, 1 failed, 2 usage.

import ArgumentParser
import Glibc
import Model

/// mwdb-webhooks and its commands.
struct MWDBWebhooks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mwdb-webhooks",
        abstract: "Delivers MWDB's plugin hooks to HTTP endpoints, durably.",
        discussion: """
            MWDB's event source writes each hook to a spool; the daemon (`run`) takes it into its outbox and sends it to \
            every plugin that wants it, until it is delivered. The other commands ask the running daemon, over its unix \
            socket.

            First steps:
              mwdb-webhooks check                 is the configuration right?
              mwdb-webhooks receiver              a receiver that prints what arrives
              mwdb-webhooks run                   the daemon, in the foreground
              mwdb-webhooks ping hello_world      send a test event
              mwdb-webhooks status                how is it doing?

            The configuration is ./webhooks.ini, ~/.mwdb-webhooks/webhooks.ini and /etc/mwdb-webhooks/webhooks.ini, key \
            by key, or FILE of --config.
            """,
        version: Product.version,
        groupedSubcommands: [
            CommandGroup(
                name: "Daemon", subcommands: [Run.self, Check.self, Reload.self, Token.self, Secret.self]),
            CommandGroup(
                name: "Looking",
                subcommands: [Status.self, Top.self, Plugins.self, Events.self, Deliveries.self, Show.self]),
            CommandGroup(
                name: "Acting",
                subcommands: [
                    Retry.self, Replay.self, Backfill.self, Jobs.self, Cancel.self, Pause.self, Resume.self,
                    Ping.self,
                ]),
            CommandGroup(name: "Keeping", subcommands: [Export.self, Import.self, Fsck.self]),
            CommandGroup(
                name: "Trying out",
                subcommands: [
                    Receive.self, BenchCommand.self, BenchReceiverCommand.self, BenchProducersCommand.self,
                    Manual.self,
                ]),
        ])

    /// What a command is called.
    static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}

@main
enum Execution {
    static func main() async {
        // A reader that goes away (`| head`) is an error of write(2), not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Runs the command that `arguments` mean; the exit code.
    static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try MWDBWebhooks.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let failure as CommandFailure {
            Terminal.complain("mwdb-webhooks: " + failure.description)
            return 1
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            return usage(error, arguments)
        }
    }

    /// Help goes to standard output and is no failure; everything else is the user's mistake.
    private static func usage(_ error: any Error, _ arguments: [String]) -> Int32 {
        let text = MWDBWebhooks.fullMessage(for: error)
        let code = MWDBWebhooks.exitCode(for: error)
        guard code == .success else {
            Terminal.complain(text)
            if let hint = hint(arguments) { Terminal.complain(hint) }
            return code == .validationFailure ? 2 : 1
        }
        print(text)
        return 0
    }

    /// `did you mean 'status'?` for a command that there is not.
    private static func hint(_ arguments: [String]) -> String? {
        let names = MWDBWebhooks.configuration.groupedSubcommands.flatMap(\.subcommands).map(
            MWDBWebhooks.name(of:))
        guard let first = arguments.first, !first.hasPrefix("-"), !names.contains(first) else { return nil }
        return Nearest.match(first, among: names).map { "  Did you mean '\($0)'?" }
    }
}
