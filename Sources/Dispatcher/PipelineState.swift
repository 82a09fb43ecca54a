// What changes while the dispatcher runs and is read from many threads.

import Model
import Outbox
import Settings

/// The dispatcher's shared state.
struct PipelineState: Sendable {
    /// Settings in force.
    var settings: Settings
    /// Which plugins get which event.
    var router = Router(plugins: [], ignoredActors: [])
    /// Numbers of all plugins the outbox knows, by name.
    var numbers: [String: PluginNumber] = [:]
    /// Where the daemon is between start and end.
    var phase = Phase.starting
    /// Hooks that were logged as unknown.
    var unknownHooks: Set<String> = []
    /// The latest reload: the next one waits for it.
    var reloading: Task<[SettingsProblem], any Error>?
    /// The cleaning task.
    var housekeeping: Task<Void, Never>?
    /// The task that announces what happens to the dispatcher itself.
    var announcing: Task<Void, Never>?

    init(settings: Settings) {
        self.settings = settings
    }

    /// Where the daemon is between start and end.
    enum Phase: Sendable, Equatable {
        case starting, ready, stopping
        case broken(String)
    }
}
