// A secret that signs requests as Standard Webhooks 1.0 says: a key that both sides know (`whsec_`, HMAC-SHA256), or an
// ed25519 key of ours (`whsk_`) whose public half (`whpk_`) is all that a receiver needs. Pure. Neither errors nor
// descriptions show it.

import Crypto

/// A signing key.
package struct SigningSecret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// How a secret signs.
    package enum Kind: Sendable, Equatable {
        /// `whsec_`: HMAC-SHA256, `v1`.
        case symmetric
        /// `whsk_`: ed25519, `v1a`.
        case ed25519
    }

    /// How it signs.
    package let kind: Kind
    /// Key bytes: 24 to 64, or the 32 of an ed25519 private key.
    package let key: [UInt8]
    /// The private key of ed25519.
    private let signer: Curve25519.Signing.PrivateKey?

    /// Reads `whsec_` and Base64, or Base64 alone, of 24 to 64 bytes; or `whsk_` and Base64 of an ed25519 private key,
    /// 32 bytes, or 64 with the public key behind it.
    /// - Throws: `ValueError`, which never holds the secret.
    package init(parsing text: String) throws(ValueError) {
        let trimmed = text.trimmedBlanks()
        if trimmed.hasPrefix("whpk_") {
            throw ValueError(
                "the secret is a public key (whpk_…), which verifies but cannot sign; whsk_… signs")
        }
        if trimmed.hasPrefix("whsk_") {
            try self.init(ed25519: Base64.decode(String(trimmed.dropFirst(5))))
            return
        }
        let encoded = trimmed.hasPrefix("whsec_") ? String(trimmed.dropFirst(6)) : trimmed
        guard let key = Base64.decode(encoded) else {
            throw ValueError("the secret is not whsec_ and Base64; make one with: mwdb-webhooks secret")
        }
        guard (24...64).contains(key.count) else {
            throw ValueError("the secret has \(key.count) bytes; Standard Webhooks wants 24 to 64")
        }
        self.init(kind: .symmetric, key: key, signer: nil)
    }

    private init(ed25519 bytes: [UInt8]?) throws(ValueError) {
        guard let bytes, bytes.count == 32 || bytes.count == 64,
            let signer = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes.prefix(32))
        else {
            throw ValueError("the ed25519 key is not whsk_ and 32 or 64 bytes in Base64")
        }
        guard bytes.count == 32 || Array(signer.publicKey.rawRepresentation) == Array(bytes[32...]) else {
            throw ValueError("the ed25519 key's second half is not the public key of its first")
        }
        self.init(kind: .ed25519, key: Array(bytes.prefix(32)), signer: signer)
    }

    private init(kind: Kind, key: [UInt8], signer: Curve25519.Signing.PrivateKey?) {
        (self.kind, self.key, self.signer) = (kind, key, signer)
    }

    /// A new secret from the system's random numbers: 32 bytes.
    package static func random(_ kind: Kind) -> SigningSecret {
        switch kind {
        case .symmetric:
            let key = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
            return SigningSecret(kind: kind, key: key, signer: nil)
        case .ed25519:
            let signer = Curve25519.Signing.PrivateKey()
            return SigningSecret(kind: kind, key: Array(signer.rawRepresentation), signer: signer)
        }
    }

    /// The secret itself, as `secret` takes it. An ed25519 key is written with its public half, as other programs that
    /// speak Standard Webhooks want it.
    package var text: String {
        switch kind {
        case .symmetric: "whsec_" + Base64.encode(key)
        case .ed25519: "whsk_" + Base64.encode(key + publicBytes)
        }
    }

    /// `whpk_…`, what verifies an ed25519 key's signatures; nil for the other kind, whose secret is its own.
    package var publicKey: String? {
        kind == .ed25519 ? "whpk_" + Base64.encode(publicBytes) : nil
    }

    /// The ed25519 signature of a whole message.
    /// - Throws: `ValueError` for the other kind, and where the library does not sign.
    func signature(of message: [UInt8]) throws(ValueError) -> [UInt8] {
        guard let signer, let signature = try? signer.signature(for: message) else {
            throw ValueError("the ed25519 key does not sign")
        }
        return Array(signature)
    }

    private var publicBytes: [UInt8] { signer.map { Array($0.publicKey.rawRepresentation) } ?? [] }

    /// Whether both are the same key.
    package static func == (left: SigningSecret, right: SigningSecret) -> Bool {
        left.kind == right.kind && left.key == right.key
    }

    /// Says only that it is one.
    package var description: String { "[secret]" }
    /// Says only that it is one.
    package var debugDescription: String { description }
}
