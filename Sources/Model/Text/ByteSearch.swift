// Searching text byte for byte. Swift compares characters: an attacker's combining mark behind a letter would hide
// it from `contains`.

/// Searches in UTF-8.
enum ByteSearch {
    /// Whether `needle` occurs in the UTF-8 of `text`.
    static func contains(_ text: String, _ needle: [UInt8]) -> Bool {
        var text = text
        return text.withUTF8 { haystack in
            guard let first = needle.first else { return true }
            guard haystack.count >= needle.count else { return false }
            for start in 0...haystack.count - needle.count where haystack[start] == first {
                if haystack[start..<start + needle.count].elementsEqual(needle) { return true }
            }
            return false
        }
    }
}
