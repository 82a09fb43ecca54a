// What an attempt's reply says about its receiver's load and health.

import Model

extension ConcurrencyWindow.Signal {
    /// The signal of one attempt; nil when it says nothing about the receiver (our own failure, a damaged sample,
    /// a cancelled request).
    init?(reply: Reply, verdict: Verdict) {
        switch reply.result {
        case .answer(let answer):
            switch verdict {
            case .delivered: self = .success(latency: .milliseconds(reply.timings.total / 1000))
            case .retry where answer.status == 429 || answer.status == 503: self = .congested
            case .retry where (200...299).contains(answer.status): self = .neutral
            case .retry, .ambiguous: self = .failed
            case .dead, .pausePlugin: self = .neutral
            }
        case .failure(let failure):
            switch failure.kind {
            case .timeout: self = .congested
            case .contentDamaged, .cancelled, .local: return nil
            case .resolve, .connect, .certificate, .egress, .interrupted, .protocolError, .request:
                self = .failed
            }
        }
    }
}
