// A problem of the configuration on one line, as `check` prints it, from the daemon's JSON.

import Model

/// A line about a problem.
enum SettingsProblemLine {
    /// `file:line: error: [section] key: message. Remedy.`
    static func text(_ problem: JSON) -> String {
        var text = ""
        if let file = problem["file"]?.text {
            text += problem["line"]?.integer.map { "\(file):\($0): " } ?? "\(file): "
        }
        text += (problem["severity"]?.text ?? "error") + ": "
        if let section = problem["section"]?.text { text += "[\(section)] " }
        if let key = problem["key"]?.text { text += "\(key): " }
        return text + "\(problem["message"]?.text ?? ""). \(problem["suggestion"]?.text ?? "")."
    }
}
