// `--limit` and `--after`, for lists.

import ArgumentParser

/// Paging of lists.
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Most rows.", valueName: "rows"))
    var limit = 50

    @Option(help: ArgumentHelp("Go on after a page: the value it said.", valueName: "page"))
    var after: String?

    func validate() throws {
        guard (1...500).contains(limit) else {
            throw ValidationError("--limit must be from 1 to 500, not \(limit)")
        }
    }
}
