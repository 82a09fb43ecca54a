// The `webhook-signature` header of Standard Webhooks 1.0
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). Pure.
//
// The specification signs `webhook-id.webhook-timestamp.body`, every byte of the body. One that streams a sample is
// signed by the courier, which reads it once before it is sent: no receiver has to know how we send files.

import Crypto

/// Makes the signatures of one request, whose body may come in pieces.
package struct Signature {
    private var codes: [HMAC<SHA256>]

    /// Signatures by each of `secrets` for a request with this id and timestamp (in whole seconds).
    package init(id: String, timestamp: Timestamp, secrets: [SigningSecret]) {
        let start = Array("\(id).\(timestamp.seconds).".utf8)
        codes = secrets.map { secret in
            var code = HMAC<SHA256>(key: SymmetricKey(data: secret.key))
            code.update(data: start)
            return code
        }
    }

    /// Takes the next bytes of the body.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        for index in codes.indices { codes[index].update(data: bytes) }
    }

    /// The header's value: `v1,` and Base64 of HMAC-SHA256 for each secret, separated by spaces.
    package var header: String {
        codes.map { "v1," + Base64.encode(Array($0.finalize())) }.joined(separator: " ")
    }

    /// The header's value for a body in memory; nil without secrets.
    package static func header(
        id: String, timestamp: Timestamp, body: [UInt8], secrets: [SigningSecret]
    ) -> String? {
        guard !secrets.isEmpty else { return nil }
        var signature = Signature(id: id, timestamp: timestamp, secrets: secrets)
        body.withUnsafeBytes { signature.update($0) }
        return signature.header
    }
}
