// Why no courier could be made.

import Glibc
import Mailbox

/// The system or libcurl refused what a courier needs. A start-up error.
package struct CourierError: Error, CustomStringConvertible, Equatable {
    /// What was refused, by whom, in words.
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    /// What `body` returns; its failure to make a thread as a `CourierError`.
    static func wrap<Result>(
        _ body: () throws(WorkerThreadError) -> Result
    ) throws(CourierError) -> Result {
        do throws(WorkerThreadError) {
            return try body()
        } catch {
            throw CourierError(error.description)
        }
    }

    /// `what` failed with errno `code`.
    static func system(_ what: String, _ code: Int32) -> CourierError {
        CourierError("\(what): \(String(cString: strerror(code)))")
    }
}
