// Colours, where they are wanted: on a terminal, unless NO_COLOR is set (https://no-color.org).

/// Whether and how text is set off.
struct Style: Sendable {
    /// Escape sequences are written.
    var isOn: Bool

    /// Plain text.
    static let plain = Style(isOn: false)

    /// Set off.
    func bold(_ text: String) -> String { wrap(text, "1") }
    /// Something is wrong.
    func bad(_ text: String) -> String { wrap(text, "31") }
    /// Something needs attention.
    func doubtful(_ text: String) -> String { wrap(text, "33") }
    /// All is well.
    func good(_ text: String) -> String { wrap(text, "32") }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
