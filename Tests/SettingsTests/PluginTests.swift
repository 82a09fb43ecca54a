// Plugins as they are read: every key reaches its place.

import Model
import Testing

@testable import Settings

struct PluginTests {
    @Test func whatIsWrittenIsThere() throws {
        let loaded = Loaded(
            one(
                """
                enabled = 0
                author = just me
                version = 1.0.0
                description = Says hello
                filter = file.file_size <= 100MB
                public_url = https://receiver.example/
                method = put
                body = multipart
                field.second = {{file.md5}}
                field.First = x
                file.field = sample
                file.name = {{file.sha256}}.exe
                file.content_type = application/x-dosexec
                header.X-One = 1
                success = 2xx, 409
                success_if = json:/error != true
                dead_if = status == 418
                extract.task = json:/task
                extract.page? = header:location
                timeout = 2m
                connect_timeout = 1s
                stall_timeout = 10s
                max_response = 1MB
                proxy = socks5h://proxy:1080
                allow_addresses = 10.0.0.0/8, 192.0.2.7
                deny_addresses =
                backoff = 1s..2m
                max_age = 1d
                max_attempts = 7
                on_ambiguous = hold
                rate = 5/m
                concurrency = 3
                """))
        #expect(loaded.problems.isEmpty)
        let plugin = try #require(loaded.plugin)
        #expect(!plugin.enabled)
        #expect([plugin.author, plugin.version, plugin.summary] == ["just me", "1.0.0", "Says hello"])
        #expect(plugin.filter.paths == ["file.file_size"])
        #expect(plugin.publicURL == "https://receiver.example")
        #expect(plugin.method == "PUT")
        #expect(plugin.body == .multipart)
        #expect(plugin.fields.map(\.name) == ["second", "First"])
        #expect(plugin.file.field == "sample")
        #expect(plugin.file.name.source == "{{file.sha256}}.exe")
        #expect(plugin.file.contentType == "application/x-dosexec")
        #expect(plugin.headers.map(\.name) == ["X-One"])
        #expect(plugin.success.contains(409))
        #expect(plugin.successIf?.source == "json:/error != true")
        #expect(plugin.deadIf?.source == "status == 418")
        #expect(plugin.extractions.map(\.name) == ["task", "page"])
        #expect(plugin.extractions.map(\.optional) == [false, true])
        #expect(plugin.transport.totalTimeout == .minutes(2))
        #expect(plugin.transport.connectTimeout == .seconds(1))
        #expect(plugin.transport.stallTimeout == .seconds(10))
        #expect(plugin.maximumResponse == 1_000_000)
        #expect(plugin.transport.proxy == "socks5h://proxy:1080")
        #expect(plugin.transport.egress.allowed.map(\.prefix) == [8, 32])
        #expect(plugin.transport.egress.denied.isEmpty)
        #expect(plugin.backoff == Backoff(shortest: .seconds(1), longest: .minutes(2)))
        #expect(plugin.maximumAge == .days(1))
        #expect(plugin.maximumAttempts == 7)
        #expect(plugin.onAmbiguous == .hold)
        #expect(plugin.rate == Rate(count: 5, period: .minutes(1)))
        #expect(plugin.concurrency == 3)
    }

    @Test func hooksByNameByPatternAndAll() throws {
        let some = try #require(
            Loaded(one(hooks: "on_created_*,\n    on_changed_object, source.lost")).plugin
        ).hooks
        #expect(some.contains("on_created_file"))
        #expect(some.contains("on_changed_object"))
        #expect(some.contains("source.lost"))
        #expect(some.contains("on_created_by_a_newer_mwdb"))
        #expect(!some.contains("on_removed_file"))
        #expect(some.names.count == Hook.all.filter { $0.name.hasPrefix("on_created_") }.count + 2)
        let all = try #require(Loaded(one(hooks: "*")).plugin).hooks
        #expect(all.contains("on_anything"))
        #expect(!all.contains("source.lost"))
    }

    @Test func writeBacks() throws {
        let loaded = Loaded(
            one(
                """
                public_url = https://p.example
                extract.id = json:/id
                attribute.drakvuf = {{id}}
                attribute.drakvuf.label = Drakvuf analysis
                attribute.drakvuf.description = An analysis
                attribute.drakvuf.url_template = {{plugin.public_url}}/analysis/$value?in={{mwdb.public_url}}
                attribute.drakvuf.readers = public
                attribute.other = {{id}}
                attribute.other.match = [0-9]+
                tag = sent
                comment = {{id}} of {{event.type}}
                """))
        #expect(loaded.problems.isEmpty)
        let plugin = try #require(loaded.plugin)
        try #require(plugin.writeBacks.count == 4)
        guard case .attribute(let first) = plugin.writeBacks[0],
            case .attribute(let second) = plugin.writeBacks[1]
        else {
            Issue.record("the first two are attributes")
            return
        }
        #expect(first.key == "drakvuf")
        #expect(first.value.paths == ["id"])
        #expect(
            [first.label, first.summary, first.readers] == ["Drakvuf analysis", "An analysis", "public"])
        #expect(first.urlTemplate == "https://p.example/analysis/$value?in=https://mwdb.example")
        #expect(first.match == "[A-Za-z0-9._-]+")
        #expect(second.match == "[0-9]+")
        #expect(second.urlTemplate == nil)
        #expect(plugin.writeBacks[2] == .tag(Template(literal: "sent")))
    }

    @Test func peopleAndDaemonMayHaveTheSameAddress() {
        let loaded = Loaded(
            one().split(separator: "http://receiver:9000/in").joined(
                separator: "https://r.example:8443/a?x={{event.id}}"))
        #expect(loaded.plugin?.publicURL == "https://r.example:8443")
    }

    @Test func certificatesAreFoundAndLookedAt() throws {
        let text = one("tls.ca = ca.pem\ntls.cert = both.pem")
            .split(separator: "http://receiver").joined(separator: "https://receiver")
        let certificate = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"
        let key = "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"
        let loaded = Loaded(text, files: ["/site/ca.pem": certificate, "/site/both.pem": certificate + key])
        #expect(loaded.problems.isEmpty)
        let transport = try #require(loaded.plugin).transport
        #expect(transport.certificateAuthorities == "/site/ca.pem")
        #expect(transport.clientCertificate == "/site/both.pem")
        #expect(transport.clientKey == "/site/both.pem")
        let halves = Loaded(text, files: ["/site/ca.pem": certificate, "/site/both.pem": certificate])
        #expect(halves.errors.map(\.suggestion) == ["Write tls.key = PATH of the key"])
    }

    @Test func mwdbIsKnownByItsAddresses() throws {
        let full = try #require(Loaded(one("tag = x") + "\n").settings?.mwdb)
        #expect(full.url == "http://mwdb:5000")
        #expect(full.publicURL == "https://mwdb.example")
        #expect(full.ignoreActors == nil)
        let text = "[mwdb]\nurl = http://mwdb:5000/base/\nignore_actors =\n"
        let short = try #require(Loaded(text).settings?.mwdb)
        #expect(short.url == "http://mwdb:5000/base")
        #expect(short.publicURL == "http://mwdb:5000/base")
        #expect(short.ignoreActors == [])
        #expect(short.apiKey == nil)
        #expect(Loaded("[webhooks]\n").settings?.mwdb == nil)
    }

    @Test func listenIsAList() throws {
        let settings = try #require(
            Loaded("[webhooks]\nlisten = unix:api.sock, 127.0.0.1:8090, [::1]:80,\n    localhost:1\n")
                .settings)
        #expect(
            settings.listen == [
                .unix(path: "/site/api.sock"), .tcp(host: "127.0.0.1", port: 8090),
                .tcp(host: "::1", port: 80),
                .tcp(host: "localhost", port: 1),
            ])
        #expect(settings.listen[2].description == "[::1]:80")
    }

    @Test func pluginsThatAreSwitchedOffAreStillThere() throws {
        let off = try #require(Loaded(one() + "\n", environment: ["WEBHOOKS_ENABLE_PLUGINS": "0"]).settings)
        #expect(!off.enablePlugins)
        #expect(off.plugins.map(\.enabled) == [false])
    }

    @Test func theSameFilesGiveTheSamePlugins() throws {
        let text = one(
            "filter = file.file_size <= 1MB\nheader.A = ${env:A}\nextract.id = json:/id\ntag = {{id}}")
        let first = try #require(Loaded(text, environment: ["A": "one"]).settings)
        let second = try #require(Loaded("# moved\n" + text, environment: ["A": "one"]).settings)
        let third = try #require(Loaded(text, environment: ["A": "two"]).settings)
        #expect(first.plugins == second.plugins)
        #expect(first.plugins != third.plugins, "a rotated secret is a change")
    }
}
