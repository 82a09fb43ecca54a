// The `webhook-signature` header of Standard Webhooks 1.0. Pure.

/// Signatures of requests.
package enum Signature {
    /// `v1,` and Base64 of HMAC-SHA256 over `id.timestamp.body`; `timestamp` in seconds.
    package static func v1(
        id: String, timestamp: Timestamp, body: [UInt8], secret: SigningSecret
    ) -> String {
        ""
    }

    /// The whole header: one signature for each secret, separated by spaces; nil without secrets.
    package static func header(
        id: String, timestamp: Timestamp, body: [UInt8], secrets: [SigningSecret]
    ) -> String? {
        nil
    }
}
