// What the daemon and its operator do to plugins and to many deliveries at once. Operations over many rows go
// slice by slice, so that appends and records in between wait for one slice at most.
// Failure: `.full` leaves the slices that were done; calling again goes on with the rest.

import Model

extension Outbox {
    /// Stores events, durably before it returns: one acceptance for each arrival, in their order. With `isPrompt`
    /// before others that were posted earlier.
    package func append(
        _ arrivals: [Arrival], isPrompt: Bool = false
    ) async throws(OutboxError) -> [Acceptance] {
        try await withCheckedContinuation { continuation in
            append(arrivals, isPrompt: isPrompt) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Stores events together: all of them, or none if one is in conflict.
    package func appendAllOrNothing(_ arrivals: [Arrival]) async throws(OutboxError) -> JointAcceptance {
        try await withCheckedContinuation { continuation in
            appendAllOrNothing(arrivals) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Gives numbers to names that have none. `mwdb` is always number 0.
    /// - Returns: All plugins ever known, in the order of their numbers.
    /// - Throws: `.unusable` when all 32767 numbers are given out.
    package func register(_ names: [String]) async throws(OutboxError) -> [PluginRecord] {
        try await errand { writer throws(OutboxError) in try writer.register(names) }
    }

    /// Notes that `plugin` is paused, and why. Its credit is the dispatcher's to withdraw.
    /// - Throws: `.unusable` when there is no such plugin, as the calls below do.
    package func pause(_ plugin: PluginNumber, because reason: String) async throws(OutboxError) {
        try await errand { writer throws(OutboxError) in
            try writer.update(plugin, by: .pausePlugin) { statement in
                statement.bind(2, reason)
                statement.bind(3, writer.moment.milliseconds)
            }
        }
    }

    /// Notes that `plugin` runs again, from now on, whatever `setNotBefore` said.
    package func resume(_ plugin: PluginNumber) async throws(OutboxError) {
        try await errand { writer throws(OutboxError) in
            try writer.update(plugin, by: .resumePlugin) { $0.bind(2, writer.moment.milliseconds) }
        }
    }

    /// Notes that `plugin` must not be tried before `moment`; nil: at once.
    package func setNotBefore(_ plugin: PluginNumber, _ moment: Timestamp?) async throws(OutboxError) {
        try await errand { writer throws(OutboxError) in
            try writer.update(plugin, by: .setNotBefore) { $0.bind(2, moment?.milliseconds) }
        }
    }

    /// Gives `plugin` another order, durably. Its deliveries must not be claimed, those being tried excepted, and none
    /// is handed out before `lineUp` is through; `PluginRecord.isLiningUp` says that it is not.
    package func setOrder(_ plugin: PluginNumber, _ order: DeliveryOrder) async throws(OutboxError) {
        try await errand { writer throws(OutboxError) in try writer.setOrder(plugin, order) }
    }

    /// Puts every pending delivery of `plugin` into its line after `setOrder`, slice by slice. After a failure it is
    /// to be called again.
    package func lineUp(_ plugin: PluginNumber) async throws(OutboxError) {
        try await perform { LineUpJob(plugin, completion: $0) }
    }

    /// Makes waiting deliveries of `queue` that are due later than `latest` due at `latest`.
    package func pullIn(queue: PluginNumber, latest: Timestamp) {
        post(.job(PullInJob(queue: queue, latest: latest)))
    }

    /// Makes waiting, held, dead and cancelled deliveries ready at once; the time they were tried for starts anew.
    /// Those being tried at this moment are left alone.
    /// - Returns: How many were made ready.
    package func retry(_ selection: DeliverySelection) async throws(OutboxError) -> Int {
        try await perform { SelectionJob(.retry, selection, completion: $0) }
    }

    /// Calls off deliveries that are not delivered. One that is being tried keeps its attempt's record and stays
    /// cancelled, whatever comes of the attempt.
    /// - Returns: How many were cancelled.
    package func cancel(_ selection: DeliverySelection) async throws(OutboxError) -> Int {
        try await perform { SelectionJob(.cancel, selection, completion: $0) }
    }

    /// Holds ready and waiting deliveries until an operator decides. Those being tried are left alone.
    /// - Returns: How many were held.
    package func hold(_ selection: DeliverySelection, because reason: String) async throws(OutboxError) -> Int
    {
        try await perform { SelectionJob(.hold(reason: reason), selection, completion: $0) }
    }

    /// Delivers events again to `plugin`, or for the first time if they were not meant for it. With `newID` each
    /// becomes a new event, whose id stands in its body too.
    /// - Throws: `.unusable` when `plugin` is not registered.
    package func replay(
        _ selection: EventSelection, to plugin: PluginNumber, newID: Bool
    ) async throws(OutboxError) -> ReplayResult {
        try await perform { ReplayJob(selection, to: plugin, newID: newID, completion: $0) }
    }

    /// Removes events whose deliveries were all delivered or cancelled at least `retention` ago, or died at least
    /// `deadRetention` ago. Held ones stay. Ids are remembered for at least 7 days.
    package func sweep(retention: Span, deadRetention: Span) async throws(OutboxError) -> SweepResult {
        try await perform { SweepJob(retention: retention, deadRetention: deadRetention, completion: $0) }
    }

    /// Those of `hashes` (SHA-256, 64 hex digits) whose content a delivery needs that is ready, waiting, being
    /// tried or held.
    package func contentInUse(_ hashes: [String]) async throws(OutboxError) -> Set<String> {
        try await errand { writer throws(OutboxError) in .success(try writer.contentInUse(hashes)) }
    }

    /// Adds a line to the audit log: who did what to what.
    package func audit(who: String, what: String, detail: String) async throws(OutboxError) {
        try await errand { writer throws(OutboxError) in
            try writer.begin()
            let statement = try writer.database.prepare(.insertAudit)
            statement.bind(1, writer.moment.milliseconds)
            statement.bind(2, who)
            statement.bind(3, what)
            statement.bind(4, detail)
            try statement.run()
            return .success(())
        }
    }

    /// Runs work that fits into one slice.
    func errand<Value: Sendable>(
        _ work: @escaping @Sendable (OutboxWriter) throws(OutboxError) -> Result<Value, OutboxError>
    ) async throws(OutboxError) -> Value {
        try await perform { Errand(completion: $0, work: work) }
    }

    private func perform<Value: Sendable>(
        _ job: (@escaping @Sendable (Result<Value, OutboxError>) -> Void) -> any Job
    ) async throws(OutboxError) -> Value {
        try await withCheckedContinuation { continuation in
            let job = job { continuation.resume(returning: $0) }
            if !post(.job(job)) { job.complete(.closed) }
        }.get()
    }
}
