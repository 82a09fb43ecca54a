// The interface on a real unix socket and a TCP port, in a folder of its own, for one test.

import Glibc
import Logging
import Model
import Settings

@testable import Web

/// A running server.
struct ServerFixture {
    let control: ScriptedControl
    let folder: String
    let socket: Listen
    let tcp: Listen

    /// Runs `body` with a server and stops it, whatever happens.
    static func run(
        control: ScriptedControl = ScriptedControl(), reader: ScriptedReader = ScriptedReader(),
        reload: @escaping Interface.Reload = { [] }, withAccess: Bool = false,
        _ body: (ServerFixture) async throws -> Void
    ) async throws {
        let folder = try temporaryFolder()
        let socket = Listen.unix(path: folder + "/api.sock")
        let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let access = withAccess ? Access(path: folder + "/token", log: log) : nil
        let interface = Interface(control: control, reader: reader, log: log, access: access, reload: reload)
        let server = WebServer(interface, log: log)
        try await server.start([socket, .tcp(host: "127.0.0.1", port: 0)])
        let result: Result<Void, any Error>
        do {
            try await body(
                ServerFixture(
                    control: control, folder: folder, socket: socket, tcp: server.addresses[1]))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await server.stop(within: .seconds(1))
        rmdir(folder)
        try result.get()
    }

    func get(_ path: String) async throws -> RawAnswer {
        try await RawConnection.request("GET", path, to: socket)
    }

    func post(_ path: String, _ body: String, type: String? = "application/json") async throws -> RawAnswer {
        try await post(path, Array(body.utf8), type: type)
    }

    func post(_ path: String, _ body: [UInt8], type: String?) async throws -> RawAnswer {
        let headers = type.map { ["content-type: " + $0] } ?? []
        return try await RawConnection.request("POST", path, headers: headers, body: body, to: socket)
    }
}

/// A new folder below /tmp.
func temporaryFolder() throws -> String {
    var template = Array("/tmp/webtests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw RawConnection.Silence() }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}
