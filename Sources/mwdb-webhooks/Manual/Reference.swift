// What a package installs beside the program and what is written from the commands themselves: man pages and shell
// completions. deploy/man and deploy/completions hold them; a test says when they are not up to date.

import ArgumentParser
import Model

/// Files written from the commands.
enum Reference {
    /// Every file with its path below `deploy`.
    /// - Throws: `CommandFailure` when the commands cannot be described.
    static func files() throws(CommandFailure) -> [(path: String, text: String)] {
        var files: [(String, String)] = []
        for page in try pages() { files.append(("man/" + page.file, page.text)) }
        for (name, shell) in [("bash", CompletionShell.bash), ("zsh", .zsh), ("fish", .fish)] {
            let script = MWDBWebhooks.completionScript(for: shell)
            files.append(("completions/" + name, script.hasSuffix("\n") ? script : script + "\n"))
        }
        return files
    }

    private static func pages() throws(CommandFailure) -> [ManualPage] {
        guard let tree = try? JSON.parse(Array(MWDBWebhooks._dumpHelp().utf8)), let root = tree["command"]
        else {
            throw CommandFailure("the commands cannot be described")
        }
        let program = MWDBWebhooks.configuration.commandName ?? "mwdb-webhooks"
        let commands = (root["subcommands"]?.elements ?? []).filter {
            $0["shouldDisplay"]?.isTrue == true && $0["commandName"]?.text != "help"
        }
        return [ManualPage(root, title: program, others: [])]
            + commands.map { command in
                ManualPage(
                    command, title: program + "-" + (command["commandName"]?.text ?? ""), others: [program])
            }
    }
}
