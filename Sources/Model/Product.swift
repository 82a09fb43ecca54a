// The product's name and version, wherever they are shown or sent.

/// The product.
package enum Product {
    /// Version of this build.
    package static let version = "0.1.0"
    /// `user-agent` of every request.
    package static let userAgent = "mwdb-webhooks/\(version)"
}
