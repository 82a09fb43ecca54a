// Whose account the API key is, so that our own writes are not answered with further ones.

import Foundation
import Model
import Settings
import Testing

@testable import Dispatcher

struct LoginTests {
    private func key(_ payload: String) -> String {
        let middle = Data(payload.utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
        return "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.\(middle).c2lnbmF0dXJl"
    }

    @Test(arguments: ["svc", "a", "webhooks-é", "x?>~~~"])
    func theKeySaysItsOwner(_ login: String) {
        let payload =
            #"{"login": "\#(login)", "api_key_id": "1f", "iat": 1795000000, "scope": "api_key", "sub": "\#(login)"}"#
        let mwdb = MWDBSettings(url: "http://mwdb", apiKey: key(payload))
        #expect(mwdb.login == login)
        #expect(mwdb.ignoredLogins == [login])
    }

    @Test(arguments: ["", "abc", "a.b", "a.b.c", "a.*.c", "a.e30.c", "a.eyJsb2dpbiI6IDd9.c", "a.e30.c.d"])
    func aKeyThatSaysNothingIgnoresNobody(_ key: String) {
        let mwdb = MWDBSettings(url: "http://mwdb", apiKey: key)
        #expect(mwdb.login == nil && mwdb.ignoredLogins.isEmpty)
    }

    @Test func theOperatorsListGoesFirst() {
        var mwdb = MWDBSettings(url: "http://mwdb", apiKey: key(#"{"login": "svc"}"#))
        mwdb.ignoreActors = ["robot", "other"]
        #expect(mwdb.ignoredLogins == ["robot", "other"])
        mwdb.ignoreActors = []
        #expect(mwdb.ignoredLogins.isEmpty)
    }

    @Test func withoutAKeyNobodyIsIgnored() {
        #expect(MWDBSettings(url: "http://mwdb").ignoredLogins.isEmpty)
    }
}
