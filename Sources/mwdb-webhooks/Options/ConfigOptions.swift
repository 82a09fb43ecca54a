// `--config`, for commands that read the configuration.

import ArgumentParser

/// `--config`.
struct ConfigOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read FILE instead of the usual three.", valueName: "file"),
        completion: .file(extensions: ["ini"]))
    var config: String?
}
