// The file of the unix socket: who may use it, and whose it is.

import CLinux
import Glibc
import Logging
import Model
import Settings
import Testing

@testable import Web

@Suite("Unix socket")
struct UnixSocketTests {
    private func listener(_ path: String) -> HTTPListener {
        HTTPListener(
            .unix(path: path), log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { _, _ in
            .text("here")
        }
    }

    private func mode(_ path: String) -> mode_t? {
        var information = stat()
        return lstat(path, &information) == 0 ? information.st_mode : nil
    }

    @Test("It is for owner and group only, and gone after the end")
    func life() async throws {
        let folder = try temporaryFolder()
        defer { rmdir(folder) }
        let path = folder + "/api.sock"
        let first = listener(path)
        try await first.start()
        #expect(mode(path).map { $0 & 0o777 } == 0o660)
        #expect(mode(path + "~") == nil)
        try await #expect(RawConnection.request("GET", "/", to: .unix(path: path)).text == "here\n")
        await first.stop(within: .seconds(1))
        #expect(mode(path) == nil)
    }

    @Test("A living daemon's socket is not taken over, a dead one's is")
    func takeOver() async throws {
        let folder = try temporaryFolder()
        defer { rmdir(folder) }
        let path = folder + "/api.sock"
        let living = listener(path)
        try await living.start()
        await #expect { try await listener(path).start() } throws: { "\($0)".contains("another process") }
        try await #expect(RawConnection.request("GET", "/", to: .unix(path: path)).text == "here\n")
        await living.stop(within: .seconds(1))
        leaveDeadSocket(path)
        #expect(mode(path) != nil)
        let next = listener(path)
        try await next.start()
        try await #expect(RawConnection.request("GET", "/", to: .unix(path: path)).text == "here\n")
        await next.stop(within: .seconds(1))
    }

    @Test("A file that is no socket stays, and so does what a link points to")
    func notOurs() async throws {
        let folder = try temporaryFolder()
        let path = folder + "/api.sock"
        fclose(fopen(path, "w"))
        await #expect { try await listener(path).start() } throws: { "\($0)".contains("no socket") }
        #expect(mode(path).map { $0 & S_IFMT } == S_IFREG)
        #expect(symlink(path, folder + "/link") == 0)
        await #expect { try await listener(folder + "/link").start() } throws: {
            "\($0)".contains("no socket")
        }
        unlink(folder + "/link")
        unlink(path)
        rmdir(folder)
    }

    @Test("A folder that is missing, and a path too long for the system, are named")
    func impossible() async throws {
        await #expect { try await listener("/nonexistent/api.sock").start() } throws: {
            "\($0)".contains("/nonexistent")
        }
        let long = "/tmp/" + String(repeating: "x", count: 120)
        await #expect { try await listener(long).start() } throws: { "\($0)".contains("106 bytes") }
    }

    @Test("A port that is taken is named, and no address stays open")
    func port() async throws {
        try await ServerFixture.run { server in
            let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let interface = Interface(
                control: server.control, reader: ScriptedReader(), log: log, reload: { [] })
            let second = WebServer(interface, log: log)
            let path = server.folder + "/second.sock"
            await #expect { try await second.start([.unix(path: path), server.tcp]) } throws: { error in
                "\(error)" == "cannot listen on \(server.tcp): another process listens there; "
                    + "stop it, or choose another port"
            }
            #expect(mode(path) == nil)
        }
    }

    @Test("An address that cannot be had is named in words that say what to do")
    func address() async throws {
        let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        // TEST-NET-1 (RFC 5737) is no machine's.
        let stranger = HTTPListener(.tcp(host: "192.0.2.1", port: 0), log: log) { _, _ in .text("") }
        await #expect { try await stranger.start() } throws: { "\($0)".contains("has no such address") }
        // A label of more than 63 bytes is looked up nowhere.
        let label = String(repeating: "x", count: 64)
        let unknown = HTTPListener(.tcp(host: "\(label).invalid", port: 0), log: log) { _, _ in .text("") }
        await #expect { try await unknown.start() } throws: { "\($0)".contains("this host has no address") }
        let low = ListenError(.tcp(host: "0.0.0.0", port: 80), code: EACCES)
        #expect(low.description.contains("a port from 1024 on"))
        let other = ListenError(.tcp(host: "0.0.0.0", port: 80), code: EMFILE)
        #expect(other.description == "cannot listen on 0.0.0.0:80: too many open files")
    }

    private func leaveDeadSocket(_ path: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(descriptor)
    }
}
