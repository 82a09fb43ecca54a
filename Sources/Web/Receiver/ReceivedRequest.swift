// A request as the built-in receiver saw it: what it prints, in a value.

import Model

/// A request that was received.
package struct ReceivedRequest: Sendable, Equatable {
    /// 1 for the first.
    package var number: Int
    /// When its head was there.
    package var receivedAt: Timestamp
    /// Method.
    package var method: String
    /// Path with query.
    package var path: String
    /// Header fields in their order.
    package var headers: [Header]
    /// Its body.
    package var body: ReceivedBody
    /// What its signature is worth.
    package var signature: SignatureFinding
    /// The status that was answered.
    package var status: Int

    /// Its first header field called `name` (lower case).
    package func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// The body of a received request.
package enum ReceivedBody: Sendable, Equatable {
    /// Bytes: their beginning, how many there were, and their SHA-256.
    case bytes([UInt8], size: Int64, sha256: String)
    /// The parts of a form.
    case parts([ReceivedPart])
    /// It broke off, or was no form.
    case broken(String)
}
