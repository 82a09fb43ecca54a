// The keys of [webhooks] and [mwdb].

import Model

extension SettingKey {
    /// Keys of `[webhooks]`; each is also the environment variable `WEBHOOKS_KEY`.
    static let webhooks: [SettingKey] = [
        SettingKey(
            .webhooks, "spool", .path, "/var/spool/mwdb-webhooks",
            "folder into which MWDB's event source writes; a restart is needed to change it"),
        SettingKey(
            .webhooks, "outbox", .path, "/var/lib/mwdb-webhooks",
            "folder of the durable outbox; a restart is needed to change it"),
        SettingKey(
            .webhooks, "listen", .other("a list of unix:PATH and HOST:PORT"),
            "unix:/run/mwdb-webhooks/api.sock",
            "where the HTTP interface listens; a restart is needed to change it"),
        SettingKey(
            .webhooks, "enable_plugins", .flag, "1",
            "0 gives no plugin anything new; what waits for them is held"),
        SettingKey(.webhooks, "plugins", .list, nil, "names of the plugins that are enabled"),
        SettingKey(
            .webhooks, "local_plugins_folder", .path, nil,
            "folder of drop-ins, each NAME.ini or NAME/plugin.ini with a section [plugin]"),
        SettingKey(
            .webhooks, "local_plugins_autodiscover", .flag, "0",
            "1 enables every drop-in in local_plugins_folder, listed in plugins or not"),
        SettingKey(
            .webhooks, "retention", .duration, "7d", "how long an event is kept after its last outcome"),
        SettingKey(
            .webhooks, "min_free_space", .size, "1GB",
            "free disk that is left to others; below it the source writes no events, below twice it no samples"
        ),
        SettingKey(
            .webhooks, "copy_limit", .size, "16MB",
            "largest sample that is copied where it cannot be linked; larger ones are fetched from MWDB "
                + "(without [mwdb] api_key there is no limit)"),
        SettingKey(.webhooks, "max_event_size", .size, "16MB", "largest event that is accepted"),
        SettingKey(
            .webhooks, "shutdown_timeout", .duration, "30s",
            "how long a stop waits for deliveries in flight before it hands them back"),
        SettingKey(
            .webhooks, "log_level", .choice(LogLevel.allCases.map(\.rawValue)), "info",
            "least important message that is logged"),
        SettingKey(
            .webhooks, "log_format", .choice(LogFormat.allCases.map(\.rawValue)), "auto",
            "how messages are written; auto is journald under systemd, otherwise text"),
    ]

    /// Keys of `[mwdb]`.
    static let mwdb: [SettingKey] = [
        SettingKey(.mwdb, "url", .url, nil, "MWDB as the daemon reaches it, for write-backs and samples"),
        SettingKey(
            .mwdb, "public_url", .url, nil,
            "MWDB as people reach it, {{mwdb.public_url}} in templates (default: url)"),
        SettingKey(
            .mwdb, "api_key", .text, nil,
            "API key of the account that writes back and fetches samples (capability downloading_files)",
            confidential: true),
        SettingKey(
            .mwdb, "ignore_actors", .list, nil,
            "logins whose attribute, tag, comment and on_changed_object events are kept from plugins that "
                + "write back (default: the login of api_key; empty: nobody's)"),
    ]
}
