// `secret`: makes, shows the public key of, and rotates the secrets that sign requests. Works on the file itself, so that
// it needs no running daemon.

import ArgumentParser
import Model
import Settings

/// Makes and rotates signing secrets.
struct Secret: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make and rotate the secrets that sign requests.",
        discussion: """
            Without FILE a new secret is printed. With FILE it is written there (mode 0600), for a plugin's \
            `secret = ${file:FILE}`. whsec_… is known to both sides (HMAC, v1); whsk_… (--ed25519, v1a) stays here, and \
            the receiver needs its public key whpk_… only.

            Rotating puts a new secret in front of the old one: after a reload requests are signed by both. Give the \
            receiver the new one, then finish, which removes the old one.

              mwdb-webhooks secret                               a new secret on the terminal
              mwdb-webhooks secret --ed25519 hello.secret        a new key pair; prints its public key
              mwdb-webhooks secret --public hello.secret         the public key again
              mwdb-webhooks secret --rotate hello.secret         a second secret, the newest first
              mwdb-webhooks secret --finish hello.secret         only the newest
            """)

    @Argument(help: "The file that the plugin's secret names.") var file: String?
    @Flag(name: .customLong("ed25519"), help: "An ed25519 key (whsk_…) instead of a shared secret (whsec_…).")
    var isAsymmetric = false
    @Flag(name: .customLong("public"), help: "Print the public keys (whpk_…) of what FILE holds.")
    var showsPublic = false
    @Flag(help: "Put a new secret in front of the one in FILE.") var rotate = false
    @Flag(help: "Remove all but the newest secret from FILE.") var finish = false
    @Flag(help: "Print JSON, for scripts.") var json = false

    func validate() throws {
        let chosen = [showsPublic, rotate, finish].filter { $0 }.count
        guard chosen <= 1 else { throw ValidationError("choose one of --public, --rotate and --finish") }
        guard chosen == 0 || file != nil else { throw ValidationError("name the FILE of the secret") }
        guard !isAsymmetric || !(showsPublic || finish) else {
            throw ValidationError("--ed25519 is for a new secret")
        }
    }

    func run() throws {
        do {
            guard let file else { return try printNew() }
            if showsPublic {
                try printPublic(try SecretFile(reading: file))
            } else if rotate {
                var secrets = try SecretFile(reading: file)
                let isAsymmetric = isAsymmetric || secrets.secrets[0].kind == .ed25519
                try secrets.rotate(to: .random(isAsymmetric ? .ed25519 : .symmetric))
                try report(secrets, "now holds a new secret and the old one.", next: Self.rotated(file))
            } else if finish {
                var secrets = try SecretFile(reading: file)
                try secrets.finish()
                try report(secrets, "now holds the newest secret only.", next: "Next: mwdb-webhooks reload")
            } else {
                let secrets = try SecretFile.create(file, .random(isAsymmetric ? .ed25519 : .symmetric))
                try report(secrets, "holds a new secret.", next: Self.created(file))
            }
        } catch let error as SecretFileError {
            throw CommandFailure(error.description)
        }
    }

    private func printNew() throws {
        let secret = SigningSecret.random(isAsymmetric ? .ed25519 : .symmetric)
        guard json else { return try Terminal.standard.write(Neutral.block(secret.text)) }
        var members = [JSON.Member(key: "secret", value: .string(secret.text))]
        if let key = secret.publicKey { members.append(JSON.Member(key: "public", value: .string(key))) }
        try Terminal.standard.write(json: JSON.object(members).serialised())
    }

    private func printPublic(_ file: SecretFile) throws {
        let keys = file.secrets.compactMap(\.publicKey)
        guard !keys.isEmpty else {
            throw CommandFailure(
                "\(file.path) holds no ed25519 key; a receiver verifies whsec_… with the secret itself")
        }
        guard json else { return try Terminal.standard.write(Neutral.block(keys.joined(separator: "\n"))) }
        try write(json: file)
    }

    private func report(_ file: SecretFile, _ what: String, next: String) throws {
        guard !json else { return try write(json: file) }
        let key = file.secrets[0].publicKey.map { "Its public key, for the receiver: \($0)\n" } ?? ""
        try Terminal.standard.write(Neutral.block("\(file.path) \(what)\n\(key)\(next)"))
    }

    private func write(json file: SecretFile) throws {
        let document = JSON.object([
            .init(key: "file", value: .string(file.path)),
            .init(key: "secrets", value: .number(String(file.secrets.count))),
            .init(key: "public", value: .array(file.secrets.compactMap(\.publicKey).map(JSON.string))),
        ])
        try Terminal.standard.write(json: document.serialised())
    }

    private static func created(_ file: String) -> String {
        "Next: secret = ${file:\(file)} in the plugin's section, readable for the daemon's user; mwdb-webhooks reload"
    }

    private static func rotated(_ file: String) -> String {
        """
        Next:
          mwdb-webhooks reload                   requests are signed by both
          give the receiver the new one          the first line of the file, or its public key
          mwdb-webhooks secret --finish \(file)
          mwdb-webhooks reload
        """
    }
}
