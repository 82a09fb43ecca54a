// Why an address of `listen` cannot be used.

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

    /// What, where, what to do next.
    package var description: String { "cannot listen on \(listen): \(message)" }
}
