// What the shell offers for values that only the daemon or the configuration knows.

import ArgumentParser
import Model

extension CompletionKind {
    /// Names of plugins, as `mwdb-webhooks plugins --names` lists them.
    static let plugins = CompletionKind.shellCommand("mwdb-webhooks plugins --names 2>/dev/null")

    /// Hooks of MWDB that this version knows.
    static let hooks = CompletionKind.list(Hook.all.map(\.name))
}
