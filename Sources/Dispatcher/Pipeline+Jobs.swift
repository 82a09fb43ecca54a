// Jobs as an operator orders, stops and resumes them.

import Glibc
import Model
import Outbox
import Settings

extension Pipeline {
    /// Orders a job, which begins at once. A backfill's search is asked for first, so that a wrong one is refused here.
    /// - Parameter rate: Most deliveries in a period; nil: as fast as it goes.
    /// - Throws: `PipelineError` when it cannot be done.
    package func order(_ request: JobRequest, rate: Rate?, who: String) async throws -> JobRecord {
        var total: Int64?
        let order: JobOrder
        switch request {
        case .retry(let filter): order = .retry(filter)
        case .cancel(let filter): order = .cancel(filter, last: .max)
        case .replay(let filter, let plugin, let newID):
            var (after, last) = (Int64(0), Int64.max)
            if let since = filter.since { after = try await reader.sequence(acceptedFrom: since) - 1 }
            if let until = filter.until { last = try await reader.sequence(acceptedFrom: until) - 1 }
            order = .replay(
                ReplayOrder(
                    filter: filter, plugin: try number(of: plugin), newID: newID, after: after, last: last))
        case .backfill(let backfill):
            total = try await count(backfill)
            order = .backfill(
                BackfillOrder(
                    query: backfill.query, plugin: try number(of: backfill.plugin), hook: backfill.hook))
        }
        let job = try await outbox.addJob(order, rate: rate?.text, who: who, total: total)
        jobs.run(job)
        return job
    }

    /// How many objects of MWDB a backfill would look at.
    /// - Throws: `PipelineError` with what MWDB says of the search.
    package func count(_ backfill: BackfillRequest) async throws -> Int64 {
        guard let plugin = settings.plugin(backfill.plugin), plugin.enabled else {
            throw PipelineError("plugin '\(backfill.plugin)' is not enabled in the configuration")
        }
        let plan = try BackfillPlan(plugin: plugin, hook: backfill.hook)
        let client = try MWDBClient()
        defer { client.stop() }
        do throws(MWDBClient.Problem) {
            let answer = try await client.get(plan.countPath(backfill.query), settings.mwdb)
            guard case .number(let text)? = answer["count"], let count = Int64(text) else {
                throw .passing("MWDB's answer has no count")
            }
            return count
        } catch {
            switch error {
            case .passing(let reason), .lasting(let reason):
                throw PipelineError(settings.redaction.redact(reason))
            case .notFound:
                throw PipelineError("MWDB has nothing at /api\(plan.countPath(nil)): is [mwdb] url right?")
            }
        }
    }

    /// Stops a job; it can go on later. Nil when there is none.
    package func stopJob(_ id: Int64) async throws -> JobRecord? {
        try await outbox.setJob(id, .stopped)
    }

    /// Lets a job that was stopped, or failed, go on where it was. Nil when there is none.
    package func resumeJob(_ id: Int64) async throws -> JobRecord? {
        let job = try await outbox.setJob(id, .running)
        if let job, job.state == .running { jobs.run(job) }
        return job
    }

    /// `source` as MWDB's event source writes it: from the latest heartbeat that says one.
    static func source(heartbeats folder: String) -> String {
        guard let folder = try? OpenFolder(folder), let names = try? folder.names() else { return "mwdb" }
        let latest = names.compactMap { name -> (Int, String)? in
            guard let information = folder.status(of: name), information.st_size < 65_536,
                let bytes = smallFile(name, in: folder),
                let source = (try? JSON.parse(bytes))?["source"]?.text
            else { return nil }
            return (information.st_mtim.tv_sec, source)
        }.max { $0.0 < $1.0 }
        return latest?.1 ?? "mwdb"
    }

    private static func smallFile(_ name: String, in folder: OpenFolder) -> [UInt8]? {
        guard let descriptor = try? folder.open(name) else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &bytes, bytes.count)
        return count >= 0 ? Array(bytes[..<count]) : nil
    }
}
