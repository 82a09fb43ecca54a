// What a receiver verifies `webhook-signature` with: the secret itself, or the public key of one. Pure.

import Crypto

/// A key that verifies signatures.
package enum VerifyingKey: Sendable {
    /// `whsec_…`: what signs also verifies.
    case secret(SigningSecret)
    /// `whpk_…` of ed25519.
    case publicKey(Curve25519.Signing.PublicKey)

    /// Reads `whsec_…`, `whpk_…`, or `whsk_…`, whose public half verifies.
    /// - Throws: `ValueError`, which never holds the secret.
    package init(parsing text: String) throws(ValueError) {
        let trimmed = text.trimmedBlanks()
        if trimmed.hasPrefix("whpk_") {
            self = try Self.publicKey(trimmed)
            return
        }
        let secret = try SigningSecret(parsing: trimmed)
        if let publicKey = secret.publicKey {
            self = try Self.publicKey(publicKey)
        } else {
            self = .secret(secret)
        }
    }

    private static func publicKey(_ text: String) throws(ValueError) -> VerifyingKey {
        guard let bytes = Base64.decode(String(text.dropFirst(5))), bytes.count == 32,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { throw ValueError("the public key is not whpk_ and 32 bytes in Base64") }
        return .publicKey(key)
    }

    /// Whether `signature`, `v1a,…`, is a public key's for `message`.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard case .publicKey(let key) = self, signature.starts(with: "v1a,".utf8),
            let bytes = Base64.decode(String(decoding: signature.dropFirst(4), as: UTF8.self))
        else { return false }
        return key.isValidSignature(bytes, for: message)
    }
}
