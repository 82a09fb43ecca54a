// The interface on every address of `listen`: all or none of them.

import Logging
import Mailbox
import Model
import Settings

/// The HTTP server of the daemon.
package final class WebServer: Sendable {
    private let interface: Interface
    private let log: Logger
    private let listeners = Lock<[HTTPListener]>([])
    private let keeping = Lock<Task<Void, Never>?>(nil)

    /// A server for `interface`.
    package init(_ interface: Interface, log: Logger) {
        self.interface = interface
        self.log = log
    }

    /// Addresses that are listened on, with the ports that the system chose.
    package var addresses: [Listen] { listeners.withLock { $0.map(\.address) } }

    /// Listens on each of `listen`.
    /// - Throws: `ListenError` for the first that cannot be used; then none is.
    package func start(_ listen: [Listen]) async throws(ListenError) {
        for address in listen {
            let listener = listener(for: address)
            do {
                try await listener.start()
            } catch {
                await stop(within: .seconds(1))
                throw error
            }
            listeners.withLock { $0.append(listener) }
        }
        let interface = interface
        keeping.withLock { keeping in
            keeping = Task { await interface.keeper.keep(interface.control, now: interface.now) }
        }
    }

    /// Closes all addresses; running requests get `time` to end.
    package func stop(within time: Span) async {
        let listeners = listeners.withLock { listeners in
            let taken = listeners
            listeners = []
            return taken
        }
        keeping.withLock { $0?.cancel() }
        await withTaskGroup(of: Void.self) { group in
            for listener in listeners { group.addTask { await listener.stop(within: time) } }
        }
    }

    private func listener(for address: Listen) -> HTTPListener {
        switch address {
        case .unix:
            return HTTPListener(address, log: log, handler: interface.handler(isPublic: false, hosts: nil))
        case .tcp(let host, _):
            var limits = HTTPListener.Limits()
            limits.connections = 128
            let handler = interface.handler(isPublic: true, hosts: HostCheck(listen: host))
            return HTTPListener(address, limits: limits, log: log, handler: handler)
        }
    }
}
