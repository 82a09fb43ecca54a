// The `webhook-signature` header of Standard Webhooks 1.0
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). Pure.
//
// The specification signs the body. A body that streams a sample (multipart, or raw without a template) is not there to
// be signed when its head is sent, and its boundary is libcurl's. For those the sample's SHA-256, 64 lower-case hex
// digits, is signed in the body's place: the receiver hashes the file it received and verifies
// `webhook-id.webhook-timestamp.HASH`. That proves sender, time and sample, not the form's other fields.

import Crypto

/// Signatures of requests.
package enum Signature {
    /// `v1,` and Base64 of HMAC-SHA256 over `id.timestamp.body`; `timestamp` in whole seconds.
    package static func v1(
        id: String, timestamp: Timestamp, body: [UInt8], secret: SigningSecret
    ) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: secret.key))
        code.update(data: Array("\(id).\(timestamp.seconds).".utf8))
        code.update(data: body)
        return "v1," + Base64.encode(Array(code.finalize()))
    }

    /// The whole header: one signature for each secret, separated by spaces; nil without secrets.
    package static func header(
        id: String, timestamp: Timestamp, body: [UInt8], secrets: [SigningSecret]
    ) -> String? {
        guard !secrets.isEmpty else { return nil }
        return secrets.map { v1(id: id, timestamp: timestamp, body: body, secret: $0) }.joined(separator: " ")
    }
}
