// `--config`, for commands that read the configuration.

import ArgumentParser
import Settings

/// `--config`.
struct ConfigOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read FILE instead of the usual three.", valueName: "file"),
        completion: .file(extensions: ["ini"]))
    var config: String?
}

extension ConfigOptions {
    /// Where a command finds the daemon and its files. What is wrong in one of the usual files leaves a default in its
    /// place, since the daemon may run with what was there before. A file that was named by hand must be right: with the
    /// default in its place the command would act on another daemon than was meant, or on its files.
    /// - Throws: `CommandFailure` in the words of `check`.
    static func globalSettings(_ config: String?) throws(CommandFailure) -> Settings {
        let (settings, errors) = Settings.global(.process(configFile: config))
        guard config != nil, !errors.isEmpty else { return settings }
        throw CommandFailure(
            (errors.map(\.description) + ["nothing was done: --config names a configuration with errors"])
                .joined(separator: "\n"))
    }
}
