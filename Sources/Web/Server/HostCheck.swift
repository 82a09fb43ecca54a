// The `Host` header of requests, so that a web page cannot make a browser on this network read them under a name of
// its own (DNS rebinding): a public name that resolves to us is not ours unless it is in `listen`. A browser says
// nothing else of such a page, for the page and we are one origin to it. That holds for a forwarded unix socket too.

import Glibc
import Settings

/// Names under which a listener answers.
struct HostCheck: Sendable {
    /// Over the unix socket: what `ssh -L` forwards is called `localhost` by whoever opens it.
    static let local = HostCheck(listen: "localhost", remedy: "over the unix socket call it localhost")

    private let names: Set<String>
    private let remedy: String

    /// Names of the listener on `host`, of this machine, and whatever no stranger can register.
    init(listen host: String, remedy: String = "put that name into listen") {
        self.remedy = remedy
        var buffer = [CChar](repeating: 0, count: 256)
        let hasName = gethostname(&buffer, buffer.count - 1) == 0
        let own =
            hasName
            ? String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
        names = [host.lowercased(), own.lowercased()]
    }

    /// What is wrong with `authority` (`name:port`); nil when nothing is.
    func complaint(about authority: String?) -> String? {
        guard let authority, !authority.isEmpty else { return "the request has no host header" }
        // What our own commands send, ten thousand times a second.
        if authority == "localhost" { return nil }
        let host = HostCheck.host(of: authority).lowercased()
        if names.contains(host) || HostCheck.isAddress(host) { return nil }
        // A name without a dot is no public one: localhost, a container's service name.
        if !host.isEmpty, !host.contains("."), host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) { return nil }
        return "this server does not answer under the name in the host header; \(remedy)"
    }

    private static func host(of authority: String) -> String {
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    private static func isAddress(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
    }
}
