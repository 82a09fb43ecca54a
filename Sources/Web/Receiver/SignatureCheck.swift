// Verifies `webhook-signature` as a receiver should: over the bytes that were received, in constant time, and only
// for a timestamp that is near. Pure.

import Model

/// Checks signatures made with one secret.
struct SignatureCheck: Sendable {
    /// How far `webhook-timestamp` may be from now, as Standard Webhooks recommends.
    static let tolerance = Span.minutes(5)

    /// The secret; nil: nothing is checked.
    let secret: SigningSecret?

    /// Whether one of the signatures in `request` is right for `content`: the body, or for a sample its SHA-256 in
    /// hex digits, which is what a request that streams a sample is signed by.
    func finding(headers: (String) -> String?, contents: [[UInt8]], now: Timestamp) -> SignatureFinding {
        guard let secret else { return .unchecked }
        guard let given = headers("webhook-signature") else { return .missing }
        guard let id = headers("webhook-id"),
            let seconds = headers("webhook-timestamp").flatMap({ Int64($0) })
        else { return .wrong("webhook-id or webhook-timestamp is missing") }
        let moment = Timestamp(milliseconds: seconds * 1000)
        guard abs((now - moment).milliseconds) <= SignatureCheck.tolerance.milliseconds else {
            return .wrong("webhook-timestamp is more than 5 minutes away")
        }
        let signatures = given.split(separator: " ").map { Array($0.utf8) }
        for content in contents {
            let right = Array(Signature.v1(id: id, timestamp: moment, body: content, secret: secret).utf8)
            if signatures.contains(where: { SignatureCheck.areEqual($0, right) }) { return .valid }
        }
        return .wrong("no signature matches the secret and the body")
    }

    /// Compares without telling by its time where the first difference is.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
