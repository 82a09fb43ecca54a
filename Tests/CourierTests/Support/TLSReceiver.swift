// A receiver that speaks TLS, for tests of certificates: a small Python server, with certificates made by the
// openssl command in a temporary folder.

/// Certificates of one authority, for a server on 127.0.0.1 and a client.
final class Certificates: Sendable {
    let folder = TemporaryFolder()

    var authority: String { folder.path + "/ca.pem" }
    var server: String { folder.path + "/server.pem" }
    var serverKey: String { folder.path + "/server.key" }
    var client: String { folder.path + "/client.pem" }
    var clientKey: String { folder.path + "/client.key" }

    init() throws {
        try run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            folder.path + "/ca.key", "-out", authority,
            "-days", "2", "-subj", "/CN=Test authority")
        try issue("server", ["-addext", "subjectAltName=IP:127.0.0.1"])
        try issue("client", [])
    }

    private func issue(_ name: String, _ extra: [String]) throws {
        let base = folder.path + "/" + name
        try run(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", base + ".key", "-out", base + ".pem",
                "-days", "2", "-subj", "/CN=\(name)", "-CA", authority, "-CAkey", folder.path + "/ca.key",
            ] + extra)
    }

    private func run(_ arguments: String...) throws { try run(arguments) }

    private func run(_ arguments: [String]) throws {
        let openssl = ChildProcess(["openssl"] + arguments)
        guard openssl?.wait() == 0 else { throw NotStarted(what: "openssl \(arguments[0])") }
    }
}

/// A program that tests need does not run.
struct NotStarted: Error {
    let what: String
}

/// Answers every POST with 200 and the client certificate's common name.
final class TLSReceiver: Sendable {
    let port: Int
    private let server: ChildProcess

    var url: String { "https://127.0.0.1:\(port)/" }

    /// Starts the server; with `asksForClient` it insists on a certificate of the same authority.
    init(_ certificates: Certificates, asksForClient: Bool = false) throws {
        let program = certificates.folder.write("server.py", Array(TLSReceiver.program.utf8))
        let authority = asksForClient ? certificates.authority : ""
        let arguments = ["python3", program, certificates.server, certificates.serverKey, authority]
        guard let server = ChildProcess(arguments), let port = server.line().flatMap({ Int($0) }) else {
            throw NotStarted(what: "python3")
        }
        self.server = server
        self.port = port
    }

    deinit {
        server.kill()
    }

    private static let program = """
        import http.server, ssl, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def do_POST(self):
                self.rfile.read(int(self.headers['Content-Length']))
                peer = self.connection.getpeercert() or {}
                name = dict(pair[0] for pair in peer.get('subject', ())).get('commonName', '')
                self.send_response(200)
                self.send_header('Content-Length', str(len(name)))
                self.end_headers()
                self.wfile.write(name.encode())
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        if sys.argv[3]:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """
}
