// Whose account the API key is: MWDB's keys are JSON Web Tokens that name their owner (mwdb/model/api_key.py).
// Read without checking the signature: it only decides which events we have caused ourselves.

import Model
import Settings

extension MWDBSettings {
    /// Login of the API key's account; nil when the key does not say.
    var login: String? {
        guard let parts = apiKey?.split(separator: ".", omittingEmptySubsequences: false), parts.count == 3,
            let payload = base64URLDecoded(parts[1]), let json = try? JSON.parse(payload)
        else { return nil }
        return json["login"]?.text
    }

    /// Logins whose events do not reach plugins that write back.
    var ignoredLogins: Set<String> {
        if let ignoreActors { return Set(ignoreActors) }
        return Set([login].compactMap { $0 })
    }
}

/// Decodes unpadded Base64 with the URL alphabet (RFC 4648, section 5); nil when it is none.
func base64URLDecoded(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for character in text.utf8 {
        let value: UInt32
        switch character {
        case 0x41...0x5a: value = UInt32(character - 0x41)
        case 0x61...0x7a: value = UInt32(character - 0x61 + 26)
        case 0x30...0x39: value = UInt32(character - 0x30 + 52)
        case 0x2d: value = 62
        case 0x5f: value = 63
        case 0x3d: continue
        default: return nil
        }
        bits = bits << 6 | value
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
    }
    return bytes
}
