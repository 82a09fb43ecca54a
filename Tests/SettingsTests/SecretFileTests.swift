// Files of signing secrets: made, rotated, finished, whole at every moment.

import Glibc
import Model
import Testing

@testable import Settings

struct SecretFileTests {
    private let folder: String

    init() throws {
        var template = Array("/tmp/mw-secret-XXXXXX".utf8CString)
        folder = String(cString: try #require(mkdtemp(&template)))
    }

    private var path: String { folder + "/s" }

    private func content() -> String {
        guard case .content(let bytes, let mode) = DiskFiles().read(path, limit: 1000) else {
            return "nothing"
        }
        return "\(String(mode, radix: 8)) " + String(decoding: bytes, as: UTF8.self)
    }

    @Test func aRotationFromBeginningToEnd() throws {
        let (first, second) = (SigningSecret.random(.symmetric), SigningSecret.random(.ed25519))
        var file = try SecretFile.create(path, first)
        #expect(content() == "600 \(first.text)\n")
        chmod(path, 0o640)
        try file.rotate(to: second)
        #expect(content() == "640 \(second.text)\n\(first.text)\n", "the mode stays")
        let again = try SecretFile(reading: path)
        #expect(again.secrets == [second, first])
        try file.finish()
        #expect(content() == "640 \(second.text)\n")
        #expect(DiskFiles().list(folder) == ["s"], "nothing is left beside it")
    }

    @Test func nothingIsOverwrittenOrLost() throws {
        let secret = SigningSecret.random(.symmetric)
        var file = try SecretFile.create(path, secret)
        #expect(throws: SecretFileError.self) { try SecretFile.create(path, .random(.symmetric)) }
        #expect(throws: SecretFileError.self) { try file.finish() }
        #expect(content() == "600 \(secret.text)\n")
        try file.rotate(to: .random(.symmetric))
        let both = content()
        #expect(throws: SecretFileError.self) { try file.rotate(to: .random(.symmetric)) }
        #expect(content() == both)
    }

    @Test func aLinkStaysOne() throws {
        _ = try SecretFile.create(path, .random(.symmetric))
        symlink("s", folder + "/link")
        var file = try SecretFile(reading: folder + "/link")
        try file.rotate(to: .random(.symmetric))
        #expect(try SecretFile(reading: path).secrets.count == 2)
        var information = stat()
        #expect(lstat(folder + "/link", &information) == 0 && information.st_mode & S_IFMT == S_IFLNK)
    }

    @Test(arguments: ["", "\n", "hunter2hunter2hunter2hunter2hunter2h?", "whsk_abcd"])
    func whatIsNoSecretIsAnErrorThatDoesNotShowIt(_ text: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        write(descriptor, text, text.utf8.count)
        close(descriptor)
        let error = #expect(throws: SecretFileError.self) { try SecretFile(reading: path) }
        #expect(error?.description.contains(path) == true && error?.description.contains("hunter2") == false)
        let missing = #expect(throws: SecretFileError.self) { try SecretFile(reading: path + "x") }
        #expect(missing?.description.contains("mwdb-webhooks secret \(path)x") == true)
    }
}
