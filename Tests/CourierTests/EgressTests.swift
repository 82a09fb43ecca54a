// Which addresses may be connected to: the rule, and that it is kept before a byte is sent.

import Model
import Testing

@testable import Courier

@Suite struct EgressTests {
    private func network(_ address: [UInt8], _ prefix: Int) -> Network {
        Network(address: address, prefix: prefix)
    }

    private let private10: [UInt8] = [10, 0, 0, 0]

    @Test func byDefaultOnlyLinkLocalIsDenied() {
        let policy = EgressPolicy()
        #expect(policy.permits([127, 0, 0, 1]))
        #expect(policy.permits([192, 168, 1, 1]))
        #expect(policy.permits([8, 8, 8, 8]))
        #expect(!policy.permits([169, 254, 169, 254]))
        #expect(!policy.permits([0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1]))
        #expect(!policy.permits([0xfe, 0xbf] + [UInt8](repeating: 9, count: 14)))
        #expect(policy.permits([0xfe, 0xc0] + [UInt8](repeating: 9, count: 14)))
    }

    /// The peer of a connection that was reset at once has no address: the policy has nothing to say of that.
    @Test func aBrokenConnectionIsNoDeniedOne() {
        func kind(_ address: String) -> ExchangeFailure.Kind? {
            var remote = RemoteAddress()
            remote.update(address, address.isEmpty ? 0 : 80)
            return Transfer.refusal(remote, EgressPolicy())?.kind
        }
        #expect(kind("") == .connect)
        #expect(kind("169.254.169.254") == .egress)
        #expect(kind("127.0.0.1") == nil)
    }

    @Test func embeddedAddressesAreJudgedAsIPv4() {
        let policy = EgressPolicy()
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        let translated: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(!policy.permits(mapped + [169, 254, 169, 254]))
        #expect(!policy.permits(translated + [169, 254, 169, 254]))
        #expect(policy.permits(mapped + [10, 1, 2, 3]))
        let only10 = EgressPolicy(allowed: [network(private10, 8)], denied: [])
        #expect(only10.permits(mapped + [10, 1, 2, 3]))
        #expect(!only10.permits(mapped + [11, 1, 2, 3]))
        #expect(
            !EgressPolicy(denied: [network(translated + [0, 0, 0, 0], 96)]).permits(
                translated + [8, 8, 8, 8]))
    }

    @Test func anAllowListExcludesTheRest() {
        let policy = EgressPolicy(
            allowed: [network(private10, 8), network([192, 168, 0, 0], 16)], denied: [])
        #expect(policy.permits([10, 9, 9, 9]))
        #expect(policy.permits([192, 168, 3, 4]))
        #expect(!policy.permits([192, 169, 3, 4]))
        #expect(!policy.permits([UInt8](repeating: 0, count: 15) + [1]))
    }

    @Test func theMoreSpecificNetworkWins() {
        let policy = EgressPolicy(
            allowed: [network([10, 1, 0, 0], 16), network([10, 2, 3, 4], 32)],
            denied: [network(private10, 8), network([10, 1, 9, 0], 24), network([10, 2, 3, 4], 32)])
        #expect(policy.permits([10, 1, 2, 3]))
        #expect(!policy.permits([10, 1, 9, 3]))
        #expect(!policy.permits([10, 3, 0, 0]))
        #expect(!policy.permits([10, 2, 3, 4]), "equally specific: denied")
        #expect(!policy.permits([8, 8, 8, 8]), "an allow list excludes the rest")
    }

    @Test func oddPrefixesAndBadInput() {
        #expect(network([10, 64, 0, 0], 10).contains([10, 127, 255, 255]))
        #expect(!network([10, 64, 0, 0], 10).contains([10, 128, 0, 0]))
        #expect(network([0, 0, 0, 0], 0).contains([1, 2, 3, 4]))
        #expect(network([1, 2, 3, 4], 32).contains([1, 2, 3, 4]))
        #expect(!network([1, 2, 3, 4], 32).contains([1, 2, 3, 5]))
        #expect(!network([1, 2, 3, 4], 33).contains([1, 2, 3, 4]))
        #expect(!network([1, 2, 3, 4], -1).contains([1, 2, 3, 4]))
        #expect(!EgressPolicy().permits([]))
        #expect(!EgressPolicy().permits([1, 2, 3]))
    }

    @Test func theUnspecifiedAddressIsLoopback() {
        let policy = EgressPolicy(denied: [
            network([127, 0, 0, 0], 8), network([UInt8](repeating: 0, count: 15) + [1], 128),
        ])
        #expect(!policy.permits([0, 0, 0, 0]))
        #expect(!policy.permits([UInt8](repeating: 0, count: 16)))
    }

    private let noLoopback = Transport(
        egress: EgressPolicy(denied: [Network(address: [127, 0, 0, 0], prefix: 8)]))

    @Test(arguments: ["127.0.0.1", "127.1", "0x7f000001", "0.0.0.0"])
    func deniedAddressesAreNotConnected(_ host: String) throws {
        let receiver = ScriptedReceiver(.answering(200))
        let failure = try #require(
            try Courier.reply(to: .post("http://\(host):\(receiver.port)/", transport: noLoopback)).failure)
        #expect(failure.kind == .egress)
        #expect(!failure.requestSent)
        #expect(failure.message.contains("allow_addresses"))
        #expect(receiver.connectionCount == 0)
    }

    @Test func aKeptConnectionOfAnotherPluginIsNoWayAround() throws {
        let receiver = ScriptedReceiver(.answering(200))
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        for (transport, isAllowed) in [(Transport(), true), (noLoopback, false), (Transport(), true)] {
            courier.send([.post(receiver.url, transport: transport)])
            let reply = try #require(box.take(1).first)
            #expect((reply.answer != nil) == isAllowed)
            if !isAllowed { #expect(reply.failure?.kind == .egress) }
        }
        #expect(receiver.requests.count == 2)
    }

    @Test func withAProxyItIsTheProxysAddress() throws {
        let proxy = ScriptedReceiver(.answering(200))
        var transport = noLoopback
        transport.proxy = "http://127.0.0.1:\(proxy.port)"
        let reply = try Courier.reply(to: .post("http://192.0.2.1/", transport: transport))
        #expect(reply.failure?.kind == .egress)
        #expect(proxy.connectionCount == 0)
    }
}
