// References to secrets, and that secrets are not shown.

import Model
import Testing

@testable import Settings

struct SecretTests {
    private static let signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func load(
        _ lines: String, files: [String: String] = [:], environment: [String: String] = [:]
    ) -> Loaded {
        Loaded(one(lines), files: files, environment: environment)
    }

    /// What a plugin's header renders to.
    private func header(_ name: String, of loaded: Loaded) -> String? {
        loaded.plugin?.headers.first { $0.name == name }?.value.render(.empty, purpose: .header)
    }

    @Test func allKindsOfReferences() {
        let loaded = load(
            "header.A = Token ${file:keys/a} and ${env:B}.\nheader.C = ${credential:c}\nheader.D = $${env:B} $x {y}",
            files: ["/site/keys/a": "alpha\r\n", "/run/credentials/x/c": "gamma\n\n"],
            environment: ["B": "beta", "CREDENTIALS_DIRECTORY": "/run/credentials/x"])
        #expect(loaded.errors.isEmpty)
        #expect(header("A", of: loaded) == "Token alpha and beta.")
        #expect(header("C", of: loaded) == "gamma")
        #expect(header("D", of: loaded) == "${env:B} $x {y}")
        let secrets = loaded.settings?.secretValues ?? []
        #expect(secrets.isSuperset(of: ["alpha", "beta", "gamma"]))
    }

    @Test func whatASecretHoldsIsNeverExpanded() {
        let loaded = load(
            "header.A = ${env:A}\nheader.B = x",
            environment: ["A": "{{file.sha256}} ${env:B} ${file:/etc/passwd}", "B": "beta"])
        #expect(loaded.errors.isEmpty)
        #expect(header("A", of: loaded) == "{{file.sha256}} ${env:B} ${file:/etc/passwd}")
    }

    @Test func whatAnEventHoldsIsNeverExpanded() throws {
        let loaded = load("header.A = {{file.file_name}}", environment: ["HOME": "/secret"])
        let context = try TemplateContext(
            body: Array(#"{"data":{"file":{"file_name":"${env:HOME} ${file:/x} {{event.id}}"}}}"#.utf8))
        let value = loaded.plugin?.headers[0].value.render(context, purpose: .header)
        #expect(value == "${env:HOME} ${file:/x} {{event.id}}")
    }

    @Test func aSecretIsOneSecretCommasOrNot() {
        let loaded = load(
            "secret = ${file:/s/new}, ${file:/s/old}",
            files: ["/s/new": Self.signing + "\n", "/s/old": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\n"])
        #expect(loaded.errors.isEmpty)
        #expect(loaded.plugin?.secrets.count == 2)
        #expect(loaded.plugin?.secrets.first?.key.count == 24)
    }

    @Test func aFileHoldsTwoWhileASecretIsRotated() {
        let new =
            "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
        let loaded = load("secret = ${file:/s}", files: ["/s": "\(new)\r\n\(Self.signing)\n"])
        #expect(loaded.errors.isEmpty)
        #expect(loaded.plugin?.secrets.map(\.text) == [new, Self.signing])
        let values = loaded.settings?.secretValues ?? []
        #expect(values.isSuperset(of: [new, String(new.dropFirst(5)), String(Self.signing.dropFirst(6))]))
    }

    @Test(arguments: [
        FileReading.content([], mode: 0o600), .content([0x0A], mode: 0o600),
        .content([0xFF, 0xFE, 0x41], mode: 0o600), .content([0x41, 0x00], mode: 0o600),
        .failed("permission denied"), .missing,
    ])
    func filesThatHoldNoSecret(_ reading: FileReading) {
        var files = MemoryFiles(["/site/webhooks.ini": one("header.A = ${file:/s}")])
        files.files["/s"] = reading
        var sources = SettingsSources.memory([:])
        sources.files = files
        let loaded = Loaded(sources)
        #expect(loaded.settings == nil)
        #expect(loaded.errors.map(\.line) == [10])
        #expect(loaded.errors.map(\.key) == ["header.A"])
    }

    @Test func aSecretThatEverybodyCanReadIsDoubtful() {
        var files = MemoryFiles([
            "/site/webhooks.ini": one("header.A = ${file:/s}\nheader.B = ${file:/run/secrets/b}")
        ])
        files.files["/s"] = .content(Array("open".utf8), mode: 0o644)
        files.files["/run/secrets/b"] = .content(Array("fine".utf8), mode: 0o444)
        var sources = SettingsSources.memory([:])
        sources.files = files
        let loaded = Loaded(sources)
        #expect(loaded.settings != nil)
        #expect(loaded.warnings.map(\.key) == ["header.A"])
    }

    @Test func basicBearerAndHeader() {
        #expect(
            header(
                "Authorization",
                of: load("auth = basic\nauth.username = Aladdin\nauth.password = open sesame"))
                == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(header("Authorization", of: load("auth = bearer\nauth.token = t-4711")) == "Bearer t-4711")
        let own = load(
            "auth = header\nauth.header = X-API-Key\nauth.value = ${env:K} {{file.sha256}}",
            environment: ["K": "k"])
        #expect(header("X-API-Key", of: own) == "k {{file.sha256}}")
    }

    @Test func everythingThatIsSecretIsRedacted() throws {
        let loaded = load(
            """
            auth = basic
            auth.username = me
            auth.password = open sesame
            secret = \(Self.signing)
            header.X-Token = Bearer plainly-written
            field.a = 1
            body = form
            proxy = http://user:pr0xy-pw@proxy:3128
            """)
        #expect(loaded.errors.isEmpty)
        let settings = try #require(loaded.settings)
        let redaction = settings.redaction
        for secret in [
            "open sesame", "open%20sesame", "bWU6b3BlbiBzZXNhbWU=", Self.signing,
            String(Self.signing.dropFirst(6)),
            "plainly-written", "pr0xy-pw", "eyJ0eXAi.key.4711",
        ] {
            #expect(redaction.redact("<\(secret)>") == "<[redacted]>", "\(secret)")
        }
        let shown = (settings.effective + (settings.effectivePlugins["a"] ?? [])).map(\.value).joined(
            separator: "\n")
        for secret in ["sesame", "MfKQ", "plainly", "pr0xy", "4711"] {
            #expect(!shown.contains(secret), "\(secret)")
        }
    }

    @Test func problemsDoNotShowSecrets() {
        let loaded = load("url = ${env:U}", environment: ["U": "ftp://secret-place/x"])
        #expect(!loaded.errors.isEmpty)
        #expect(!loaded.problems.map(\.description).joined().contains("secret-place"))
        let wrong = load(
            "auth = bearer\nauth.token = ${env:T}\nrate = ${env:T}", environment: ["T": "tok-4711"])
        #expect(!wrong.problems.map(\.description).joined().contains("tok-4711"))
        #expect(wrong.errors.map(\.key) == ["rate"])
    }
}

struct SecretAddressTests {
    private func redaction(_ url: String, secret: String) throws -> Redaction {
        let text = one().replacing("http://receiver:9000/in", with: url)
        let loaded = Loaded(text, files: ["/site/slack.url": secret + "\n"])
        #expect(loaded.errors.isEmpty)
        return try #require(loaded.settings).redaction
    }

    @Test func partsOfASecretAddressAreSecrets() throws {
        let redaction = try redaction(
            "${file:slack.url}",
            secret: "https://hooks.example.com/services/T024BE7LD/B02/aBcDeFgHiJkLmNo1?api_key=que%2Fry-k")
        for part in [
            "/services/T024BE7LD/B02/aBcDeFgHiJkLmNo1?api_key=que%2Fry-k",
            "/services/T024BE7LD/B02/aBcDeFgHiJkLmNo1", "T024BE7LD", "aBcDeFgHiJkLmNo1", "que%2Fry-k",
            "que/ry-k",
            #"\/services\/T024BE7LD\/B02\/aBcDeFgHiJkLmNo1"#,
        ] {
            #expect(redaction.redact("<\(part)>") == "<[redacted]>", "\(part)")
        }
        let words = "could not resolve hooks.example.com; mwdb-webhooks sends to services, B02, api_key"
        #expect(redaction.redact(words) == words)
    }

    @Test func aNotFoundPageThatEchoesThePathGivesNothingAway() throws {
        let redaction = try redaction(
            "${file:slack.url}", secret: "https://hooks.example.com/services/T024BE7LD/aBcDeFgHiJkLmNo1")
        let answer = Answer(
            status: 404, body: Array("Cannot POST /services/T024BE7LD/aBcDeFgHiJkLmNo1".utf8))
        let verdict = Verdict.judge(
            reply: .answer(answer), plugin: Plugin(name: "p"), redaction: redaction,
            now: Timestamp(milliseconds: 0))
        #expect(
            verdict
                == .retry(reason: "HTTP 404: Cannot POST [redacted]", misconfigured: true, retryAfter: nil))
    }

    @Test(arguments: ["https://${file:slack.url}", "https://receiver/${file:slack.url}"])
    func onlyWhatIsSecretIsTaken(_ url: String) throws {
        let redaction = try redaction(url, secret: "receiver.example.com/part1234/tail1234")
        #expect(redaction.redact("part1234, tail1234, receiver") == "[redacted], [redacted], receiver")
    }

    @Test func whatStandsBesideASecretIsShown() throws {
        let redaction = try redaction(
            "${file:slack.url}/path1234?q=value1234", secret: "https://receiver:8000")
        #expect(
            redaction.redact("/path1234?q=value1234 at receiver:8000")
                == "/path1234?q=value1234 at receiver:8000")
    }
}

struct TrialTests {
    private let text = one(
        """
        auth = bearer
        auth.token = ${credential:token}
        secret = ${credential:secret}
        header.X-A = ${credential:a}
        """)

    @Test func aMissingCredentialIsAnErrorWhereTheDaemonRuns() {
        let loaded = Loaded(text)
        #expect(loaded.settings == nil)
        #expect(loaded.errors.map(\.line) == [11, 12, 13])
    }

    @Test func checkCannotHaveCredentialsAndSaysSo() {
        var sources = SettingsSources.memory(["/site/webhooks.ini": text])
        sources.isTrial = true
        let loaded = Loaded(sources)
        #expect(loaded.errors.isEmpty, "\(loaded.errors)")
        #expect(loaded.warnings.map(\.line) == [11, 12, 13])
    }

    @Test func commandsFindTheDaemonWithoutItsSecrets() {
        let text = "[webhooks]\nlisten = unix:/a.sock\n[mwdb]\nurl = http://m/\napi_key = ${file:/no}\n"
        let (settings, errors) = Settings.global(.memory(["/site/webhooks.ini": text]))
        #expect(errors.isEmpty)
        #expect(settings.listen == [.unix(path: "/a.sock")])
        #expect(settings.files == ["/site/webhooks.ini"])
    }

    @Test func namesAndFiguresFromTheEnvironmentAreNoSecrets() {
        let global = "[webhooks]\nspool = ${env:RUN}/spool\nlog_level = ${env:LEVEL}\n"
        let plugin = one("concurrency = ${env:N}\nbody = ${env:BODY}\nheader.A = ${env:T}")
        let loaded = Loaded(
            global + plugin.dropFirst("[webhooks]\n".count),
            environment: ["RUN": "/runtime", "LEVEL": "debug", "N": "1234", "BODY": "json", "T": "tok-4711"])
        #expect(loaded.errors.isEmpty)
        #expect(loaded.settings?.spool == "/runtime/spool")
        let shown = loaded.settings?.redaction.redact("/runtime debug 1234 json tok-4711")
        #expect(shown == "/runtime debug 1234 json [redacted]")
    }
}
