// A secret that signs requests as Standard Webhooks 1.0 says. Pure.

/// A signing key.
package struct SigningSecret: Sendable, Equatable {
    /// Key bytes, 24 to 64.
    package var key: [UInt8]
}
