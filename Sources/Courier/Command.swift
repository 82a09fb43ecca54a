// What other threads ask of a courier's thread.

import Model

/// A message in a courier's mailbox.
enum Command: Sendable {
    /// Carry out these requests, those of a group within its limit.
    case send([Request], limits: [GroupLimit])
    /// Give back what waits in these groups; then call.
    case recall([Int], @Sendable () -> Void)
    /// Abort the requests with these tokens.
    case cancel([UInt64])
    /// A fetched file was flushed to disk (or not): its reply can be given.
    case flushed(Reply)
    /// The request with this token was signed, or cannot be.
    case signed(UInt64, Result<Request, ExchangeFailure>)
    /// Abort everything and end.
    case stop
}
