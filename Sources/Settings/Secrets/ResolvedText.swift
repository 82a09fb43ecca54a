// A value whose references are resolved, still knowing which of its parts are secret, so that a secret is
// never read as a placeholder and never shows in a template's source.

import Model

/// A value of text and secrets in turn.
struct ResolvedText {
    /// One part of a value.
    enum Piece: Equatable {
        /// Written in the file as it is.
        case text(String)
        /// Came from a reference.
        case secret(String)
    }

    /// The parts in order.
    var pieces: [Piece]

    /// All of it, secrets included.
    var string: String {
        pieces.map { piece in
            switch piece {
            case .text(let text), .secret(let text): text
            }
        }.joined()
    }

    /// Whether any part came from a reference.
    var hasSecrets: Bool {
        pieces.contains { if case .secret = $0 { true } else { false } }
    }

    /// As a template: text is parsed, secrets are literal whatever they look like.
    /// - Throws: `TemplateError`.
    func template() throws(TemplateError) -> Template {
        guard hasSecrets else { return try Template(parsing: string) }
        var template: Template?
        for piece in pieces {
            let next: Template
            switch piece {
            case .text(let text): next = try Template(parsing: text)
            case .secret(let secret): next = Template(secret: secret)
            }
            template = template.map { $0 + next } ?? next
        }
        return template ?? Template(literal: "")
    }
}
