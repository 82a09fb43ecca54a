// What the samples of one queue's deliveries weigh that are in flight. They are streamed from disk, so they are not in
// memory, but they share the receiver's line and, where they are fetched, ours: their bytes are bounded beside their
// count, so that sixteen samples of a gigabyte are not sixteen crawling uploads that run into their time-outs. Pure.

import Model
import Outbox

/// Bytes of samples in flight, and their bound.
struct SamplesInFlight {
    /// Most bytes of samples in flight: what a line of 100 Mbit/s carries in 20 seconds.
    static let mostBytes: Int64 = 256 << 20

    private var bytes: Int64 = 0
    /// Samples of deliveries that are claimed or in flight.
    private var sizes: [DeliveryID: Int64] = [:]

    /// Notes a claim that will be sent with a sample of this size; nil or 0: without one.
    mutating func expect(_ claim: Claim, sample: Int64?) {
        if let sample, sample > 0 { sizes[claim.delivery] = sample }
    }

    /// Whether the sample of `claim` may fly beside those that fly already.
    func haveRoom(for claim: Claim) -> Bool {
        bytes + size(claim) <= Self.mostBytes
    }

    /// `claim` is sent.
    mutating func add(_ claim: Claim) {
        bytes += size(claim)
    }

    /// `claim` is over.
    mutating func remove(_ claim: Claim) {
        guard !sizes.isEmpty else { return }
        bytes -= sizes.removeValue(forKey: claim.delivery) ?? 0
    }

    /// A claim was given back unsent.
    mutating func forget(_ claim: Claim) {
        if !sizes.isEmpty { sizes[claim.delivery] = nil }
    }

    private func size(_ claim: Claim) -> Int64 {
        sizes.isEmpty ? 0 : sizes[claim.delivery] ?? 0
    }
}
