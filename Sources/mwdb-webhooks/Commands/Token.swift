// `token`: shows or renews what opens the HTTP interface over TCP. Works on the file itself, so that it needs no
// running daemon, and whoever may read the file.

import ArgumentParser
import Model
import Settings
import Web

/// Shows or rotates the tokens.
struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show or renew the tokens that open dashboard and API over TCP.",
        discussion: """
            They are in OUTBOX/token (mode 0600), made at the daemon's first start. An operator's token does \
            everything, a viewer's looks. Rotating ends all sessions at once; no restart is needed. Run it as the \
            daemon's user.

              mwdb-webhooks token                 the operator's token
              mwdb-webhooks token --viewer        the viewer's
              mwdb-webhooks token --rotate        new ones
            """)

    @Flag(help: "The viewer's token in place of the operator's.") var viewer = false
    @Flag(help: "Make new tokens; the old ones, and all sessions, end.") var rotate = false
    @OptionGroup var options: ConfigOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let settings = try ConfigOptions.globalSettings(options.config)
        let tokens: AccessTokens
        do {
            tokens = try current(AccessTokens.path(outbox: settings.outbox))
        } catch {
            throw CommandFailure("\(error)")
        }
        if output.json {
            let document = JSON.object([
                .init(key: "operator", value: .string(tokens.operator)),
                .init(key: "viewer", value: .string(tokens.viewer)),
            ])
            try Terminal.standard.write(json: document.serialised())
        } else {
            try Terminal.standard.write(Neutral.block(tokens.token(of: viewer ? .viewer : .operator)))
        }
    }

    private func current(_ path: String) throws(AccessTokensError) -> AccessTokens {
        if !rotate, let tokens = try AccessTokens.read(path) { return tokens }
        let tokens = AccessTokens.random()
        try tokens.write(path)
        return tokens
    }
}
