// The cookie that a browser holds after it was given a token: role, end, and an HMAC with the token as key. Nothing
// is stored, so that it outlives a restart, and a new token ends it. Pure.

import Crypto
import Model

/// A browser's session.
enum Session {
    /// The cookie's name.
    static let name = "mwdb_webhooks"
    /// How long it lasts.
    static let length = Span.hours(12)

    /// The cookie's value for `role` from `now` on.
    static func value(_ role: Role, tokens: AccessTokens, now: Timestamp) -> String {
        let end = now.milliseconds + length.milliseconds
        let claim = "\(role.rawValue).\(end)"
        let code = HMAC<SHA256>.authenticationCode(for: Array(claim.utf8), using: key(role, tokens))
        return claim + "." + digits(Array(code))
    }

    /// The role that a cookie's value stands for; nil: it is over, forged, or of another token.
    static func role(of value: Substring, tokens: AccessTokens, now: Timestamp) -> Role? {
        let parts = value.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let role = Role(rawValue: String(parts[0])), let end = Int64(parts[1]),
            end > now.milliseconds, end <= now.milliseconds + length.milliseconds,
            let code = bytes(parts[2])
        else { return nil }
        let claim = Array("\(parts[0]).\(parts[1])".utf8)
        let isRight = HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: claim, using: key(role, tokens))
        return isRight ? role : nil
    }

    /// The sessions' values in a `Cookie` header: a cookie of the same name for another path, or of another server at
    /// this host, may come first.
    static func values(inCookies header: String) -> [Substring] {
        header.split(separator: ";").compactMap { pair in
            let pair = pair.drop { $0 == " " }
            return pair.hasPrefix(name + "=") ? pair.dropFirst(name.count + 1) : nil
        }
    }

    /// `Set-Cookie` for `value`; an empty one ends the session. No path: the browser takes the folder of the login,
    /// whatever a proxy has put before it.
    static func cookie(_ value: String, isSecure: Bool) -> String {
        let age = value.isEmpty ? 0 : length.milliseconds / 1000
        return "\(name)=\(value); Max-Age=\(age); HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
    }

    private static func key(_ role: Role, _ tokens: AccessTokens) -> SymmetricKey {
        SymmetricKey(data: Array("session ".utf8) + Array(tokens.token(of: role).utf8))
    }

    private static func digits(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(_ digits: Substring) -> [UInt8]? {
        let digits = Array(digits.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Character(UnicodeScalar(digits[place])).hexDigitValue,
                let low = Character(UnicodeScalar(digits[place + 1])).hexDigitValue
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
