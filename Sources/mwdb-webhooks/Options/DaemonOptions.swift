// `--config` and `--socket`, for commands that ask the daemon.

import ArgumentParser

/// How to reach the daemon.
struct DaemonOptions: ParsableArguments {
    @OptionGroup var configuration: ConfigOptions

    @Option(
        help: ArgumentHelp("Unix socket of the daemon; by default the one of `listen`.", valueName: "path"))
    var socket: String?

    /// The daemon.
    func client() throws(CommandFailure) -> DaemonClient {
        try DaemonClient(socket: socket, config: configuration.config)
    }
}
