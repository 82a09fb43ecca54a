// Certificates: whom the courier trusts, and how it shows who it is.

import Model
import Testing

@testable import Courier

@Suite struct TLSTests {
    let certificates: Certificates

    init() throws {
        certificates = try Certificates()
    }

    @Test func theTransportsAuthorityIsTrustedAndNoOther() throws {
        let receiver = try TLSReceiver(certificates)
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        let wrong = try Certificates()
        let authorities = [
            certificates.authority, nil, wrong.authority, certificates.authority, nil,
        ]
        // One handle, again and again: a file that was trusted once is not trusted for ever.
        for authority in authorities {
            courier.send([.post(receiver.url, transport: Transport(certificateAuthorities: authority))])
            let reply = try #require(box.take(1).first)
            if authority == certificates.authority {
                #expect(reply.answer?.status == 200, "\(reply)")
                #expect(reply.timings.secured >= reply.timings.connected)
            } else {
                #expect(reply.failure?.kind == .certificate, "\(reply)")
                #expect(reply.failure?.requestSent == false)
            }
        }
    }

    @Test func otherNamesThanTheCertificatesAreRefused() throws {
        let receiver = try TLSReceiver(certificates)
        let transport = Transport(certificateAuthorities: certificates.authority)
        let reply = try Courier.reply(to: .post("https://localhost:\(receiver.port)/", transport: transport))
        #expect(reply.failure?.kind == .certificate)
    }

    @Test func clientCertificateIsShown() throws {
        let receiver = try TLSReceiver(certificates, asksForClient: true)
        var transport = Transport(
            certificateAuthorities: certificates.authority, clientCertificate: certificates.client,
            clientKey: certificates.clientKey)
        let reply = try Courier.reply(to: .post(receiver.url, .bytes(.sample(200_000)), transport: transport))
        #expect(reply.answer?.body == Array("client".utf8), "\(reply)")
        transport.clientCertificate = nil
        transport.clientKey = nil
        let without = try Courier.reply(to: .post(receiver.url, transport: transport))
        // With TLS 1.3 the refusal comes after the handshake, and may be overtaken by the reset.
        #expect([.certificate, .connect].contains(without.failure?.kind), "\(without)")
        #expect(without.failure?.requestSent == false)
    }

    @Test func brokenCertificateFilesAreTheRequestsFault() throws {
        let receiver = try TLSReceiver(certificates)
        let broken = certificates.folder.write("broken.pem", Array("nonsense".utf8))
        for transport in [
            Transport(certificateAuthorities: broken),
            Transport(
                certificateAuthorities: certificates.authority, clientCertificate: broken, clientKey: broken),
            Transport(
                certificateAuthorities: certificates.authority, clientCertificate: certificates.client,
                clientKey: certificates.serverKey),
        ] {
            let reply = try Courier.reply(to: .post(receiver.url, transport: transport))
            #expect(reply.failure?.kind == .request, "\(reply)")
        }
    }

    @Test func plainReceiverBehindHTTPSIsNoConnection() throws {
        let receiver = ScriptedReceiver(.resettingAtOnce)
        let reply = try Courier.reply(to: .post("https://127.0.0.1:\(receiver.port)/"))
        #expect(reply.failure?.kind == .connect, "\(reply)")
    }
}
