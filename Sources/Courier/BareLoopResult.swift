// What a run of the bare loop came to.

/// Counts and times of a run.
package struct BareLoopResult: Sendable, Equatable {
    /// Requests answered with 2xx.
    package var delivered = 0
    /// Requests that failed or were answered otherwise.
    package var failed = 0
    /// How long the run took.
    package var nanoseconds: UInt64 = 0
    /// CPU time of the thread, in user and system mode.
    package var processorNanoseconds: UInt64 = 0

    /// Requests a second, all of them.
    package var perSecond: Double {
        nanoseconds == 0 ? 0 : Double(delivered + failed) * 1e9 / Double(nanoseconds)
    }

    /// CPU microseconds a request.
    package var processorMicroseconds: Double {
        let count = delivered + failed
        return count == 0 ? 0 : Double(processorNanoseconds) / 1000 / Double(count)
    }
}
