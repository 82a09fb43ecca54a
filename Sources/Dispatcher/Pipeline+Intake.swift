// Events that come over HTTP, and what intake has done.

import Glibc
import Logging
import Mailbox
import Model

extension Pipeline {
    /// Takes events over HTTP: one JSON event, or with `lines` one a line; all or nothing.
    package func accept(_ body: [UInt8], lines: Bool) async -> IntakeAnswer {
        guard state.withLock({ $0.phase }) == .ready else {
            return .unavailable(notReadyBecause ?? "not ready")
        }
        let answer = await posted.accept(body, lines: lines)
        figures.withLock { figures in
            switch answer {
            case .accepted(let count, let duplicates):
                figures.accepted += Int64(count)
                figures.duplicates += Int64(duplicates)
            case .invalid(_, let count): figures.rejected += Int64(count)
            case .conflict(_, let count): figures.conflicts += Int64(count)
            case .tooLarge, .unavailable: break
            }
        }
        return answer
    }

    /// Intake's counters, and what MWDB's source left in the spool.
    package func intakeFigures() -> IntakeFigures {
        var figures = figures.withLock { $0 }
        let heartbeats = try? spool.opened(spool.heartbeat)
        let names = (try? heartbeats?.names()) ?? []
        figures.sources = Int64(names.count)
        figures.lastHeartbeat = names.compactMap { name in
            heartbeats?.status(of: name).map { Timestamp($0.st_mtim).milliseconds }
        }.max()
        figures.refusedBecause = disk.problem
        return figures
    }

    /// Logs once that there is a hook which this version does not know.
    static func noteUnknown(_ hook: String, _ state: Lock<PipelineState>, _ log: Logger) {
        let isNew = state.withLock { state in
            state.unknownHooks.count < 100 && state.unknownHooks.insert(hook).inserted
        }
        if isNew {
            log.notice(
                "MWDB has a hook that this version does not know: it goes to plugins subscribed to *",
                metadata: ["event.type": "\(hook)"])
        }
    }
}
