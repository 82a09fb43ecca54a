// Why a benchmark cannot run, in words.

/// A benchmark that cannot run.
package struct BenchError: Error, CustomStringConvertible {
    /// What happened and what to do.
    package let description: String

    /// A failure described in words.
    package init(_ description: String) {
        self.description = description
    }
}
