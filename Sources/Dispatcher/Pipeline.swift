// The whole way of an event on one page: intake → outbox → dispatch → delivery → outcome.
// Failure: what cannot be made durable is not acknowledged; a broken outbox stops the daemon.

import Logging
import Model
import Outbox
import Settings

/// The running dispatcher.
package final class Pipeline: Sendable {
    init() {}
}
