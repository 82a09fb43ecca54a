// Options that several commands share.

import ArgumentParser
import Model
import Settings
import Web

/// `--config`.
struct ConfigOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Read FILE instead of the usual three.", valueName: "file"))
    var config: String?
}

/// How to reach the daemon.
struct DaemonOptions: ParsableArguments {
    @OptionGroup var configuration: ConfigOptions

    @Option(
        help: ArgumentHelp("Unix socket of the daemon; by default the one of `listen`.", valueName: "path"))
    var socket: String?

    /// The daemon.
    func client() throws(CommandFailure) -> DaemonClient {
        try DaemonClient(socket: socket, config: configuration.config)
    }
}

/// `--json`.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print the daemon's answer as JSON, for scripts.")
    var json = false
}

/// A moment on the command line: RFC 3339, a day, or how long ago.
struct Moment: ExpressibleByArgument {
    /// The moment.
    let timestamp: Timestamp

    init?(argument: String) {
        if let moment = Timestamp(rfc3339: argument) {
            timestamp = moment
        } else if let span = try? Span(parsing: argument) {
            timestamp = Timestamp(milliseconds: systemTime().milliseconds - span.milliseconds)
        } else {
            return nil
        }
    }
}

/// Options that choose events by what they are about and when they came.
struct EventFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Hook, for example on_created_file.", valueName: "hook"))
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

/// Options that choose deliveries.
struct DeliveryFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Plugin; `mwdb` for write-backs.", valueName: "plugin"))
    var plugin: String?

    @Option(help: ArgumentHelp("State; may be given several times.", valueName: "state"))
    var state: [StateName] = []

    @Option(help: ArgumentHelp("HTTP status of the last attempt.", valueName: "code"))
    var status: Int?

    @OptionGroup var events: EventFilterOptions

    func validate() throws {
        if let status, !(100...599).contains(status) {
            throw ValidationError("--status must be from 100 to 599, not \(status)")
        }
    }

    /// As members of a JSON object.
    var members: [JSON.Member] {
        var members: [JSON.Member] = []
        if let plugin { members.append(.init(key: "plugin", value: .string(plugin))) }
        if !state.isEmpty {
            members.append(.init(key: "state", value: .array(state.map { .string($0.rawValue) })))
        }
        if let status { members.append(.init(key: "status", value: .number(String(status)))) }
        return members + events.members
    }
}

/// States of deliveries on the command line.
enum StateName: String, ExpressibleByArgument, CaseIterable {
    case ready, waiting, started, held, dead, delivered, cancelled
}

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
