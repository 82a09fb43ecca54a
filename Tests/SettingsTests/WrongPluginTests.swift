// Wrong configurations: which events, where to, what is sent, limits.

import Testing

@testable import Settings

struct WrongPluginTests {
    private static let bare = Given.plugins + Given.mwdb

    static let subscription: [WrongCase] = [
        WrongCase(bare + "» [plugin:a]\nurl = http://x/", "hooks", "is not set", remedy: "on_created_file"),
        WrongCase(bare + "» [plugin:a]\nhooks = *", "url", "is not set", remedy: "Write url ="),
        WrongCase(
            bare + Given.section + "» hooks = on_create_file", "hooks", "no hook", remedy: "on_created_file"),
        WrongCase(
            bare + Given.section + "» hooks = on_made_*", "hooks", "matches no hook", remedy: "on_created_*"),
        WrongCase(Given.good + "» retries = 5", "retries", "unknown key", remedy: "max_attempts"),
        WrongCase(Given.good + "» time_out = 5s", "time_out", "unknown key", remedy: "Write timeout"),
        WrongCase(
            Given.good + "» preset = drakvouf", "preset", "no preset drakvouf", remedy: "WEBHOOKS_PRESETS"),
        WrongCase(Given.good + "» preset = ../etc", "preset", "is no name of a preset", remedy: "Set"),
        WrongCase(Given.good + "» enabled = maybe", "enabled", "is not 1 or 0", remedy: "1 or 0"),
        WrongCase(
            Given.good + "» filter = file.filetype == \"x\"", "filter", "file.filetype",
            remedy: "file.file_type"),
        WrongCase(
            Given.good + "filter =\n    file.sha256 exists\n»     not file.file_size > 1MB | lots", "filter",
            "file.file_size is a number, `lots` is none", remedy: "100MB"),
        WrongCase(
            Given.good + "filter = file.file_size <= 1MB\n# why\n»      file.file_type begins \"PE\"",
            "filter",
            "begins", remedy: "Write a line such as"),
    ]

    static let request: [WrongCase] = [
        WrongCase(
            bare + "[plugin:a]\nhooks = *\n» url = drakvuf:5000/api", "url", "http://",
            remedy: "before the host"
        ),
        WrongCase(
            bare + "[plugin:a]\nhooks = *\n» url = ftp://x/", "url", "http://", remedy: "before the host"),
        WrongCase(
            bare + "[plugin:a]\nhooks = on_created_file\n» url = http://{{file.sha256}}/", "url", "host",
            remedy: "only in path and query"),
        WrongCase(
            bare + "[plugin:a]\nhooks = *\n» url = http://me:pw@x/", "url", "user name",
            remedy: "auth = basic"),
        WrongCase(
            bare + "[plugin:a]\nhooks = *\n» url = http://x/ # y", "url", "white space", remedy: "Write"),
        WrongCase(Given.good + "» public_url = x.example", "public_url", "does not begin", remedy: "http://"),
        WrongCase(Given.good + "» method = SEND", "method", "is no method", remedy: "Write POST"),
        WrongCase(
            Given.good + "» method = GET", "method", "GET with a body", remedy: "body = none",
            severity: .warning),
        WrongCase(Given.good + "» body = xml", "body", "is none of json", remedy: "Write one of them"),
        WrongCase(Given.good + "» body = multypart", "body", "is none of", remedy: "Write multipart"),
        WrongCase(Given.good + "» body = text", "body", "text has no template", remedy: "Write template"),
        WrongCase(Given.good + "» body = form", "body", "form has no fields", remedy: "Write field.NAME"),
        WrongCase(
            bare + Given.section + "hooks = on_created_user\n» body = multipart", "body",
            "no hook of the plugin",
            remedy: "on_created_file"),
        WrongCase(
            Given.good + "body = cloudevents\n» content_type = text/x", "content_type",
            "no effect with body = cloudevents", remedy: "Remove it"),
        WrongCase(
            Given.good + "body = cloudevents-binary\n» header.CE-Type = x", "header.CE-Type",
            "made from the event", remedy: "ce-OTHERNAME"),
        WrongCase(
            Given.good + "body = multipart\n» batch = 5", "batch", "body = multipart sends something else",
            remedy: "batch = 1"),
        WrongCase(Given.good + "» batch = 0", "batch", "whole number", remedy: "1 to 5000"),
        WrongCase(Given.good + "batch = 2\n» batch_wait = 2h", "batch_wait", "not between", remedy: "Write"),
        WrongCase(
            Given.good + "» batch_items = json:/items", "batch_items", "is not looked at without batch",
            remedy: "batch = 100"),
        WrongCase(
            Given.good + "batch = 1\n» batch_wait = 2s", "batch_wait", "no effect without batch",
            remedy: "batch = 100", severity: .warning),
        WrongCase(
            Given.good + "» batch_format = ndjson", "batch_format", "no effect without batch",
            remedy: "batch = 100", severity: .warning),
        WrongCase(
            Given.good + "batch = 2\n» batch_items = /items", "batch_items", "does not say where",
            remedy: "json:/items"),
        WrongCase(
            Given.good + "batch = 5\n» header.X = {{file.sha256}}", "header.X", "a batch has one head",
            remedy: "template"),
        WrongCase(
            Given.good + "batch = 5\nbatch_format = ndjson\n» template = {}\n  {", "template", "no JSON",
            remedy: "Correct it"),
        WrongCase(
            Given.good + "body = cloudevents\n» template = {", "template", "JSON", remedy: "Correct it"),
        WrongCase(
            Given.good + "» field.x = 1", "field.x", "no effect with body = json", remedy: "body = multipart"),
        WrongCase(Given.good + "» file.name = x", "file.name", "no effect", remedy: "body = multipart"),
        WrongCase(
            Given.good + "body = multipart\n» template = {}", "template", "no effect with body = multipart",
            remedy: "field.NAME"),
        WrongCase(
            Given.good + "body = multipart\n» content_type = a/b", "content_type", "no effect",
            remedy: "file.content_type"),
        WrongCase(
            Given.good + "» content_type = json", "content_type", "no media type", remedy: "application/json"),
        WrongCase(Given.good + "» template = {\"a\":", "template", "no JSON", remedy: "body = text"),
        WrongCase(
            Given.good + "body = text\n» template = {{file.sha265}}", "template",
            "on_created_file has no file.sha265",
            remedy: "Write file.sha256"),
        WrongCase(
            Given.good + "body = text\n» template = {{tag.tag}}", "template", "has no tag.tag",
            remedy: "Subscribe to a hook that has it"),
        WrongCase(
            Given.good + "body = text\n» template = {{file.sha256|upper}}", "template", "upper",
            remedy: "Correct"),
        WrongCase(
            Given.good + "body = text\n» template = {{file.sha256", "template", "not closed",
            remedy: "Correct"),
        WrongCase(
            Given.plugins
                + "[plugin:a]\nurl = http://x/\nhooks = on_created_file\n» header.X-L = {{mwdb.public_url}}",
            "header.X-L", "[mwdb] url is not set", remedy: "Write url"),
        WrongCase(
            Given.good + "extract.id = json:/id\n» header.X-Id = {{id}}", "header.X-Id", "not there yet",
            remedy: "attribute.KEY"),
        WrongCase(
            bare + Given.section + "hooks = on_created_file, on_created_tag\n» header.X-T = {{tag.tag}}",
            "header.X-T", "on_created_file has no tag.tag", remedy: "default:X", severity: .warning),
    ]

    static let headers: [WrongCase] = [
        WrongCase(Given.good + "» header.X Y = 1", "header.X Y", "no name of a header", remedy: "letters"),
        WrongCase(
            Given.good + "» header.Webhook-Id = 1", "header.Webhook-Id", "set by the dispatcher",
            remedy: "Remove"),
        WrongCase(
            Given.good + "» header.Content-Length = 1", "header.Content-Length", "HTTP itself",
            remedy: "Remove"),
        WrongCase(
            Given.good + "» header.Content-Type = a/b", "header.Content-Type", "another key",
            remedy: "content_type"),
        WrongCase(Given.good + "» header. = 1", "header.", "has no name", remedy: "Write header.NAME"),
        WrongCase(
            Given.good + "» header.X-A = 1\n    2", "header.X-A", "more than one line", remedy: "one line"),
        WrongCase(
            Given.good + "header.X-A = 1\n» header.x-a = 2", "header.x-a", "same as header.X-A",
            remedy: "Remove one"),
        WrongCase(Given.good + "» auth = digest", "auth", "is none of none, basic", remedy: "Write one"),
        WrongCase(
            Given.good + "» auth = bearer", "auth", "bearer needs auth.token", remedy: "Write auth.token"),
        WrongCase(
            Given.good + "» auth.token = t", "auth.token", "auth = bearer only", remedy: "Write auth = bearer"
        ),
        WrongCase(
            Given.good + "auth = basic\nauth.password = pw\n» auth.username = a:b", "auth.username",
            "a colon",
            remedy: "another name"),
        WrongCase(
            Given.good + "auth = bearer\nauth.token = t\n» header.authorization = x", "header.authorization",
            "also made by auth", remedy: "auth = none"),
        WrongCase(
            Given.good + "auth = header\nauth.value = t\n» auth.header = Host", "auth.header", "HTTP itself",
            remedy: "Remove"),
        WrongCase(Given.good + "» auth.user = me", "auth.user", "unknown key", remedy: "auth.username"),
        WrongCase(Given.good + "» secret = whsec_short", "secret", "", remedy: "mwdb-webhooks secret"),
        WrongCase(
            Given.good + "» secret = whpk_AAAA", "secret", "public key", remedy: "mwdb-webhooks secret"),
        WrongCase(
            Given.good + "body = multipart\n» secret = whsk_" + String(repeating: "A", count: 43), "secret",
            "streams a sample", remedy: "other kind"),
    ]

    static let order: [WrongCase] = [
        WrongCase(Given.good + "» order = objects", "order", "is none of none", remedy: "Write object"),
        WrongCase(
            Given.good + "order = strict\n» concurrency = 16", "concurrency", "no effect with order = strict",
            remedy: "order = object", severity: .warning),
        WrongCase(
            Given.good + "order = strict\n» batch = 5", "batch", "no effect with order = strict",
            remedy: "order = object", severity: .warning),
        WrongCase(
            Given.good + "order = strict\n» drain = lifo", "drain", "oldest first", remedy: "Remove it",
            severity: .warning),
    ]

    @Test(arguments: Self.subscription) func wrongSubscription(_ wrong: WrongCase) { wrong.check() }
    @Test(arguments: Self.request) func wrongRequest(_ wrong: WrongCase) { wrong.check() }
    @Test(arguments: Self.headers) func wrongHeader(_ wrong: WrongCase) { wrong.check() }
    @Test(arguments: Self.order) func wrongOrder(_ wrong: WrongCase) { wrong.check() }
}
