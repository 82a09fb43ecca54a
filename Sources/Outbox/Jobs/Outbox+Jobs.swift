// Jobs: ordered once, advanced slice by slice by whoever paces them, durable in between. A slice's work and the job's
// new position are one transaction.
// Failure: as for other operations; a slice that failed left nothing, and can be tried again.

import Model

extension Outbox {
    /// Stores a new job, which runs.
    /// - Parameter total: How many objects there are; of deliveries and events the outbox knows it itself.
    package func addJob(
        _ order: JobOrder, rate: String?, who: String, total: Int64? = nil
    ) async throws(OutboxError) -> JobRecord {
        try await errand { writer throws(OutboxError) in
            try writer.addJob(order, rate: rate, who: who, total: total)
        }
    }

    /// Does the next part of a running job: at most `limit` deliveries. A backfill does not advance by itself.
    /// - Returns: The job as it is then; nil when there is none.
    package func advanceJob(_ id: Int64, by limit: Int) async throws(OutboxError) -> JobRecord? {
        try await errand { writer throws(OutboxError) in
            guard var job = try writer.job(id) else { return .success(nil) }
            guard job.state == .running else { return .success(job) }
            try writer.begin()
            try writer.advance(&job, by: limit)
            try writer.save(&job)
            return .success(job)
        }
    }

    /// Takes in what a running backfill has found, and notes where it goes on. An event whose id is known is skipped.
    /// - Parameters:
    ///   - arrivals: New events, for the job's plugin.
    ///   - examined: Objects looked at, those that led to no event included.
    ///   - isLast: There are no more: the job is done.
    /// - Returns: The job as it is then; nil when there is none. One that does not run any more took nothing in.
    package func advanceJob(
        _ id: Int64, with arrivals: [Arrival], examined: Int, position: String, isLast: Bool
    ) async throws(OutboxError) -> JobRecord? {
        try await errand { writer throws(OutboxError) in
            guard var job = try writer.job(id) else { return .success(nil) }
            guard job.state == .running else { return .success(job) }
            try writer.begin()
            var taken: Int64 = 0
            for arrival in arrivals {
                if case .accepted = try writer.append(arrival) { taken += 1 }
            }
            job.done += taken
            job.skipped += Int64(examined) - taken
            job.examined += Int64(examined)
            job.position = position
            job.problem = nil
            if isLast { job.state = .done }
            try writer.save(&job)
            return .success(job)
        }
    }

    /// Stops or resumes a job, or notes what keeps it; a job that is done stays done.
    /// - Returns: The job as it is then; nil when there is none.
    package func setJob(
        _ id: Int64, _ state: JobState, problem: String? = nil
    ) async throws(OutboxError) -> JobRecord? {
        try await errand { writer throws(OutboxError) in
            guard var job = try writer.job(id) else { return .success(nil) }
            guard job.state != .done else { return .success(job) }
            // What was stopped meanwhile is not set going by a problem that is reported late.
            if problem != nil, job.state == .stopped { return .success(job) }
            try writer.begin()
            job.state = state
            job.problem = problem
            try writer.save(&job)
            return .success(job)
        }
    }

    /// The jobs that run.
    package func runningJobs() async throws(OutboxError) -> [JobRecord] {
        try await errand { writer throws(OutboxError) in
            let rows = try writer.database.prepare(.runningJobs)
            var jobs: [JobRecord] = []
            while try rows.next() { jobs.append(JobRecord(rows)) }
            return .success(jobs)
        }
    }
}
