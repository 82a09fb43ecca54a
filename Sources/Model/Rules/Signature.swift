// The `webhook-signature` header of Standard Webhooks 1.0
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). Pure.
//
// The specification signs `webhook-id.webhook-timestamp.body`, every byte of the body. One that streams a sample is
// signed by the courier, which reads it once before it is sent: no receiver has to know how we send files.

import Crypto

/// Makes the signatures of one request, whose body may come in pieces. ed25519 signs a message as a whole: with such a
/// secret the body is kept until `value` is asked for.
package struct Signature {
    private let secrets: [SigningSecret]
    private var codes: [HMAC<SHA256>]
    private var message: [UInt8]?

    /// Signatures by each of `secrets` for a request with this id and timestamp (in whole seconds).
    package init(id: String, timestamp: Timestamp, secrets: [SigningSecret]) {
        self.secrets = secrets
        let start = Signature.start(id: id, timestamp: timestamp)
        codes = secrets.filter { $0.kind == .symmetric }.map { secret in
            var code = HMAC<SHA256>(key: SymmetricKey(data: secret.key))
            code.update(data: start)
            return code
        }
        message = secrets.contains { $0.kind == .ed25519 } ? start : nil
    }

    /// What is signed in front of the body.
    package static func start(id: String, timestamp: Timestamp) -> [UInt8] {
        Array("\(id).\(timestamp.seconds).".utf8)
    }

    /// Takes the next bytes of the body.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        for index in codes.indices { codes[index].update(data: bytes) }
        message?.append(contentsOf: bytes)
    }

    /// The header's value, in the order of the secrets, separated by spaces: `v1,` and Base64 of HMAC-SHA256, `v1a,` and
    /// Base64 of an ed25519 signature.
    /// - Throws: `ValueError` when a key does not sign.
    package func value() throws(ValueError) -> String {
        var codes = codes[...]
        var values: [String] = []
        for secret in secrets {
            switch secret.kind {
            case .symmetric:
                values.append("v1," + Base64.encode(codes.popFirst().map { Array($0.finalize()) } ?? []))
            case .ed25519: values.append("v1a," + Base64.encode(try secret.signature(of: message ?? [])))
            }
        }
        return values.joined(separator: " ")
    }

    /// The header's value for a body in memory; nil without secrets.
    /// - Throws: `ValueError` when a key does not sign.
    package static func header(
        id: String, timestamp: Timestamp, body: [UInt8], secrets: [SigningSecret]
    ) throws(ValueError) -> String? {
        guard !secrets.isEmpty else { return nil }
        var signature = Signature(id: id, timestamp: timestamp, secrets: secrets)
        body.withUnsafeBytes { signature.update($0) }
        return try signature.value()
    }
}
