// What systemd is told, over real datagram sockets.

import CLinux
import Glibc
import Testing

@testable import mwdb_webhooks

@Suite("Service notification")
struct ServiceNotificationTests {
    /// A bound datagram socket; `name` as NOTIFY_SOCKET has it.
    private func bound(_ name: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = name.hasPrefix("@") ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8) + [0]
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        return status == 0 ? descriptor : -1
    }

    private func receive(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? "" : String(decoding: buffer[..<count], as: UTF8.self)
    }

    @Test("Assignments arrive as one datagram, over a path and over an abstract name")
    func said() throws {
        let folder = try temporaryFolder()
        let path = folder + "/notify"
        for name in [path, "@mwdb-webhooks-test-\(getpid())"] {
            let descriptor = bound(name)
            try #require(descriptor >= 0)
            let notification = try #require(ServiceNotification(environment: ["NOTIFY_SOCKET": name]))
            #expect(notification.say("READY=1", "STATUS=ready, 2 plugins"))
            #expect(receive(descriptor) == "READY=1\nSTATUS=ready, 2 plugins")
            close(descriptor)
            #expect(!notification.say("WATCHDOG=1"), "nobody listens any more")
        }
        unlink(path)
        rmdir(folder)
    }

    @Test(
        "Without a socket, or with one that is none, nothing is said",
        arguments: [
            [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "vsock:2:1"], ["NOTIFY_SOCKET": "relative"],
        ])
    func nobody(environment: [String: String]) {
        #expect(ServiceNotification(environment: environment) == nil)
    }

    @Test("A path too long for a socket is no socket")
    func long() {
        let path = "/" + String(repeating: "x", count: 200)
        #expect(ServiceNotification(environment: ["NOTIFY_SOCKET": path]) == nil)
    }

    @Test("The watchdog's interval is ours only if it means us")
    func watchdog() {
        let own = String(getpid())
        func interval(_ environment: [String: String]) -> Int64? {
            ServiceNotification.watchdogInterval(environment: environment)
        }
        #expect(interval(["WATCHDOG_USEC": "3000000"]) == 3_000_000)
        #expect(interval(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": own]) == 3_000_000)
        #expect(interval(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "0"]) == nil)
        #expect(interval([:]) == nil)
    }

    @Test("The watchdog is silent while the pipeline makes no progress")
    func progress() async throws {
        let name = "@mwdb-webhooks-watchdog-\(getpid())"
        let descriptor = bound(name)
        defer { close(descriptor) }
        let notification = try #require(ServiceNotification(environment: ["NOTIFY_SOCKET": name]))
        let (stuck, release) = AsyncStream<Void>.makeStream()
        let (asked, note) = AsyncStream<Void>.makeStream()
        let task = Task {
            await Watchdog(notification, microseconds: 1_000_000_000).run {
                note.yield()
                for await _ in stuck { break }
            }
        }
        for await _ in asked { break }
        #expect(receive(descriptor) == "")
        release.yield()
        var buffer = [UInt8](repeating: 0, count: 64)
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&poller, 1, 0) == 0 { await Task.yield() }
        let count = recv(descriptor, &buffer, buffer.count, 0)
        #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "WATCHDOG=1")
        task.cancel()
        await task.value
    }
}
