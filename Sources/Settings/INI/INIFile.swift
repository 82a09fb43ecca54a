// One INI file as it was written: sections, keys, values and the lines they stand on. Nothing is interpreted
// here; `Layers` puts files on top of each other and the readers check values.

/// The content of one INI file.
package struct INIFile: Sendable, Equatable {
    /// Absolute path it was read from.
    package var path: String
    /// Sections in the order of the file.
    package var sections: [INISection]

    /// Most bytes of a file that are accepted.
    package static let sizeLimit = 1_048_576

    /// The section called `name`.
    package func section(_ name: String) -> INISection? {
        sections.first { $0.name == name }
    }
}

/// One `[section]`.
package struct INISection: Sendable, Equatable {
    /// Name between the brackets, without blanks around it.
    package var name: String
    /// Line of the header, from 1.
    package var line: Int
    /// Entries in the order of the file.
    package var entries: [INIEntry] = []
}

/// One `key = value`.
package struct INIEntry: Sendable, Equatable {
    /// The key as it is written; keys are lower case but for names of the user's (`field.fooBar`).
    package var key: String
    /// Line of the key, from 1.
    package var line: Int
    /// The value's lines without blanks around them and with their numbers in the file. The first stands
    /// beside the key and may be empty; blank lines at the end are left out.
    package var lines: [INILine]

    /// The value: its lines, joined by line breaks; without an empty first line.
    package var value: String {
        valueLines.map(\.text).joined(separator: "\n")
    }

    /// The lines that make the value.
    package var valueLines: [INILine] {
        lines.count > 1 && lines[0].text.isEmpty ? Array(lines.dropFirst()) : lines
    }
}

/// One line of a value.
package struct INILine: Sendable, Equatable {
    /// Its text without blanks around it.
    package var text: String
    /// Its number in the file, from 1.
    package var number: Int
}
