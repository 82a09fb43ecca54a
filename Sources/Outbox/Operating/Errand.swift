// A job that is done in one slice: pausing, registering, looking something up where the writer has it.

/// Work that fits into one slice.
struct Errand<Value: Sendable>: Job {
    private let work: @Sendable (OutboxWriter) throws(OutboxError) -> Result<Value, OutboxError>
    private let completion: @Sendable (Result<Value, OutboxError>) -> Void
    private var result: Result<Value, OutboxError> = .failure(.closed)

    /// `work` throws only what went wrong with the database; a refusal is its result.
    init(
        completion: @escaping @Sendable (Result<Value, OutboxError>) -> Void,
        work: @escaping @Sendable (OutboxWriter) throws(OutboxError) -> Result<Value, OutboxError>
    ) {
        self.work = work
        self.completion = completion
    }

    mutating func slice(_ writer: OutboxWriter) throws(OutboxError) -> Bool {
        result = try work(writer)
        return true
    }

    func complete(_ error: OutboxError?) {
        completion(error.map { .failure($0) } ?? result)
    }
}
