// The spool's folders: what is made, what is opened, what is listed, who may use it.

import Glibc
import Testing

@testable import Dispatcher

struct SpoolFolderTests {
    private let folder = Folder()

    private func mode(_ path: String) -> mode_t {
        var information = stat()
        lstat(path, &information)
        return information.st_mode & 0o7777
    }

    @Test func foldersAreForTheGroup() throws {
        let spool = try folder.spool()
        for path in [spool.path, spool.new, spool.tmp, spool.content, spool.heartbeat, spool.rejected] {
            #expect(mode(path) == 0o2770)
        }
        chmod(spool.new, 0o2775)
        try spool.prepare()
        #expect(mode(spool.new) == 0o2775, "what an operator has set stays")
    }

    @Test func aMissingParentIsAnErrorWithItsPath() {
        let spool = SpoolFolder(path: folder.path + "/no/such")
        #expect(throws: SpoolError(doing: "make folder", path: spool.path, errno: ENOENT)) {
            try spool.prepare()
        }
    }

    @Test func onlyRegularFilesAreOpened() throws {
        let spool = try folder.spool()
        write([1], to: spool.new + "/file")
        symlink(spool.new + "/file", spool.new + "/link")
        mkfifo(spool.new + "/fifo", 0o600)
        mkdir(spool.new + "/folder", 0o700)
        close(try spool.opened(spool.new).open("file"))
        for (name, number) in [("link", ELOOP), ("fifo", EINVAL), ("folder", EINVAL), ("none", ENOENT)] {
            do {
                close(try spool.opened(spool.new).open(name))
                Issue.record("\(name) was opened")
            } catch {
                #expect(error.number == number, "\(name)")
            }
        }
    }

    @Test(arguments: ["new", "tmp", "content", "heartbeat", "rejected"])
    func aLinkInPlaceOfAFolderIsRefused(_ name: String) throws {
        let spool = try folder.spool()
        mkdir(folder.path + "/victim", 0o700)
        rename(spool.path + "/" + name, spool.path + "/moved")
        symlink(folder.path + "/victim", spool.path + "/" + name)
        do {
            try spool.prepare()
            Issue.record("the link was taken for a folder")
        } catch {
            #expect(error.path == spool.path + "/" + name)
            #expect("\(error)".contains("no link"))
        }
        #expect(mode(folder.path + "/victim") == 0o700)
    }

    @Test func theSpoolItselfMayBeALink() throws {
        let spool = try folder.spool()
        symlink(spool.path, folder.path + "/link")
        let linked = SpoolFolder(path: folder.path + "/link")
        try linked.prepare()
        try linked.replace("subscriptions.json", in: linked.path, with: [1], mode: 0o644)
        #expect(contents(spool.path + "/subscriptions.json") == [1])
    }

    @Test func anOpenFolderStaysWhereItWasOpened() throws {
        let spool = try folder.spool()
        mkdir(folder.path + "/victim", 0o700)
        write([1], to: folder.path + "/victim/file")
        write([2], to: spool.tmp + "/file")
        let opened = try spool.opened(spool.tmp)
        rename(spool.tmp, spool.path + "/moved")
        symlink(folder.path + "/victim", spool.tmp)
        #expect(try opened.names() == ["file"])
        try opened.remove("file")
        #expect(contents(folder.path + "/victim/file") == [1])
        #expect(try opened.names() == [])
    }

    @Test func filesAreReplacedWhole() throws {
        let spool = try folder.spool()
        let before = umask(0o077)
        defer { umask(before) }
        try spool.replace("subscriptions.json", in: spool.path, with: [1], mode: 0o644)
        try spool.replace("subscriptions.json", in: spool.path, with: [2, 3], mode: 0o644)
        #expect(contents(spool.path + "/subscriptions.json") == [2, 3])
        #expect(mode(spool.path + "/subscriptions.json") == 0o644, "MWDB's user reads it")
        #expect(try folderNames(spool.tmp) == [])
    }

    @Test func aFailedReplacementLeavesTheOldFile() throws {
        let spool = try folder.spool()
        mkdir(spool.path + "/subscriptions.json", 0o700)
        #expect(throws: SpoolError.self) {
            try spool.replace("subscriptions.json", in: spool.path, with: [1], mode: 0o644)
        }
    }

    @Test func listingsAreSortedAndBounded() throws {
        let spool = try folder.spool()
        for number in (0..<500).shuffled() { write([], to: spool.new + "/\(1000 + number)") }
        #expect(try folderNames(spool.new).count == 500)
        #expect(try folderNames(spool.new, limit: 7) == (0..<7).map { "\(1000 + $0)" })
        #expect(try folderNames(spool.new, limit: 500) == (0..<500).map { "\(1000 + $0)" })
        #expect(try folderNames(spool.new, limit: 3) { $0.hasSuffix("9") } == ["1009", "1019", "1029"])
        #expect(throws: SpoolError.self) { try folderNames(spool.path + "/none") }
    }

    @Test func listingsTellWhatIsNoFile() throws {
        let spool = try folder.spool()
        write([], to: spool.new + "/a")
        mkfifo(spool.new + "/b", 0o600)
        symlink("a", spool.new + "/c")
        var others: Set<String> = []
        let files = try spool.opened(spool.new).names { name, kind in
            if kind == .other { others.insert(name) }
            return kind != .other
        }
        #expect(files == ["a"] && others == ["b", "c"])
    }

    @Test(arguments: [
        (String(repeating: "a", count: 64), true), (String(repeating: "A", count: 64), false),
        (String(repeating: "a", count: 63), false), (String(repeating: "a", count: 65), false),
        ("../" + String(repeating: "a", count: 61), false), (String(repeating: "g", count: 64), false),
        ("", false), (String(repeating: "é", count: 32), false),
    ])
    func aHashIsHexBeforeItIsAPath(_ text: String, _ good: Bool) {
        #expect(isSHA256(text) == good)
    }

    @Test func oneDaemonASpool() throws {
        let spool = try folder.spool()
        let first = try SpoolLock(spool)
        do {
            _ = try SpoolLock(spool)
            Issue.record("the spool was locked twice")
        } catch {
            #expect(error.description.contains("pid \(getpid())"))
            #expect(error.description.contains(spool.path))
        }
        withExtendedLifetime(first) {}
    }

    @Test func aLockEndsWithItsOwner() throws {
        let spool = try folder.spool()
        _ = try SpoolLock(spool)
        _ = try SpoolLock(spool)
    }
}
