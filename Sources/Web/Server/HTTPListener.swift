// One listening address with an HTTP server behind it: the daemon's interface, and the built-in receiver.
// A thin shell around Hummingbird's server: it adds what that leaves to its users, which is limits, the end of
// half-read requests, and a stop that ends within a given time.
// Failure: an address that cannot be used is an error at start; a broken connection concerns only itself.

import Hummingbird
import HummingbirdCore
import Logging
import Mailbox
import Model
import NIOCore
import NIOPosix
import Settings

/// An HTTP server on one address.
package final class HTTPListener: Sendable {
    /// Answers one request. Must be done with the body when it returns.
    package typealias Handler = @Sendable (Request, BodyReader) async -> Response

    /// What one listener allows.
    package struct Limits: Sendable {
        /// Connections at a time; more wait in the backlog.
        package var connections = 1024
        /// A connection without traffic, or with an unfinished head, is closed after this time.
        package var idle = Span.seconds(60)

        /// The limits of the unix socket.
        package init() {}
    }

    /// Where it listens; a port of 0 is replaced by the one the system chose.
    package var address: Listen { state.withLock { $0.bound ?? requested } }

    private struct State {
        var bound: Listen?
        var socket: UnixSocket?
        var running: Task<Void, any Error>?
    }

    private typealias ChannelServer = Server<HTTP1Channel>
    private let requested: Listen
    private let limits: Limits
    private let log: Logger
    private let handler: Handler
    private let dates = DateLine()
    private let state = Lock(State())
    private let server = Lock<ChannelServer?>(nil)

    /// A listener for `listen`; `log` gets what goes wrong with connections at level debug.
    package init(_ listen: Listen, limits: Limits = Limits(), log: Logger, handler: @escaping Handler) {
        requested = listen
        self.limits = limits
        self.handler = handler
        var quiet = log
        // Hummingbird announces each start itself; the daemon does that in its own words.
        quiet.logLevel = max(log.logLevel, .error)
        self.log = quiet
    }

    /// Listens from when it returns on.
    /// - Throws: `ListenError` with the remedy.
    package func start() async throws(ListenError) {
        let (address, socket) = try prepare()
        let (began, announce) = AsyncStream<(any Channel)?>.makeStream()
        let server = ChannelServer(
            childChannelSetup: channelSetup(),
            configuration: ServerConfiguration(
                address: address, backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: log)),
            onServerRunning: { announce.yield($0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: log)
        let running = Task {
            defer { announce.finish() }
            try await server.run()
        }
        var channels = began.makeAsyncIterator()
        guard let channel = await channels.next() ?? nil else {
            throw await failure(of: running)
        }
        do {
            try socket?.publish()
        } catch {
            try? await server.shutdownGracefully()
            throw error
        }
        self.server.withLock { $0 = server }
        let bound = self.bound(to: channel)
        state.withLock { $0 = State(bound: bound, socket: socket, running: running) }
    }

    /// Takes no new connections, lets running requests end within `time`, then closes what is left.
    package func stop(within time: Span) async {
        let taken = state.withLock { state in
            let taken = state
            state = State(bound: state.bound)
            return taken
        }
        taken.socket?.remove()
        guard let running = taken.running, let server = server.withLock({ $0 }) else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await server.shutdownGracefully() }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(time.milliseconds))
                running.cancel()
            }
            await group.next()
            group.cancelAll()
            _ = try? await running.value
        }
    }

    private func prepare() throws(ListenError) -> (BindAddress, UnixSocket?) {
        switch requested {
        case .tcp(let host, let port):
            return (.hostname(host, port: port), nil)
        case .unix(let path):
            let socket = try UnixSocket(path: path)
            return (.unixDomainSocket(path: socket.bindPath), socket)
        }
    }

    private func bound(to channel: any Channel) -> Listen {
        guard case .tcp(let host, _) = requested else { return requested }
        return .tcp(host: host, port: channel.localAddress?.port ?? 0)
    }

    private func failure(of running: Task<Void, any Error>) async -> ListenError {
        do {
            try await running.value
            return ListenError(requested, "the server ended at once")
        } catch let error as IOError {
            return ListenError(requested, code: error.errnoCode)
        } catch is SocketAddressError.UnknownHost {
            return ListenError(requested, "this host has no address; write an address, or see to its name")
        } catch {
            return ListenError(requested, "\(error)")
        }
    }

    private func channelSetup() -> HTTP1Channel {
        var configuration = HTTP1Channel.Configuration(
            idleTimeout: .milliseconds(limits.idle.milliseconds))
        configuration.httpDecoder.maxHeaderFieldSize = 16_384
        configuration.httpDecoder.maxHeaderListSize = 32_768
        configuration.httpDecoder.maxHeaderFieldCount = 100
        return HTTP1Channel(responder: responder(), configuration: configuration)
    }

    private func responder() -> HTTPChannelHandler.Responder {
        let handler = handler
        let dates = dates
        return { request, writer, channel in
            let body = BodyReader(request, channel: channel)
            var response = await handler(request, body)
            // A request that cannot be read has no answer of ours: Hummingbird says 400 and closes.
            if let failure = body.failure { throw failure }
            response.headers[.date] = dates.text
            if body.isUnread { response.headers[.connection] = "close" }
            try await writer.write(response: response.head, body: response.body)
            if body.isUnread {
                await body.discard(upTo: 1 << 20, within: .seconds(5))
                throw ConnectionOver()
            }
        }
    }
}

/// Ends a connection whose request was not read to its end.
private struct ConnectionOver: Error {}
