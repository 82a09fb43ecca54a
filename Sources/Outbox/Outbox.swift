// The outbox: the durable truth about events and deliveries. One thread owns the database; calls are posted to
// it and answered in batches, so that one transaction and one fsync serve everything that came together.
// Failure: a full disk fails the call (nothing stored, try again); a failed write or fsync ends the daemon.

import Mailbox
import Model

/// The durable outbox.
package final class Outbox: Sendable {
    init() {}
}
