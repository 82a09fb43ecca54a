// The keys of [plugin:NAME], in the order of an event's way: what it is, which events, request, answer,
// retries.

import Model

extension SettingKey {
    /// Keys of `[plugin:NAME]`, of `[plugin]` in drop-ins and presets.
    static let plugin: [SettingKey] = identity + subscription + request + connection + answer + limits

    private static let identity: [SettingKey] = [
        SettingKey(
            .plugin, "preset", .other("the name of a preset, such as drakvuf"), nil,
            "preset whose keys apply where this section has none"),
        SettingKey(.plugin, "enabled", .flag, "1", "0 gives it nothing new; what waits for it is held"),
        SettingKey(.plugin, "author", .text, nil, "announced as MWDB announces its plugins"),
        SettingKey(.plugin, "version", .text, nil, "announced as MWDB announces its plugins"),
        SettingKey(.plugin, "description", .text, nil, "announced as MWDB announces its plugins"),
    ]

    private static let subscription: [SettingKey] = [
        SettingKey(
            .plugin, "hooks", .other("a list of hooks such as on_created_file, on_created_* or *"), nil,
            "hooks it is called for; required, here or in the preset"),
        SettingKey(
            .plugin, "filter", .other("lines such as file.file_size <= 100MB"), nil,
            "conditions, one a line, that must all hold; | between values means or, not in front negates"),
    ]

    private static let request: [SettingKey] = [
        SettingKey(
            .plugin, "url", .template, nil,
            "where requests go; required, here or in the preset; placeholders in path and query only"),
        SettingKey(
            .plugin, "public_url", .url, nil,
            "the receiver as people reach it, {{plugin.public_url}} (default: scheme and host of url)"),
        SettingKey(
            .plugin, "method", .choice(["POST", "PUT", "PATCH", "GET", "DELETE"]), "POST", "HTTP method"),
        SettingKey(
            .plugin, "body", .choice(BodyKind.allCases.map(\.rawValue)), "json",
            "what is sent: the event or template as JSON or CloudEvents, a form with the sample, a form, text, bytes, nothing"
        ),
        SettingKey(
            .plugin, "template", .template, nil,
            "text of the body for json, text and raw, data for cloudevents; without it the event is sent, or by raw the sample"
        ),
        SettingKey(
            .plugin, "content_type", .other("a media type such as application/json"), nil,
            "content type of the body (default: what body implies)"),
        SettingKey(
            .plugin, "field.NAME", .template, nil,
            "a field of a multipart or form body; left out when it comes out empty"),
        SettingKey(
            .plugin, "file.field", .text, "file", "multipart field of the sample; empty sends no sample"),
        SettingKey(
            .plugin, "file.name", .template, nil,
            "file name of the sample in multipart, made safe for the wire (default: its SHA-256)"),
        SettingKey(
            .plugin, "file.content_type", .other("a media type such as application/octet-stream"),
            "application/octet-stream", "content type of the sample in multipart"),
        SettingKey(.plugin, "header.NAME", .template, nil, "a header of the request"),
        SettingKey(
            .plugin, "auth", .choice(Authentication.allCases.map(\.rawValue)), "none",
            "how the request proves who sends it; a client certificate is tls.cert"),
        SettingKey(.plugin, "auth.username", .text, nil, "user name for auth = basic"),
        SettingKey(.plugin, "auth.password", .text, nil, "password for auth = basic", confidential: true),
        SettingKey(.plugin, "auth.token", .text, nil, "token for auth = bearer", confidential: true),
        SettingKey(.plugin, "auth.header", .text, nil, "header for auth = header, such as X-API-Key"),
        SettingKey(
            .plugin, "auth.value", .text, nil, "the header's value for auth = header", confidential: true),
        SettingKey(
            .plugin, "secret",
            .other("whsec_… or whsk_… as `mwdb-webhooks secret` makes them; several separated by commas"),
            nil,
            "signs each request (Standard Webhooks); with several, each signs, so that keys can be rotated",
            confidential: true),
    ]

    private static let connection: [SettingKey] = [
        SettingKey(
            .plugin, "tls.ca", .path, nil, "PEM file of the authorities to trust instead of the system's"),
        SettingKey(.plugin, "tls.cert", .path, nil, "PEM file of the client certificate"),
        SettingKey(
            .plugin, "tls.key", .path, nil, "PEM file of the client certificate's key (default: tls.cert)"),
        SettingKey(
            .plugin, "proxy", .other("a proxy such as http://proxy:3128 or socks5h://proxy:1080"), nil,
            "proxy for this plugin; proxies of the environment are ignored"),
        SettingKey(
            .plugin, "allow_addresses", .other("a list of networks such as 10.0.0.0/8"), nil,
            "only these addresses may be connected to (default: all that are not denied)"),
        SettingKey(
            .plugin, "deny_addresses", .other("a list of networks such as 10.0.0.0/8"),
            "169.254.0.0/16, fe80::/10", "these addresses are never connected to; empty: none"),
        SettingKey(
            .plugin, "connect_timeout", .duration, "5s", "longest time to a finished connection, TLS included"
        ),
        SettingKey(
            .plugin, "stall_timeout", .duration, "30s", "longest time without a byte in either direction"),
        SettingKey(
            .plugin, "timeout", .duration, "60s", "longest time for an attempt; large samples get more"),
        SettingKey(.plugin, "max_response", .size, "64KiB", "most bytes of an answer that are read"),
    ]

    private static let answer: [SettingKey] = [
        SettingKey(
            .plugin, "success", .other("statuses such as 2xx, 409"), "2xx", "statuses that mean delivered"),
        SettingKey(
            .plugin, "success_if", .other("a condition such as json:/error != true"), nil,
            "condition on the answer; when it is false the delivery is retried"),
        SettingKey(
            .plugin, "dead_if", .other("a condition such as json:/error == \"duplicate\""), nil,
            "condition on the answer; when it is true the delivery is dead"),
        SettingKey(
            .plugin, "extract.NAME", .other("json:/pointer, header:NAME or regex:RE"), nil,
            "a value taken from the answer for write-backs; NAME? when it may be missing"),
        SettingKey(.plugin, "attribute.KEY", .template, nil, "attribute written to MWDB after delivery"),
        SettingKey(.plugin, "attribute.KEY.label", .text, nil, "label of the attribute when it is defined"),
        SettingKey(
            .plugin, "attribute.KEY.description", .text, nil,
            "description of the attribute when it is defined"),
        SettingKey(
            .plugin, "attribute.KEY.url_template", .other("a URL with $value, such as https://host/$value"),
            nil,
            "link that MWDB shows for the attribute; may use {{plugin.public_url}}"),
        SettingKey(
            .plugin, "attribute.KEY.readers", .other("a group of MWDB such as public"), nil,
            "group that may read the attribute"),
        SettingKey(
            .plugin, "attribute.KEY.match", .other("a regular expression"), nil,
            "what the value must look like as a whole (default with url_template: [A-Za-z0-9._-]+)"),
        SettingKey(.plugin, "tag", .template, nil, "tag written to MWDB after delivery"),
        SettingKey(.plugin, "comment", .template, nil, "comment written to MWDB after delivery"),
    ]

    private static let limits: [SettingKey] = [
        SettingKey(
            .plugin, "backoff", .other("shortest and longest pause, such as 5s..1h"), "5s..1h",
            "pauses between attempts grow from the first to the second"),
        SettingKey(
            .plugin, "max_age", .duration, "3d",
            "a delivery tried in vain for so long, and at least 5 times, is dead"),
        SettingKey(
            .plugin, "max_attempts", .number(1...1_000_000), nil,
            "a delivery tried in vain so often is dead (default: no limit)"),
        SettingKey(
            .plugin, "on_ambiguous", .choice(AmbiguityRule.allCases.map(\.rawValue)), "retry",
            "what to do when the request was sent and no complete answer came"),
        SettingKey(
            .plugin, "rate", .other("a rate such as 5/m or 1/s"), nil,
            "most attempts in a period (default: no limit)"),
        SettingKey(.plugin, "concurrency", .number(1...10_000), "16", "most deliveries in flight at once"),
        SettingKey(
            .plugin, "drain", .choice(DrainOrder.allCases.map(\.rawValue)), "fair",
            "in which order a backlog is worked off"),
        SettingKey(
            .plugin, "order", .choice(DeliveryOrder.allCases.map(\.rawValue)), "none",
            "deliveries that go one at a time in the order of events: none, those for one object, or all"),
        SettingKey(
            .plugin, "batch", .number(1...5000), "1",
            "most deliveries in one request; rate and concurrency then count requests"),
        SettingKey(
            .plugin, "batch_wait", .duration, "1s", "longest time for which a delivery waits for others"),
        SettingKey(
            .plugin, "batch_bytes", .size, "1MB",
            "most bytes of events in one request; a larger event goes alone"),
        SettingKey(
            .plugin, "batch_format", .choice(BatchFormat.allCases.map(\.rawValue)), "array",
            "how bodies stand beside each other: in a JSON array, or one a line"),
        SettingKey(
            .plugin, "batch_items", .other("a place in the answer such as json:/items"), nil,
            "where the answer lists what became of each delivery (default: it is for all of them)"),
    ]
}

/// `auth`: how a request proves who sends it.
enum Authentication: String, CaseIterable {
    case none, basic, bearer, header
}
