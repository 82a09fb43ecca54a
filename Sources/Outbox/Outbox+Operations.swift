// What the daemon and its operator do to plugins and to many deliveries at once. Operations over many rows go
// slice by slice, so that appends and records in between wait for one slice at most.
// Failure: `.full` leaves the slices that were done; calling again goes on with the rest.

import Model

extension Outbox {
    /// Stores events together: all of them, or none if one is in conflict.
    package func appendAllOrNothing(_ arrivals: [Arrival]) async throws(OutboxError) -> JointAcceptance {
        fatalError("under construction")
    }

    /// Stores events, durably before it returns: one acceptance for each arrival, in their order.
    package func append(_ arrivals: [Arrival]) async throws(OutboxError) -> [Acceptance] {
        fatalError("under construction")
    }

    /// Gives numbers to names that have none. `mwdb` is always number 0.
    /// - Returns: All plugins ever known, in the order of their numbers.
    package func register(_ names: [String]) async throws(OutboxError) -> [PluginRecord] {
        fatalError("under construction")
    }

    /// Notes that `plugin` is paused, and why. Its credit is the dispatcher's to withdraw.
    package func pause(_ plugin: PluginNumber, because reason: String) async throws(OutboxError) {
        fatalError("under construction")
    }

    /// Notes that `plugin` runs again, from now on.
    package func resume(_ plugin: PluginNumber) async throws(OutboxError) {
        fatalError("under construction")
    }

    /// Notes that `plugin` must not be tried before `moment`; nil: at once.
    package func setNotBefore(_ plugin: PluginNumber, _ moment: Timestamp?) async throws(OutboxError) {
        fatalError("under construction")
    }

    /// Makes waiting deliveries of `queue` that are due later than `latest` due at `latest`.
    package func pullIn(queue: PluginNumber, latest: Timestamp) {
        fatalError("under construction")
    }

    /// Makes waiting, held, dead and cancelled deliveries ready at once; the time they were tried for starts anew.
    /// Those being tried at this moment are left alone.
    /// - Returns: How many were made ready.
    package func retry(_ selection: DeliverySelection) async throws(OutboxError) -> Int {
        fatalError("under construction")
    }

    /// Calls off deliveries that are not delivered. One that is being tried keeps its attempt's record and stays
    /// cancelled, whatever comes of the attempt.
    /// - Returns: How many were cancelled.
    package func cancel(_ selection: DeliverySelection) async throws(OutboxError) -> Int {
        fatalError("under construction")
    }

    /// Holds ready and waiting deliveries until an operator decides. Those being tried are left alone.
    /// - Returns: How many were held.
    package func hold(_ selection: DeliverySelection, because reason: String) async throws(OutboxError) -> Int
    {
        fatalError("under construction")
    }

    /// Delivers events again to `plugin`, or for the first time if they were not meant for it. With `newID` each
    /// becomes a new event, whose id stands in its body too.
    package func replay(
        _ selection: EventSelection, to plugin: PluginNumber, newID: Bool
    ) async throws(OutboxError) -> ReplayResult {
        fatalError("under construction")
    }

    /// Removes events whose deliveries were all delivered or cancelled at least `retention` ago, or died at least
    /// `deadRetention` ago. Held ones stay. Ids are remembered for at least 7 days.
    package func sweep(retention: Span, deadRetention: Span) async throws(OutboxError) -> SweepResult {
        fatalError("under construction")
    }

    /// Those of `hashes` (SHA-256, 64 hex digits) whose content a delivery needs that is not final.
    package func contentInUse(_ hashes: [String]) async throws(OutboxError) -> Set<String> {
        fatalError("under construction")
    }

    /// Adds a line to the audit log: who did what to what.
    package func audit(who: String, what: String, detail: String) async throws(OutboxError) {
        fatalError("under construction")
    }
}
