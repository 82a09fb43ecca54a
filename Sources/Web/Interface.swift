// The HTTP interface as a whole: one table of operations, answered over every address of `listen`. Over the unix
// socket its mode has decided who may use it; over TCP a token does, and without tokens only probes and metrics are
// there. Failure: whatever goes wrong is a problem document; nothing is acknowledged that the dispatcher did not.

import Dispatcher
import Glibc
import Hummingbird
import Logging
import Mailbox
import Model
import Outbox
import Settings

/// The operations of the HTTP interface.
package struct Interface: Sendable {
    /// Reads the configuration again and applies it; gives what is wrong with it. An error among these means that
    /// the settings in force stayed.
    package typealias Reload = @Sendable () async -> [SettingsProblem]

    let control: any Control
    let reader: any OutboxReading
    let reload: Reload
    let log: Logger
    let now: @Sendable () -> Timestamp
    let startedAt: Timestamp
    let counters: RequestCounters
    /// Who may call over TCP; nil: nobody, but for probes and metrics.
    let access: Access?
    let keeper = HistoryKeeper()
    let budget = BodyBudget(bytes: 256 << 20)

    /// The interface to `control`, whose outbox `reader` reads.
    package init(
        control: any Control, reader: any OutboxReading, log: Logger, access: Access? = nil,
        now: @escaping @Sendable () -> Timestamp = systemTime,
        reload: @escaping Reload
    ) {
        self.control = control
        self.reader = reader
        self.reload = reload
        self.log = log
        self.access = access
        self.now = now
        startedAt = now()
        counters = RequestCounters()
    }

    /// All operations, in the order of the documentation.
    var routes: [Route] {
        [intakeRoute] + probeRoutes + overviewRoutes + pluginRoutes + [exportRoute] + eventRoutes
            + deliveryRoutes + actionRoutes + jobRoutes + deadLetterRoutes + [previewRoute] + insightRoutes
            + [documentRoute, wellKnownDocumentRoute] + loginRoutes
            + pageRoutes
    }

    /// What the listener on the unix socket calls for each request: everything is open.
    package var localHandler: HTTPListener.Handler { handler(isPublic: false, hosts: nil) }

    /// What a listener calls for each request; `isPublic` on TCP.
    func handler(isPublic: Bool, hosts: HostCheck?) -> HTTPListener.Handler {
        let table = RouteTable(routes)
        return { request, body in
            if !isPublic, request.head.path == "/api/events", request.method == .post, isPlain(request) {
                let response = await intake(request, body)
                counters.count(route: 0, status: response.status.code)
                return response
            }
            return await answer(request, body, table: table, isPublic: isPublic, hosts: hosts)
        }
    }

    /// Whether admission to the unix socket would have nothing to ask: it is no browser's request.
    private func isPlain(_ request: Request) -> Bool {
        !ForeignRequest.isBrowser(request) && HostCheck.local.complaint(about: request.head.authority) == nil
    }

    private func answer(
        _ request: Request, _ body: BodyReader, table: RouteTable, isPublic: Bool, hosts: HostCheck?
    ) async -> Response {
        var index: Int?
        var response: Response
        do {
            if let complaint = hosts?.complaint(about: request.head.authority) {
                throw Problem(421, complaint)
            }
            let (path, query) = split(request.head.path ?? "/")
            let isClosed = isPublic && access?.tokens == nil
            let match = try table.match(request.method, path, publicOnly: isClosed)
            index = match.index
            let caller = try await admit(
                request, to: match.route, isPublic: isPublic, peer: Peer(body.channel))
            let checked = try Query(query, parameters: match.route.parameters)
            response = try await match.route.respond(
                Call(
                    request: request, parameters: match.parameters, query: checked, body: body,
                    caller: caller))
        } catch {
            response = problem(for: error).response
        }
        counters.count(route: index, status: response.status.code)
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// What is wrong, for errors of every layer below.
    func problem(for error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case BodyError.tooLarge(let limit): Problem(413, "the body has more than \(limit) bytes")
        case BodyError.tooSlow: Problem(408, "the body came too slowly")
        case BodyError.brokenOff: Problem(400, "the body is not complete")
        case OutboxError.full(let detail):
            .unavailable("the disk of the outbox is full: \(detail)", retryAfter: 30)
        case let error as OutboxError: .unavailable("\(error)")
        case let error as PipelineError: Problem(409, "\(error)")
        default: Problem(500, "\(error)")
        }
    }

    private func split(_ target: String) -> (path: Substring, query: Substring?) {
        guard let mark = target.firstIndex(of: "?") else { return (target[...], nil) }
        return (target[..<mark], target[target.index(after: mark)...])
    }
}

/// The wall clock.
@Sendable package func systemTime() -> Timestamp {
    var moment = timespec()
    clock_gettime(CLOCK_REALTIME, &moment)
    return Timestamp(milliseconds: Int64(moment.tv_sec) * 1000 + Int64(moment.tv_nsec) / 1_000_000)
}
