// A man page written from a command's own help, so that the two cannot differ (man(7), man-pages(7)). Pure.

import Model

/// A page of section 1 about one command.
struct ManualPage {
    /// Name of its file.
    var file: String { title + ".1" }

    private let title: String
    private let command: JSON
    private let others: [String]

    /// The page about `command`, as ArgumentParser describes it; `others` are titles of the pages it refers to.
    init(_ command: JSON, title: String, others: [String]) {
        self.command = command
        self.title = title
        self.others = others
    }

    /// The page in roff.
    var text: String {
        var lines = [
            #".\" Written by `mwdb-webhooks manual` from the command's own help; do not edit."#,
            ".TH \(title.uppercased()) 1 \"\" \"mwdb-webhooks \(Product.version)\"", ".SH NAME",
            "\(Self.escape(title)) \\- \(Self.escape(Self.withoutPoint(command["abstract"]?.text ?? "")))",
            ".SH SYNOPSIS",
        ]
        lines += synopsis
        if let discussion = command["discussion"]?.text {
            lines += [".SH DESCRIPTION"] + Self.paragraphs(discussion)
        }
        lines += commands + options + Self.end
        if !others.isEmpty {
            lines += [".SH SEE ALSO", others.map { ".BR \($0) (1)" }.joined(separator: ",\n")]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var synopsis: [String] {
        let name = title.split(separator: "-").count > 2 ? subcommand : title
        guard command["subcommands"] == nil else {
            return [".B \(Self.escape(name))", ".I command", ".RI [ option ...]"]
        }
        return [".B \(Self.escape(name))"]
            + shown.filter { $0["kind"]?.text != "positional" }.prefix(1).map { _ in ".RI [ option ...]" }
            + shown.filter { $0["kind"]?.text == "positional" }.map { argument in
                let value = Self.escape(argument["valueName"]?.text ?? "value")
                let isMany = argument["isRepeating"]?.isTrue == true
                return argument["isOptional"]?.isTrue == true
                    ? ".RI [ \(value)\(isMany ? " ..." : "") ]" : ".I \(value)\(isMany ? " ..." : "")"
            }
    }

    /// `mwdb-webhooks retry` of `mwdb-webhooks-retry`.
    private var subcommand: String { "mwdb-webhooks " + (command["commandName"]?.text ?? "") }

    private var shown: [JSON] {
        (command["arguments"]?.elements ?? []).filter { $0["shouldDisplay"]?.isTrue == true }
    }

    private var commands: [String] {
        let commands = (command["subcommands"]?.elements ?? []).filter {
            $0["shouldDisplay"]?.isTrue == true && $0["commandName"]?.text != "help"
        }
        guard !commands.isEmpty else { return [] }
        return [".SH COMMANDS"]
            + commands.flatMap { command -> [String] in
                let name = command["commandName"]?.text ?? ""
                return [
                    ".TP", ".BR \(Self.escape("mwdb-webhooks-" + name)) (1)",
                    Self.escape(command["abstract"]?.text ?? ""),
                ]
            }
    }

    private var options: [String] {
        guard !shown.isEmpty else { return [] }
        return [".SH OPTIONS"] + shown.flatMap(entry)
    }

    private func entry(_ argument: JSON) -> [String] {
        let value = argument["valueName"]?.text.map { "\\fI\(Self.escape($0))\\fR" }
        let names = (argument["names"]?.elements ?? []).map { name -> String in
            let dashes = name["kind"]?.text == "long" ? "--" : "-"
            return "\\fB\(Self.escape(dashes + (name["name"]?.text ?? "")))\\fR"
        }
        var head = names.joined(separator: ", ")
        switch argument["kind"]?.text {
        case "option": head += value.map { " " + $0 } ?? ""
        case "positional": head = value ?? ""
        default: break
        }
        var text = Self.escape(argument["abstract"]?.text ?? "")
        if let values = argument["allValues"]?.elements.compactMap(\.text), !values.isEmpty {
            text += " One of: " + Self.escape(values.joined(separator: ", ")) + "."
        }
        if let standard = argument["defaultValue"]?.text, argument["kind"]?.text != "flag" {
            text += " Default: " + Self.escape(standard) + "."
        }
        return [".TP", head, text.isEmpty ? "\\&" : text]
    }

    private static let end = [
        ".SH FILES", ".TP",
        "\\fI./webhooks.ini\\fR, \\fI~/.mwdb\\-webhooks/webhooks.ini\\fR, "
            + "\\fI/etc/mwdb\\-webhooks/webhooks.ini\\fR",
        "The configuration, key by key; the first that has a key counts.",
        ".SH EXIT STATUS", "0 done, 1 failed (the reason is on standard error), 2 usage.",
    ]

    /// Paragraphs as filled text; lines that are indented, such as examples, stay as they are.
    private static func paragraphs(_ text: String) -> [String] {
        var lines: [String] = []
        var isVerbatim = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let wantsVerbatim = line.hasPrefix("  ")
            // A section begins with a paragraph of its own.
            if wantsVerbatim, !isVerbatim, !lines.isEmpty { lines.append(".PP") }
            if wantsVerbatim != isVerbatim { lines.append(wantsVerbatim ? ".nf" : ".fi") }
            isVerbatim = wantsVerbatim
            lines.append(line.isEmpty ? ".PP" : escape(String(line)))
        }
        if isVerbatim { lines.append(".fi") }
        // A paragraph's break before another, or at the end, would be said twice.
        return lines.enumerated().filter { index, line in
            line != ".PP" || (index + 1 < lines.count && lines[index + 1] != ".PP")
        }.map(\.element)
    }

    /// Text in which roff finds nothing to act on.
    private static func escape(_ text: String) -> String {
        var output = ""
        for character in text {
            switch character {
            case "\\": output += "\\e"
            case "-": output += "\\-"
            case "'": output += "\\(aq"
            case "`": output += "\\(ga"
            case "~": output += "\\(ti"
            case "^": output += "\\(ha"
            default: output.append(character)
            }
        }
        return output.hasPrefix(".") ? "\\&" + output : output
    }

    private static func withoutPoint(_ text: String) -> String {
        text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}
