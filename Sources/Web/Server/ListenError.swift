// Why an address of `listen` cannot be used.

import Glibc
import Settings

/// An address that cannot be listened on.
package struct ListenError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The address.
    package var listen: Listen
    /// What is wrong and what to do, in words.
    package var message: String

    /// `listen` cannot be used because of `message`.
    init(_ listen: Listen, _ message: String) {
        self.listen = listen
        self.message = message
    }

    /// `listen` cannot be used because the system says `code`.
    init(_ listen: Listen, code: Int32) {
        let message =
            switch code {
            case EADDRINUSE: "another process listens there; stop it, or choose another port"
            case EACCES:
                "the daemon's user may not listen there; choose a port from 1024 on, or give the service "
                    + "CAP_NET_BIND_SERVICE"
            case EADDRNOTAVAIL:
                "this machine has no such address; `ip address` lists those it has, and 0.0.0.0 means all of them"
            default: String(cString: strerror(code)).lowercased()
            }
        self.init(listen, message)
    }

    /// What, where, what to do next.
    package var description: String { "cannot listen on \(listen): \(message)" }
}
