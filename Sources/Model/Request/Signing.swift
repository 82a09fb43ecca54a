// What a request is signed with once its body is known to the last byte. Made by Delivery, used by Courier.

/// The `webhook-signature` that a request is still to get.
package struct Signing: Sendable, Equatable {
    /// Value of `webhook-id`.
    package var id: String
    /// Value of `webhook-timestamp`.
    package var timestamp: Timestamp
    /// At least one; each signs.
    package var secrets: [SigningSecret]

    /// A signature to be made.
    package init(id: String, timestamp: Timestamp, secrets: [SigningSecret]) {
        self.id = id
        self.timestamp = timestamp
        self.secrets = secrets
    }
}
