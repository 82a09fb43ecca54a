// Standard Webhooks 1.0 signatures.

import Testing

@testable import Model

@Suite struct SignatureTests {
    private static let body = #"{"test": 2432232314}"#.bytes
    private static let moment = Timestamp(milliseconds: 1_614_265_330_999)

    /// The published example of the specification's libraries.
    @Test func theSpecificationsExample() throws {
        let secret = try SigningSecret(parsing: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signature = Signature.header(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: Self.moment, body: Self.body, secrets: [secret])
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func severalSecretsSeveralSignatures() throws {
        let old = try SigningSecret(parsing: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let new = try SigningSecret(parsing: "whsec_" + Base64.encode([UInt8](repeating: 7, count: 64)))
        let header = Signature.header(id: "a", timestamp: Self.moment, body: Self.body, secrets: [new, old])
        let single = [new, old].compactMap {
            Signature.header(id: "a", timestamp: Self.moment, body: Self.body, secrets: [$0])
        }
        #expect(header == single.joined(separator: " "))
        #expect(single[0] != single[1])
        #expect(Signature.header(id: "a", timestamp: Self.moment, body: Self.body, secrets: []) == nil)
    }

    @Test func secretsAreCheckedAndNeverShown() throws {
        let short = Base64.encode([UInt8](repeating: 1, count: 23))
        let long = Base64.encode([UInt8](repeating: 1, count: 65))
        for text in [
            "", "whsec_", "whsec_\(short)", long, "whsec_not base64 at all!", "whsk_abcd",
            "hunter2hunter2hunter2hunter2hunter2h?",
        ] {
            let error = #expect(throws: ValueError.self, "\(text)") { try SigningSecret(parsing: text) }
            #expect(text.count < 6 || error?.message.contains(text.dropFirst(6)) == false || text == "whsec_")
        }
        let secret = try SigningSecret(parsing: " whsec_\(Base64.encode([UInt8](repeating: 1, count: 24)))\n")
        #expect(secret.key.count == 24)
        #expect("\(secret)" == "[secret]" && String(reflecting: secret) == "[secret]")
    }
}
