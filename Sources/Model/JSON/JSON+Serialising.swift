// Compact JSON from a tree of values, safe to stand in a line, a log and a script.

extension JSON {
    /// Compact JSON in UTF-8; control characters, DEL, U+2028 and U+2029 escaped.
    package func serialised() -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    /// Appends `text` as it stands between the quotes of a JSON string.
    package static func escape(_ text: String, into output: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: output.append(contentsOf: [0x5C, byte])
            case 0x08: output.append(contentsOf: [0x5C, UInt8(ascii: "b")])
            case 0x09: output.append(contentsOf: [0x5C, UInt8(ascii: "t")])
            case 0x0A: output.append(contentsOf: [0x5C, UInt8(ascii: "n")])
            case 0x0C: output.append(contentsOf: [0x5C, UInt8(ascii: "f")])
            case 0x0D: output.append(contentsOf: [0x5C, UInt8(ascii: "r")])
            case 0x00..<0x20, 0x7F: appendEscape(UInt16(byte), to: &output)
            case 0xA8, 0xA9:
                output.append(byte)
                escapeLineSeparator(at: &output)
            default: output.append(byte)
            }
        }
    }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): output.append(contentsOf: number.utf8)
        case .string(let text): Self.writeString(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.writeString(member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func writeString(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        escape(text, into: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// U+2028 and U+2029 (E2 80 A8, E2 80 A9) end a line in JavaScript.
    private static func escapeLineSeparator(at output: inout [UInt8]) {
        let end = output.count
        guard end >= 3, output[end - 3] == 0xE2, output[end - 2] == 0x80 else { return }
        let scalar: UInt16 = output[end - 1] == 0xA8 ? 0x2028 : 0x2029
        output.removeLast(3)
        appendEscape(scalar, to: &output)
    }

    private static func appendEscape(_ unit: UInt16, to output: inout [UInt8]) {
        output.append(contentsOf: [0x5C, UInt8(ascii: "u")])
        for shift in [12, 8, 4, 0] as [UInt16] {
            let digit = UInt8(truncatingIfNeeded: (unit >> shift) & 0xF)
            output.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }
}
