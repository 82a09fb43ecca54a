// Wrong configurations: connection, judgement, write-backs, retries, secrets.

import Testing

@testable import Settings

struct WrongAnswerTests {
    static let connection: [WrongCase] = [
        WrongCase(
            Given.good + "» tls.ca = ca.pem", "tls.ca", "there is no file /site/ca.pem", remedy: "Create it"),
        WrongCase(
            Given.plugins + "[plugin:a]\nurl = https://r/\nhooks = *\n» tls.key = /site/webhooks.ini",
            "tls.key",
            "holds no private key", remedy: "-----BEGIN PRIVATE KEY-----"),
        WrongCase(Given.good + "» proxy = socks", "proxy", "does not begin", remedy: "http://proxy:3128"),
        WrongCase(Given.good + "» proxy = http://p:1/x", "proxy", "has a path", remedy: "http://proxy:3128"),
        WrongCase(
            Given.good + "» deny_addresses = 10.0.0.0/33", "deny_addresses", "10.0.0.0/33",
            remedy: "10.0.0.0/8"),
        WrongCase(Given.good + "» allow_addresses = host", "allow_addresses", "host", remedy: "10.0.0.0/8"),
        WrongCase(
            Given.good + "» timeout = 2d", "timeout", "not between 100ms and 1d", remedy: "default is 60s"),
        WrongCase(
            Given.good + "» connect_timeout = soon", "connect_timeout", "duration", remedy: "default is 5s"),
        WrongCase(
            Given.good + "» stall_timeout = 1ms", "stall_timeout", "not between", remedy: "default is 30s"),
        WrongCase(
            Given.good + "timeout = 5s\n» connect_timeout = 10s", "connect_timeout", "longer than timeout",
            remedy: "shorter", severity: .warning),
        WrongCase(Given.good + "» max_response = 1GB", "max_response", "not between", remedy: "size"),
    ]

    static let judgement: [WrongCase] = [
        WrongCase(Given.good + "» success = 2000", "success", "2000", remedy: "2xx, 409"),
        WrongCase(
            Given.good + "» success_if = json:/error =! true", "success_if", "", remedy: "json:/error != true"
        ),
        WrongCase(
            Given.good + "» dead_if = status == 4xx", "dead_if", "`4xx` is no status", remedy: "a condition"),
        WrongCase(Given.good + "» dead_if = maybe", "dead_if", "", remedy: "a condition"),
        WrongCase(Given.good + "» extract.id = xml:/id", "extract.id", "", remedy: "json:/pointer"),
        WrongCase(Given.good + "» extract.id = regex:(", "extract.id", "", remedy: "regex:RE"),
        WrongCase(
            Given.good + "» extract.file = json:/id", "extract.file", "already names", remedy: "file_id"),
        WrongCase(
            Given.good + "» extract.a b = json:/id", "extract.a b", "no name for a value", remedy: "letters"),
        WrongCase(
            Given.good + "extract.id = json:/id\n» extract.id? = json:/i", "extract.id?",
            "same as extract.id",
            remedy: "Remove one"),
    ]

    static let writeBacks: [WrongCase] = [
        WrongCase(
            Given.plugins + Given.section + "hooks = on_created_file\n» tag = seen", "tag",
            "[mwdb] api_key is not set", remedy: "api_key in [mwdb]"),
        WrongCase(
            Given.plugins + Given.mwdb + Given.section + "hooks = on_created_user\n» comment = x", "comment",
            "no hook of the plugin is about one", remedy: "on_created_file"),
        WrongCase(
            Given.good + "extract.task_id = json:/id\n» attribute.t = {{task}}", "attribute.t", "has no task",
            remedy: "{{task_id}}, or extract.task = json:/POINTER"),
        WrongCase(
            Given.good + "extract.task_id = json:/id\n» attribute.t = {{tsk_id}}", "attribute.t",
            "has no tsk_id",
            remedy: "Write task_id"),
        WrongCase(
            Given.good + "» attribute.my key = 1", "attribute.my key", "no attribute key", remedy: "1 to 32"),
        WrongCase(
            Given.good + "attribute.t = 1\n» attribute.t.lable = x", "attribute.t.lable", "unknown key",
            remedy: "attribute.t.label"),
        WrongCase(
            Given.good + "» attribute.t.label = x", "attribute.t.label", "attribute.t, which", remedy: "Write"
        ),
        WrongCase(
            Given.good + "» attribute.t.x.y = x", "attribute.t.x.y", "unknown key", remedy: "holds no dot"),
        WrongCase(
            Given.good + "attribute.t = 1\n» attribute.t.match = [", "attribute.t.match", "",
            remedy: "Correct it"),
        WrongCase(
            Given.good + "attribute.t = 1\n» attribute.t.url_template = {{file.sha256}}/$value",
            "attribute.t.url_template", "differs from event to event", remedy: "$value"),
        WrongCase(
            Given.good + "attribute.t = 1\n» attribute.t.url_template = https://x/",
            "attribute.t.url_template",
            "does not hold $value", remedy: "Write $value", severity: .warning),
    ]

    static let limits: [WrongCase] = [
        WrongCase(Given.good + "» backoff = 5s", "backoff", "one pause", remedy: "5s..1h"),
        WrongCase(Given.good + "» backoff = 1h..5s", "backoff", "shorter", remedy: "5s..1h"),
        WrongCase(Given.good + "» backoff = 5s..30d", "backoff", "over 7d", remedy: "5s..1h"),
        WrongCase(Given.good + "» rate = fast", "rate", "is no rate", remedy: "5/m"),
        WrongCase(
            Given.good + "» concurrency = 0", "concurrency", "from 1 to 10000", remedy: "default is 16"),
        WrongCase(Given.good + "» max_attempts = many", "max_attempts", "whole number", remedy: "from 1"),
        WrongCase(Given.good + "» max_age = 1", "max_age", "no unit", remedy: "default is 3d"),
        WrongCase(
            Given.good + "» on_ambiguous = drop", "on_ambiguous", "none of retry, hold", remedy: "Write"),
    ]

    static let secrets: [WrongCase] = [
        WrongCase(
            Given.good + "» secret = ${file:no}", "secret", "there is no file /site/no", remedy: "Create it"),
        WrongCase(Given.good + "» secret = ${env:NO_SUCH}", "secret", "NO_SUCH is not set", remedy: "Set it"),
        WrongCase(
            Given.good + "» secret = ${credential:x}", "secret", "no systemd credentials",
            remedy: "LoadCredential=x"),
        WrongCase(
            Given.good + "» secret = ${vault:x}", "secret", "no kind of reference", remedy: "${file:PATH}"),
        WrongCase(
            Given.good + "» secret = ${flie:x}", "secret", "no kind of reference", remedy: "Write ${file:x}"),
        WrongCase(
            Given.good + "» header.X-T = ${TOKEN}", "header.X-T", "where its value comes from",
            remedy: "${env:TOKEN}"),
        WrongCase(Given.good + "» header.X-T = ${env:TOKEN", "header.X-T", "not closed", remedy: "$${"),
    ]

    @Test(arguments: Self.connection) func wrongConnection(_ wrong: WrongCase) { wrong.check() }
    @Test(arguments: Self.judgement) func wrongJudgement(_ wrong: WrongCase) { wrong.check() }
    @Test(arguments: Self.writeBacks) func wrongWriteBack(_ wrong: WrongCase) { wrong.check() }
    @Test(arguments: Self.limits) func wrongLimit(_ wrong: WrongCase) { wrong.check() }
    @Test(arguments: Self.secrets) func wrongSecret(_ wrong: WrongCase) { wrong.check() }
}
