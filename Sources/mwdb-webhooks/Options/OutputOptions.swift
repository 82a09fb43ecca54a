// `--json`, for commands that print.

import ArgumentParser

/// `--json`.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print the daemon's answer as JSON, for scripts.")
    var json = false
}

extension OutputOptions {
    /// Prints the answer, or `text` about it.
    func report(_ answer: DaemonAnswer, _ text: String) throws(CommandFailure) {
        if json {
            try Terminal.standard.write(json: answer.bytes)
        } else {
            try Terminal.standard.write(Neutral.block(text))
        }
    }
}
