// What checking a signature came to.

/// What the signature of a request is worth.
package enum SignatureFinding: Sendable, Equatable {
    /// No secret was given, so it was not looked at.
    case unchecked
    /// Made with our secret, over this body.
    case valid
    /// There is none.
    case missing
    /// There is one, and it is not ours; why.
    case wrong(String)
}
