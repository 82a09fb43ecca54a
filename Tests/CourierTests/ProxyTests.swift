// Ways to a receiver other than a plain connection: proxies, from the settings only, and unix sockets.

import Glibc
import Mailbox
import Model
import Testing

@testable import Courier

@Suite struct ProxyTests {
    @Test func proxyOfTheTransportIsUsed() throws {
        let proxy = ScriptedReceiver(.answering(200))
        let transport = Transport(proxy: "http://127.0.0.1:\(proxy.port)")
        let reply = try Courier.reply(to: .post("http://receiver.invalid/x", transport: transport))
        #expect(reply.answer?.status == 200)
        #expect(proxy.requests.first?.target == "http://receiver.invalid/x")
    }

    @Test func proxiesOfTheEnvironmentAreIgnored() throws {
        #expect(ProxyEnvironment.isSet)
        #expect(getenv("http_proxy") != nil)
        let receiver = ScriptedReceiver(.answering(200))
        #expect(try Courier.reply(to: .post(receiver.url)).answer?.status == 200)
        // `no_proxy` of the environment names this host.
        let proxy = ScriptedReceiver(.answering(502))
        let transport = Transport(proxy: "http://127.0.0.1:\(proxy.port)")
        let reply = try Courier.reply(to: .post("http://receiver.invalid/", transport: transport))
        #expect(reply.answer?.status == 502)
    }

    @Test func refusedTunnelIsNoConnection() throws {
        let proxy = ScriptedReceiver(.saying("HTTP/1.1 407 No\r\nX-Proxy: 1\r\nContent-Length: 0\r\n\r\n"))
        let transport = Transport(proxy: "http://127.0.0.1:\(proxy.port)")
        let failure = try Courier.reply(to: .post("https://receiver.invalid/", transport: transport)).failure
        #expect(failure?.kind == .connect)
        #expect(failure?.requestSent == false)
    }

    @Test func handleForgetsTheProxy() throws {
        let proxy = ScriptedReceiver(.answering(502))
        let receiver = ScriptedReceiver(.answering(200))
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        for (proxyURL, status) in [("http://127.0.0.1:\(proxy.port)", 502), (nil, 200)] {
            courier.send([.post(receiver.url, transport: Transport(proxy: proxyURL))])
            #expect(box.take(1).first?.answer?.status == status)
        }
    }

    @Test func unixSocketIsConnected() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/s"
        let listener = Loopback.listen(path: path)
        defer { close(listener) }
        let served = try WorkerThread(name: "unix") {
            let connection = ReceiverConnection(socket: accept(listener, nil, nil), number: 1) { _ in }
            _ = connection.readRequest()
            connection.answer(200)
            connection.close()
        }
        var request = Request(
            token: 7, method: "GET", url: "http://localhost/api/about", transport: Transport(unixSocket: path)
        )
        request.transport.egress = EgressPolicy(denied: [Network(address: [0, 0, 0, 0], prefix: 0)])
        let reply = Courier.exchange(request)
        served.join()
        #expect(reply.answer?.status == 200)
        #expect(reply.token == 7)
    }
}
