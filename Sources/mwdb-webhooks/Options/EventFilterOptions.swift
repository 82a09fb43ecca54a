// `--hook`, `--object`, `--since`, `--until`, for commands that choose events or deliveries.

import ArgumentParser
import Model

/// Options that choose events by what they are about and when they came.
struct EventFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Hook, for example on_created_file.", valueName: "hook"), completion: .hooks)
    var hook: String?

    @Option(help: ArgumentHelp("Id of the object in MWDB (a file's SHA-256).", valueName: "id"))
    var object: String?

    @Option(
        help: ArgumentHelp(
            "Accepted then or later: 2026-11-23T18:00:00Z, 2026-11-23, or 2h ago as `2h`.", valueName: "when")
    )
    var since: Moment?

    @Option(help: ArgumentHelp("Accepted before then.", valueName: "when"))
    var until: Moment?

    /// As members of a JSON object.
    var members: [JSON.Member] {
        [
            ("hook", hook), ("object", object), ("since", since?.timestamp.rfc3339),
            ("until", until?.timestamp.rfc3339),
        ].compactMap { key, value in value.map { JSON.Member(key: key, value: .string($0)) } }
    }
}
