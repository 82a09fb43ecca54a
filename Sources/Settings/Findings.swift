// What loading comes across on its way: problems, secrets, files. One collector for one `Settings.load`, used
// on one thread, so that every reader can report without handing lists back and forth.

import Model

/// Problems, secrets and files of one load.
final class Findings {
    private(set) var problems: [SettingsProblem] = []
    private(set) var secrets: Set<String> = []
    private(set) var files: [String] = []

    /// Keeps a problem, once.
    func add(_ problem: SettingsProblem) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// Keeps a secret. `Redaction` finds it escaped, too; what is kept besides is how signing secrets are sent.
    func add(secret: String) {
        guard !secret.isEmpty else { return }
        secrets.insert(secret)
        if secret.hasPrefix("whsec_") { secrets.insert(String(secret.dropFirst(6))) }
        if secret.hasPrefix("whsk_") { secrets.insert(String(secret.dropFirst(5))) }
    }

    /// Keeps the path of a file that was read.
    func add(file: String) {
        if !files.contains(file) { files.append(file) }
    }

    /// Whether any problem is an error.
    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// The problems in the order of files read and lines, secrets redacted from their words.
    var sortedProblems: [SettingsProblem] {
        let redaction = Redaction(secrets)
        return problems.enumerated()
            .sorted {
                (rank($0.element), $0.element.line ?? 0, $0.offset) < (
                    rank($1.element), $1.element.line ?? 0, $1.offset
                )
            }
            .map { _, problem in
                var problem = problem
                problem.message = redaction.redact(problem.message)
                problem.suggestion = redaction.redact(problem.suggestion)
                return problem
            }
    }

    private func rank(_ problem: SettingsProblem) -> Int {
        problem.file.flatMap { files.firstIndex(of: $0) } ?? -1
    }
}
