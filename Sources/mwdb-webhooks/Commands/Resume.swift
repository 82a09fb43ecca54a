// `resume`: a paused plugin goes on.

import ArgumentParser

/// Resumes a plugin.
struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a paused plugin run again, and forget a Retry-After.",
        discussion: "  mwdb-webhooks resume drakvuf")

    @Argument(help: "The plugin; `mwdb` for write-backs.", completion: .plugins) var plugin: String
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let answer = try daemon.client().post(Target("plugins", plugin, "resume").text)
        try output.report(answer, "\(plugin) runs again")
    }
}
