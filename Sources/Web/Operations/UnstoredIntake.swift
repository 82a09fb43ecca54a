// What the server can do when nothing is stored: the yardstick for intake over HTTP, used by `bench` only. Reads a
// request's body as intake does, and answers as if it had been stored.

import Hummingbird
import NIOCore

/// Answers events without storing them. Never part of a daemon's interface.
package func unstoredHandler() -> HTTPListener.Handler {
    { _, body in
        do {
            _ = try await body.collect(upTo: Interface.longestBatch)
        } catch {
            return Response(status: .badRequest)
        }
        return Interface.accepted(1, 0)
    }
}
