// How often each operation was called and with what answer. Bounded: operations by classes of statuses.

import Mailbox

/// Counters of the HTTP interface.
final class RequestCounters: Sendable {
    /// By operation (the last row: none) and hundreds of the status.
    private let counts = Lock<[[Int64]]>([])

    /// Counts an answer of the operation at `route` in the table; nil: the request meant none.
    func count(route: Int?, status: Int) {
        let row = route.map { $0 + 1 } ?? 0
        let column = min(max(status / 100, 1), 5) - 1
        counts.withLock { counts in
            while counts.count <= row { counts.append([0, 0, 0, 0, 0]) }
            counts[row][column] += 1
        }
    }

    /// Answers so far: place in the table (nil: none), hundreds of the status, count; zeros left out.
    var all: [(route: Int?, hundreds: Int, count: Int64)] {
        counts.withLock { counts in
            counts.enumerated().flatMap { row, columns in
                columns.enumerated().filter { $0.element > 0 }.map { column, count in
                    (row == 0 ? nil : row - 1, column + 1, count)
                }
            }
        }
    }
}
