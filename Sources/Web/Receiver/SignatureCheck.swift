// Verifies `webhook-signature` as a receiver should: over the bytes that are received, in constant time, and only
// for a timestamp that is near. Pure.

import Model

/// Checks the signature of one request while its body is received.
struct SignatureCheck {
    /// How far `webhook-timestamp` may be from now, as Standard Webhooks recommends.
    static let tolerance = Span.minutes(5)

    /// Most bytes of a body whose ed25519 signature is checked: the whole body is kept for it.
    static let mostBytes = BodyRecorder.keptBody

    /// The signature as it should be, over what was received so far.
    private var signature: Signature?
    /// With a public key: what was signed, as far as it was received.
    private var message: [UInt8]?
    private let key: VerifyingKey?
    private var given: [[UInt8]] = []
    private var problem: SignatureFinding?

    /// A check with `key` (nil: nothing is checked) of a request with these header fields.
    init(key: VerifyingKey?, headers: (String) -> String?, now: Timestamp) {
        self.key = key
        guard let key else {
            problem = .unchecked
            return
        }
        guard let header = headers("webhook-signature") else {
            problem = .missing
            return
        }
        guard let id = headers("webhook-id"),
            let seconds = headers("webhook-timestamp").flatMap({ Int64($0) })
        else {
            problem = .wrong("webhook-id or webhook-timestamp is missing")
            return
        }
        let (milliseconds, isTooLarge) = seconds.multipliedReportingOverflow(by: 1000)
        let moment = Timestamp(milliseconds: milliseconds)
        guard !isTooLarge, (now - moment).milliseconds.magnitude <= SignatureCheck.tolerance.milliseconds
        else {
            problem = .wrong("webhook-timestamp is more than 5 minutes away")
            return
        }
        given = header.split(separator: " ").map { Array($0.utf8) }
        switch key {
        case .secret(let secret): signature = Signature(id: id, timestamp: moment, secrets: [secret])
        case .publicKey: message = Signature.start(id: id, timestamp: moment)
        }
    }

    /// Takes the next bytes of the body.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        signature?.update(bytes)
        guard let count = message?.count else { return }
        if count + bytes.count > SignatureCheck.mostBytes {
            message = nil
            problem = .wrong("the body is too large for its ed25519 signature to be checked here")
        } else {
            message?.append(contentsOf: bytes)
        }
    }

    /// What the signature is worth, once the whole body was received.
    var finding: SignatureFinding {
        if let problem { return problem }
        // A key that does not sign has signed nothing: no given signature is empty.
        let right = signature.flatMap { try? $0.value() }.map { Array($0.utf8) } ?? []
        return given.contains {
            SignatureCheck.areEqual($0, right) || key?.verifies($0, of: message ?? []) == true
        }
            ? .valid : .wrong("no signature matches the secret and the body")
    }

    /// Compares without telling by its time where the first difference is.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
