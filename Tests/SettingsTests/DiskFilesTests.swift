// Files on disk: what is read, and what is never waited for.

import Glibc
import Testing

@testable import Settings

struct DiskFilesTests {
    /// A fresh folder, removed when the test ends.
    private func inFolder(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/mwdb-webhooks-settings.XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let folder = String(cString: made)
        defer {
            for name in DiskFiles().list(folder) ?? [] { remove(folder + "/" + name) }
            rmdir(folder)
        }
        try body(folder)
    }

    private func write(_ text: String, to path: String, mode: mode_t = 0o640) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        _ = Glibc.write(descriptor, text, text.utf8.count)
        fchmod(descriptor, mode)
        close(descriptor)
    }

    @Test func contentAndMode() throws {
        try inFolder { folder in
            let text = String(repeating: "x", count: 40_000)
            write(text, to: folder + "/a", mode: 0o604)
            #expect(DiskFiles().read(folder + "/a", limit: 40_000) == .content(Array(text.utf8), mode: 0o604))
            #expect(
                DiskFiles().read(folder + "/a", limit: 39_999) == .failed("it is larger than 39999 bytes"))
            #expect(DiskFiles().read(folder + "/b", limit: 1) == .missing)
            #expect(DiskFiles().read(folder + "/a/b", limit: 1) == .missing)
            #expect(DiskFiles().list(folder) == ["a"])
            #expect(DiskFiles().list(folder + "/a") == nil)
        }
    }

    @Test func onlyRegularFilesAreRead() throws {
        try inFolder { folder in
            mkfifo(folder + "/fifo", 0o600)
            #expect(DiskFiles().read(folder + "/fifo", limit: 10) == .failed("it is no regular file"))
            #expect(DiskFiles().read(folder, limit: 10) == .failed("it is a folder"))
            #expect(DiskFiles().read("/dev/zero", limit: 10) == .failed("it is no regular file"))
        }
    }

    @Test func theSurroundingsOfThisProcess() {
        let sources = SettingsSources.process(configFile: "x.ini")
        #expect(sources.environment["PATH"] != nil)
        #expect(sources.workingDirectory.hasPrefix("/"))
        #expect(sources.executable?.hasPrefix("/") == true)
        #expect(sources.configFile == "x.ini")
    }

    @Test func pathsAreMadeAbsolute() {
        #expect(FilePath.absolute("a/./b/../c", in: "/x", home: nil) == "/x/a/c")
        #expect(FilePath.absolute("../../../a", in: "/x/y", home: nil) == "/a")
        #expect(FilePath.absolute("/a//b/", in: "/x", home: nil) == "/a/b")
        #expect(FilePath.absolute("~/a", in: "/x", home: "/home/me") == "/home/me/a")
        #expect(FilePath.absolute("~/a", in: "/x", home: nil) == "/x/~/a")
        #expect(FilePath.folder(of: "/a") == "/")
        #expect(FilePath.contains("/s", "/s/o"))
        #expect(!FilePath.contains("/s", "/spool"))
    }
}
