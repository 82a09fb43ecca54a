// `--plugin`, `--state`, `--status` and the filters of events, for commands that choose deliveries.

import ArgumentParser
import Model

/// Options that choose deliveries.
struct DeliveryFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Plugin; `mwdb` for write-backs.", valueName: "plugin"), completion: .plugins)
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
    case ready, waiting, started, blocked, held, dead, delivered, cancelled
}
