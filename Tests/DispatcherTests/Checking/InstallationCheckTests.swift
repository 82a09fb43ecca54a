// Samples on disk beside the outbox: damaged, missing, of no use, and what is no sample.

import Crypto
import Foundation
import Glibc
import Model
import Outbox
import Settings
import Testing

@testable import Dispatcher

struct InstallationCheckTests {
    private let receiver = Receiver()

    /// A stopped daemon whose plugin waits for two samples: one on disk, one missing.
    private func stopped() async throws -> (daemon: Daemon, there: String, missing: String) {
        receiver.on("/s", .answers(503))
        let there = hexDigits(SHA256.hash(data: Array("there".utf8)))
        let missing = hexDigits(SHA256.hash(data: Array("missing".utf8)))
        let daemon = try await Daemon.started([
            .at(receiver.url("/s"), name: "s") { plugin in
                plugin.body = .raw
                plugin.backoff = Backoff(shortest: .hours(1), longest: .hours(1))
            }
        ])
        write(Array("there".utf8), to: daemon.spool.content + "/" + there)
        for (id, sha256) in [("a", there), ("b", missing)] {
            let line =
                #"{"id":"\#(id)","type":"on_created_file","data":{"file":{"id":"\#(sha256)","type":"file","sha256":"\#(sha256)"}}}"#
            _ = await daemon.post(Array(line.utf8))
        }
        _ = try await daemon.stopped()
        return (daemon, there, missing)
    }

    private func check(_ daemon: Daemon, repair: Bool = false, key: Bool = false) throws -> [Finding] {
        let mwdb = key ? MWDBSettings(url: "http://x", apiKey: "k") : nil
        let settings = Daemon.settings([], mwdb, daemon.folder)
        return try InstallationCheck(settings: settings, repair: repair).run()
    }

    @Test func whatIsMissingIsAProblemOnlyWhereItCannotBeFetched() async throws {
        let (daemon, _, missing) = try await stopped()
        let found = try check(daemon)
        #expect(found.map(\.examples) == [[missing]] && !found[0].isNote)
        #expect(try check(daemon, key: true).map(\.isNote) == [true])
    }

    @Test func whatIsDamagedIsRemovedUnlessItIsBeingWritten() async throws {
        let (daemon, there, missing) = try await stopped()
        let path = daemon.spool.content + "/" + there
        write(Array("ther".utf8), to: path)
        #expect(
            try check(daemon, repair: true, key: true).contains {
                $0.what.hasPrefix("samples that were written")
            })
        #expect(contents(path) != nil)
        var old = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
        utimes(path, &old)
        let found = try check(daemon, key: true).first { $0.what.hasPrefix("samples that are not") }
        #expect(found?.examples == [path] && found?.isRepairable == true)
        #expect(
            try check(daemon, repair: true, key: true).first { $0.what.hasPrefix("samples that are not") }?
                .isRepaired == true)
        #expect(contents(path) == nil)
        #expect(Set(try check(daemon, key: true).flatMap(\.examples)) == [there, missing])
    }

    @Test func fetchedOnesThatNobodyNeedsAndForeignFilesAreTold() async throws {
        let (daemon, _, _) = try await stopped()
        let fetched = daemon.folder.path + "/outbox/content/"
        let unneeded = fetched + hexDigits(SHA256.hash(data: Array("x".utf8)))
        write(Array("x".utf8), to: unneeded)
        write([], to: fetched + "README")
        symlink("/etc/passwd", daemon.spool.content + "/" + String(repeating: "0", count: 64))
        let found = try check(daemon, repair: true, key: true)
        #expect(found.first { $0.what.hasPrefix("fetched samples") }?.isRepaired == true)
        #expect(contents(unneeded) == nil)
        let foreign = found.first { $0.what.hasPrefix("files among") }
        #expect(foreign?.count == 2 && foreign?.isRepairable == false)
        #expect(contents(fetched + "README") != nil)
    }

    @Test func aFolderThatCannotBeLookedIntoIsTold() async throws {
        let (daemon, there, missing) = try await stopped()
        let content = daemon.spool.content
        #expect(rename(content, content + ".away") == 0 && symlink(content + ".away", content) == 0)
        let found = try check(daemon, repair: true)
        let closed = try #require(found.first { $0.what.hasPrefix("folders of samples") })
        #expect(closed.count == 1 && closed.examples[0].contains("must be a folder and no link"))
        #expect(Set(found.filter { $0.what != closed.what }.flatMap(\.examples)) == [there, missing])
        #expect(contents(content + ".away/" + there) != nil)
    }

    @Test func aRunningDaemonIsNotCheckedAndAMissingOutboxNeither() async throws {
        let daemon = try await Daemon.started([])
        let refused = #expect(throws: PipelineError.self) { try check(daemon) }
        #expect(refused?.description.contains("stop it first") == true)
        _ = try await daemon.stopped()
        #expect(try check(daemon) == [])
        let nothing = #expect(throws: PipelineError.self) {
            try InstallationCheck(settings: Daemon.settings([], nil, Folder()), repair: true).run()
        }
        #expect(nothing?.description.contains("outbox.db") == true)
    }
}
