// The checked configuration: what the INI files, the environment and the presets come to. Made once at start
// and again at each SIGHUP by `Settings.load`; every other module is given this value and reads no file
// itself. When anything is wrong there is no value at all, only the list of problems: the daemon does not
// start, or keeps the settings it has.

import Model

/// Everything that is configured. Holds resolved secrets; print it only through `redaction`.
package struct Settings: Sendable, Equatable {
    /// Folder into which MWDB's event source writes. Needs a restart to change.
    package var spool = "/var/spool/mwdb-webhooks"
    /// Folder of the outbox. Needs a restart to change.
    package var outbox = "/var/lib/mwdb-webhooks"
    /// Where the HTTP interface listens. Needs a restart to change.
    package var listen: [Listen] = [.unix(path: "/run/mwdb-webhooks/api.sock")]
    /// `enable_plugins = 0`: all plugins are there, with `enabled` false.
    package var enablePlugins = true
    /// The plugins of `plugins` and of autodiscovery, in the order in which they are named.
    package var plugins: [Plugin] = []
    /// How long an event is kept after its last outcome.
    package var retention = Span.days(7)
    /// Free disk, in bytes, that spool and outbox leave to others.
    package var minimumFreeSpace: Int64 = 1_000_000_000
    /// Largest sample, in bytes, that the source copies where it cannot link. Applies only with an API key.
    package var copyLimit: Int64 = 16_000_000
    /// Longest event, in bytes, that intake accepts.
    package var maximumEventSize = 16_000_000
    /// How long SIGTERM waits for deliveries in flight.
    package var shutdownTimeout = Span.seconds(30)
    /// Least important message that is logged.
    package var logLevel = LogLevel.info
    /// How messages are written.
    package var logFormat = LogFormat.auto
    /// The MWDB to which values are written and from which samples are fetched; nil without `[mwdb] url`.
    package var mwdb: MWDBSettings?

    /// Every secret in these settings, resolved, and the forms in which one is sent.
    package var secretValues: Set<String> = []
    /// What is in force for `[webhooks]` and `[mwdb]`, secrets redacted, in the order of the documentation.
    package var effective: [EffectiveSetting] = []
    /// What is in force for each plugin, by its name, secrets redacted.
    package var effectivePlugins: [String: [EffectiveSetting]] = [:]
    /// Configuration files, drop-ins and presets that were read, the strongest first.
    package var files: [String] = []

    /// Settings that are all at their defaults, without a plugin.
    package init() {}

    /// The plugin called `name`.
    package func plugin(_ name: String) -> Plugin? {
        plugins.first { $0.name == name }
    }

    /// Replaces secrets in text for logs, API and commands.
    package var redaction: Redaction { Redaction(secretValues) }
}
