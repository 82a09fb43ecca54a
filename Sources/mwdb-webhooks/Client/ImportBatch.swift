// Some lines of an import on their way to the daemon. The daemon takes a batch whole or not at all and says which lines
// keep it from that; those are named and left out, and the rest is sent again.
// Failure: while the daemon has no room it is asked again for a minute; then the import ends and says how far it came.

import Glibc
import Model

/// What an import has done.
struct ImportReport {
    /// Events that are new.
    var accepted = 0
    /// Events that were known.
    var duplicates = 0
    /// Lines that are no events, or in conflict.
    var refused = 0

    /// In words.
    var text: String {
        "\(Wording.count(accepted, "event")) taken in, \(duplicates) known already, \(refused) refused"
    }

    /// As JSON.
    var json: JSON {
        .object([
            .init(key: "accepted", value: .number(String(accepted))),
            .init(key: "duplicates", value: .number(String(duplicates))),
            .init(key: "refused", value: .number(String(refused))),
        ])
    }
}

/// Lines that are sent together.
struct ImportBatch {
    /// A line with its number in the file.
    struct Line {
        var number: Int
        var bytes: [UInt8]
    }

    /// What is left to send.
    var lines: [Line]

    private static let patience = 60

    /// Sends the lines and adds to `report` what became of them.
    func send(_ client: DaemonClient, _ report: inout ImportReport) throws {
        var rest = lines
        var waited = 0
        while !rest.isEmpty {
            let answer = try client.postLines(rest.map(\.bytes))
            let tree = (try? JSON.parse(answer.body)) ?? .null
            switch answer.status {
            case 200..<300:
                report.accepted += tree["accepted"]?.integer ?? 0
                report.duplicates += tree["duplicates"]?.integer ?? 0
                return
            case 409, 413, 422:
                let bad = try refused(answer, tree, among: rest)
                for (line, message) in bad {
                    Terminal.complain("line \(rest[line].number): \(message)")
                    report.refused += 1
                }
                let places = Set(bad.map(\.line))
                rest = rest.enumerated().filter { !places.contains($0.offset) }.map(\.element)
            case 503 where waited < Self.patience:
                if waited == 0 { Terminal.complain("\(tree.shown("detail")); waiting") }
                sleep(2)
                waited += 2
            default:
                throw CommandFailure(
                    "\(tree["detail"]?.text ?? "the daemon answered \(answer.status)")\n\(report.text); line "
                        + "\(rest[0].number) and what follows were not: run the same command again")
            }
        }
    }

    /// Places in `rest` of the lines that the daemon named.
    private func refused(
        _ answer: Answer, _ tree: JSON, among rest: [Line]
    ) throws -> [(line: Int, message: String)] {
        var bad: [Int: String] = [:]
        for problem in tree["lines"]?.elements ?? [] {
            guard let line = problem["line"]?.integer, rest.indices.contains(line - 1) else { continue }
            bad[line - 1] = problem["message"]?.text ?? "refused"
        }
        if bad.isEmpty, answer.status == 413 {
            // It names one too long line in words only: the longest is one.
            let longest = rest.indices.max { rest[$0].bytes.count < rest[$1].bytes.count } ?? 0
            bad[longest] = tree["detail"]?.text ?? "too long"
        }
        guard !bad.isEmpty else {
            throw CommandFailure(tree["detail"]?.text ?? "the daemon answered \(answer.status)")
        }
        return bad.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
