// Looks at the samples on disk: in the spool, where MWDB's event source puts them, and in the outbox, where fetched ones
// lie. A sample is its SHA-256 or it is nothing; removing a damaged one costs a fetch from MWDB.
// Failure: a file that cannot be read is a finding; the check goes on.

import Crypto
import Glibc
import Model
import Outbox

/// A check of samples.
struct ContentCheck {
    /// The spool.
    let spool: SpoolFolder
    /// Folder of fetched samples.
    let fetched: String
    /// SHA-256 of what pending deliveries need.
    let needed: Set<String>
    /// Missing samples can be fetched from MWDB.
    let canFetch: Bool
    /// Remove what is damaged or of no use.
    let repair: Bool
    /// The wall clock.
    let now: Timestamp

    /// Files younger than this may be being written.
    private static let settled = Span.minutes(1)

    private enum Judgement {
        case good, damaged, unsettled, foreign, unreadable
    }

    /// What is not as it should be.
    func run(progress: (String) -> Void = { _ in }) -> [Finding] {
        var there: Set<String> = []
        var places: [String: [String]] = [:]
        for path in [spool.content, fetched] {
            let folder: OpenFolder
            let names: [String]
            do throws(SpoolError) {
                // What only the operator can replace may be a link.
                folder = try OpenFolder(path, followsLink: path == fetched)
                names = try folder.names()
            } catch {
                // Where nothing was kept yet there is no folder.
                if error.number != ENOENT { places["closed", default: []].append("\(error)") }
                continue
            }
            for (place, name) in names.enumerated() {
                progress("samples in \(path): \(place + 1) of \(names.count)")
                let isFetched = path == fetched
                let path = path + "/" + name
                switch judge(name, in: folder) {
                case .good:
                    there.insert(name)
                    if isFetched, !needed.contains(name) {
                        places["unneeded", default: []].append(path)
                    }
                case .damaged: places["damaged", default: []].append(path)
                case .unsettled: places["unsettled", default: []].append(path)
                case .foreign: places["foreign", default: []].append(path)
                case .unreadable: places["unreadable", default: []].append(path)
                }
            }
        }
        return found(places) + missing(there)
    }

    private func found(_ places: [String: [String]]) -> [Finding] {
        func finding(
            _ key: String, _ what: String, _ remedy: String, isRemoved: Bool = false, isNote: Bool = false
        ) -> Finding? {
            guard let paths = places[key] else { return nil }
            var finding = Finding(
                what: what, count: Int64(paths.count), examples: paths, remedy: remedy,
                isRepairable: isRemoved,
                isNote: isNote)
            if repair, isRemoved { finding.isRepaired = paths.map(remove).allSatisfy(\.self) }
            return finding
        }
        let damaged =
            canFetch
            ? "they are removed, and fetched from MWDB when they are needed"
            : "they are removed; without [mwdb] api_key their deliveries then wait for it, or for the sample to be "
                + "uploaded again"
        return [
            finding("damaged", "samples that are not what their name says", damaged, isRemoved: true),
            finding(
                "unneeded", "fetched samples that no delivery needs",
                "the daemon removes them by itself after a while, a repair does so now", isRemoved: true,
                isNote: true),
            finding(
                "unsettled", "samples that were written to within the last minute and are not whole",
                "MWDB may be writing them: run this again", isNote: true),
            finding(
                "closed", "folders of samples that cannot be looked into",
                "see what stands there and to whom it belongs: their samples count as missing"),
            finding("foreign", "files among the samples that are none", "remove them if nobody knows them"),
            finding(
                "unreadable", "samples that cannot be read", "give the daemon's user the right to read them"),
        ].compactMap(\.self)
    }

    private func remove(_ path: String) -> Bool {
        let isFetched = path.hasPrefix(fetched + "/")
        let folder = try? OpenFolder(isFetched ? fetched : spool.content, followsLink: isFetched)
        guard let folder, let name = path.split(separator: "/").last else { return false }
        return (try? folder.remove(String(name))) != nil
    }

    private func missing(_ there: Set<String>) -> [Finding] {
        let missing = needed.subtracting(there).sorted()
        guard !missing.isEmpty else { return [] }
        return [
            Finding(
                what: "samples that deliveries need and that are not on disk", count: Int64(missing.count),
                examples: missing,
                remedy: canFetch
                    ? "they are fetched from MWDB when it is their turn"
                    : "set [mwdb] url and api_key: then they are fetched from MWDB",
                isRepairable: false, isNote: canFetch)
        ]
    }

    private func judge(_ name: String, in folder: OpenFolder) -> Judgement {
        // Removed just now, by MWDB's source, which renames over it.
        guard let status = folder.status(of: name) else { return .unsettled }
        guard isSHA256(name), status.st_mode & S_IFMT == S_IFREG else { return .foreign }
        guard let descriptor = try? folder.open(name) else { return .unreadable }
        defer { close(descriptor) }
        var digest = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { return .unreadable }
            if count == 0 { break }
            digest.update(data: buffer[..<count])
        }
        guard hexDigits(digest.finalize()) != name else { return .good }
        let written = Timestamp(status.st_mtim)
        return now - written < Self.settled ? .unsettled : .damaged
    }
}
