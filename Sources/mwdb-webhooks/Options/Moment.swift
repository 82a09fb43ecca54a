// Moments on the command line.

import ArgumentParser
import Model
import Web

/// A moment on the command line: RFC 3339, a day, or how long ago.
struct Moment: ExpressibleByArgument {
    /// The moment.
    let timestamp: Timestamp

    init?(argument: String) {
        if let moment = Timestamp(rfc3339: argument) {
            timestamp = moment
        } else if let span = try? Span(parsing: argument) {
            timestamp = Timestamp(milliseconds: systemTime().milliseconds - span.milliseconds)
        } else {
            return nil
        }
    }
}
