// One section as all its layers together have it, key by key. The weakest layer is put down first.

import Model

/// The merged keys of one section.
struct LayeredSection {
    /// Section for problems and `EffectiveSetting`, `plugin:drakvuf`.
    let name: String
    /// Where the section of the strongest layer begins.
    private(set) var place: (path: String, line: Int)?
    /// Canonical keys in the order in which the layers, weakest first, brought them.
    private(set) var keys: [String] = []
    private var values: [String: WrittenValue] = [:]

    /// A section without layers.
    init(name: String) {
        self.name = name
    }

    /// Puts a section of a file on top: its keys win. A key keeps the place it has.
    mutating func overlay(_ section: INISection, path: String, findings: Findings) {
        place = (path, section.line)
        var seen: [String: WrittenValue] = [:]
        for entry in section.entries {
            let value = WrittenValue(
                key: entry.key, text: entry.value, lines: entry.valueLines,
                origin: .file(path, line: entry.line), folder: FilePath.folder(of: path), section: name)
            let key = LayeredSection.canonical(entry.key)
            if let earlier = seen[key], earlier.key != entry.key {
                value.report(
                    "is the same as \(earlier.key) in line \(earlier.line ?? 0)", "Remove one of them",
                    to: findings)
            }
            seen[key] = value
            put(value, key: key)
        }
    }

    /// Puts one value on top.
    mutating func overlay(_ value: WrittenValue) {
        put(value, key: LayeredSection.canonical(value.key))
    }

    /// Puts another merged section on top.
    mutating func overlay(_ section: LayeredSection) {
        place = section.place ?? place
        for key in section.keys {
            if let value = section.values[key] { put(value, key: key) }
        }
    }

    /// The value of a key as written, blank ones included; nil when no layer has it.
    subscript(_ key: String) -> WrittenValue? { values[LayeredSection.canonical(key)] }

    /// Header names do not differ by case, and `extract.NAME?` is `extract.NAME`.
    static func canonical(_ key: String) -> String {
        if key.hasPrefix("header.") { return key.lowercased() }
        if key.hasPrefix("extract."), key.hasSuffix("?") { return String(key.dropLast()) }
        return key
    }

    private mutating func put(_ value: WrittenValue, key: String) {
        if values.updateValue(value, forKey: key) == nil { keys.append(key) }
    }
}
