// Standard Webhooks 1.0 signatures.

import Testing

@testable import Model

@Suite struct SignatureTests {
    private static let body = #"{"test": 2432232314}"#.bytes
    private static let moment = Timestamp(milliseconds: 1_614_265_330_999)

    /// The published example of the specification's libraries.
    @Test func theSpecificationsExample() throws {
        let secret = try SigningSecret(parsing: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signature = try Signature.header(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: Self.moment, body: Self.body, secrets: [secret])
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func severalSecretsSeveralSignatures() throws {
        let old = try SigningSecret(parsing: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let new = try SigningSecret(parsing: "whsec_" + Base64.encode([UInt8](repeating: 7, count: 64)))
        let header = try Signature.header(
            id: "a", timestamp: Self.moment, body: Self.body, secrets: [new, old])
        let single = try [new, old].compactMap {
            try Signature.header(id: "a", timestamp: Self.moment, body: Self.body, secrets: [$0])
        }
        #expect(header == single.joined(separator: " "))
        #expect(single[0] != single[1])
        #expect(try Signature.header(id: "a", timestamp: Self.moment, body: Self.body, secrets: []) == nil)
    }

    @Test func secretsAreCheckedAndNeverShown() throws {
        let short = Base64.encode([UInt8](repeating: 1, count: 23))
        let long = Base64.encode([UInt8](repeating: 1, count: 65))
        for text in [
            "", "whsec_", "whsec_\(short)", long, "whsec_not base64 at all!", "whsk_abcd",
            "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
            "hunter2hunter2hunter2hunter2hunter2h?",
        ] {
            let error = #expect(throws: ValueError.self, "\(text)") { try SigningSecret(parsing: text) }
            #expect(text.count < 6 || error?.message.contains(text.dropFirst(6)) == false || text == "whsec_")
        }
        let secret = try SigningSecret(parsing: " whsec_\(Base64.encode([UInt8](repeating: 1, count: 24)))\n")
        #expect(secret.key.count == 24)
        #expect("\(secret)" == "[secret]" && String(reflecting: secret) == "[secret]")
    }

    // MARK: ed25519

    /// A key pair as other programs that speak Standard Webhooks show it.
    private static let privateKey =
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
    private static let publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="

    @Test func aPrivateKeyHasItsPublicKey() throws {
        let secret = try SigningSecret(parsing: Self.privateKey)
        #expect(secret.kind == .ed25519 && secret.publicKey == Self.publicKey)
        #expect(secret.text == Self.privateKey, "and is written as it was read")
        let half = "whsk_" + Base64.encode(secret.key)
        #expect(try SigningSecret(parsing: half) == secret, "32 bytes are enough")
        let mixed = "whsk_" + Base64.encode(secret.key + [UInt8](repeating: 1, count: 32))
        #expect(throws: ValueError.self) { try SigningSecret(parsing: mixed) }
        #expect("\(secret)" == "[secret]" && String(reflecting: secret) == "[secret]")
    }

    @Test func itsSignatureHoldsForItsMessageOnly() throws {
        let symmetric = try SigningSecret(parsing: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let secrets = [try SigningSecret(parsing: Self.privateKey), symmetric]
        let header = try #require(
            try Signature.header(id: "a", timestamp: Self.moment, body: Self.body, secrets: secrets))
        let both = header.split(separator: " ").map { Array($0.utf8) }
        #expect(both.count == 2 && both[0].starts(with: "v1a,".utf8) && both[1].starts(with: "v1,".utf8))
        #expect(
            try String(decoding: both[1], as: UTF8.self)
                == Signature.header(id: "a", timestamp: Self.moment, body: Self.body, secrets: [symmetric]))
        let message = Signature.start(id: "a", timestamp: Self.moment) + Self.body
        for text in [Self.publicKey, Self.privateKey] {
            let key = try VerifyingKey(parsing: text)
            #expect(key.verifies(both[0], of: message))
            #expect(!key.verifies(both[0], of: message + [0]) && !key.verifies(both[1], of: message))
            #expect(!key.verifies("v1a,".bytes, of: message) && !key.verifies("v1a,AAAA".bytes, of: message))
        }
        #expect(!(try VerifyingKey(parsing: symmetric.text)).verifies(both[0], of: message))
        #expect(throws: ValueError.self) { try VerifyingKey(parsing: "whpk_AAAA") }
    }

    @Test func whatDoesNotSignIsAnErrorThatDoesNotShowTheKey() throws {
        let symmetric = try SigningSecret(parsing: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let error = #expect(throws: ValueError.self) { try symmetric.signature(of: Self.body) }
        #expect(error?.message == "the ed25519 key does not sign")
    }

    @Test func newSecretsAreNewAndCanBeRead() throws {
        for kind in [SigningSecret.Kind.symmetric, .ed25519] {
            let (one, other) = (SigningSecret.random(kind), SigningSecret.random(kind))
            #expect(one != other && one.key.count == 32)
            #expect(try SigningSecret(parsing: one.text) == one)
        }
    }
}
