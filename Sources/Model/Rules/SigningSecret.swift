// A secret that signs requests as Standard Webhooks 1.0 says. Pure. Neither errors nor descriptions show it.

/// A signing key.
package struct SigningSecret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Key bytes, 24 to 64.
    package let key: [UInt8]

    /// Reads `whsec_` and Base64, or Base64 alone, of 24 to 64 bytes.
    /// - Throws: `ValueError`, which never holds the secret.
    package init(parsing text: String) throws(ValueError) {
        let trimmed = text.trimmedBlanks()
        for prefix in ["whsk_", "whpk_"] where trimmed.hasPrefix(prefix) {
            throw ValueError("the secret is an ed25519 key (\(prefix)…); a symmetric one, whsec_…, is needed")
        }
        let encoded = trimmed.hasPrefix("whsec_") ? String(trimmed.dropFirst(6)) : trimmed
        guard let key = Base64.decode(encoded) else {
            throw ValueError(
                "the secret is not whsec_ and Base64; make one with: echo whsec_$(openssl rand -base64 32)")
        }
        guard (24...64).contains(key.count) else {
            throw ValueError("the secret has \(key.count) bytes; Standard Webhooks wants 24 to 64")
        }
        self.key = key
    }

    /// Says only that it is one.
    package var description: String { "[secret]" }
    /// Says only that it is one.
    package var debugDescription: String { description }
}
