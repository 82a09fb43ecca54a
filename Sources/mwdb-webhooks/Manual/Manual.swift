// `manual`: writes man pages and shell completions, for whoever packages the program. Not shown in the help.

import ArgumentParser
import Glibc

/// Writes man pages and completions.
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write man pages and shell completions into a folder.",
        discussion: """
            FOLDER/man gets the pages, FOLDER/completions those of bash, zsh and fish.

              mwdb-webhooks manual deploy
            """,
        shouldDisplay: false)

    @Argument(help: ArgumentHelp("Where to write them.", valueName: "folder"), completion: .directory)
    var folder: String

    func run() throws {
        for (path, text) in try Reference.files() { try write(text, to: path) }
    }

    private func write(_ text: String, to path: String) throws(CommandFailure) {
        let whole = folder + "/" + path
        for part in [folder, folder + "/" + (path.split(separator: "/").first.map(String.init) ?? "")] {
            guard mkdir(part, 0o755) == 0 || errno == EEXIST else { throw failure("make", part) }
        }
        guard let file = fopen(whole, "w") else { throw failure("write", whole) }
        let bytes = Array(text.utf8)
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWritten else { throw failure("write", whole) }
    }

    private func failure(_ verb: String, _ path: String) -> CommandFailure {
        CommandFailure("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
