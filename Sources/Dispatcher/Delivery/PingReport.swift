// What a test event came to: shown by `ping` and the dashboard. Nothing of it is stored.

import Model

/// A test event's request and answer.
package struct PingReport: Sendable {
    /// Method and URL.
    package var request: String
    /// Header fields as sent, secrets taken out.
    package var headers: [Header]
    /// What came of it.
    package var reply: Reply
    /// What the plugin's rules make of it, in words.
    package var verdict: String
    /// The delivery would count as delivered.
    package var delivered: Bool
    /// Values taken from the answer.
    package var extracted: [ExtractedValue]
}
