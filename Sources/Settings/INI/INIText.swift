// From a file's bytes to its lines: byte order marks, line ends, and everything that is no text. What cannot
// be read as UTF-8 is a problem that names the line, since configuration is written with all sorts of
// editors.

import Model

/// The lines of a text file.
struct INIText {
    /// Lines without their ends; line n is `lines[n - 1]`.
    private(set) var lines: [String] = []

    /// Splits `bytes` at LF or CR LF. Damaged lines are empty and reported.
    init(_ bytes: [UInt8], path: String, findings: Findings) {
        guard bytes.count <= INIFile.sizeLimit else {
            findings.add(
                SettingsProblem(
                    .error, file: path, message: "larger than \(INIFile.sizeLimit) bytes",
                    suggestion: "Give the path of an INI file"))
            return
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            findings.add(
                SettingsProblem(
                    .error, file: path, line: 1, message: "is written in UTF-16",
                    suggestion: "Save it as UTF-8"))
            return
        }
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        for line in bytes[start...].split(separator: 0x0A, omittingEmptySubsequences: false) {
            lines.append(text(line, path: path, number: lines.count + 1, findings: findings))
        }
    }

    private func text(_ line: ArraySlice<UInt8>, path: String, number: Int, findings: Findings) -> String {
        let bytes = line.last == 0x0D ? line.dropLast() : line
        if let control = bytes.first(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
            findings.add(
                SettingsProblem(
                    .error, file: path, line: number,
                    message: control == 0
                        ? "a NUL byte" : "a control character (byte 0x\(String(control, radix: 16)))",
                    suggestion: control == 0
                        ? "Save the file as plain UTF-8 text" : "Remove it: a setting is plain text"))
            return ""
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            findings.add(
                SettingsProblem(
                    .error, file: path, line: number, message: "not valid UTF-8",
                    suggestion: "Save the file as UTF-8"))
            return ""
        }
        return text
    }
}

extension StringProtocol {
    /// Without blanks and tabs at both ends.
    var trimmed: String {
        var text = Substring(self)
        while let first = text.unicodeScalars.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.unicodeScalars.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
