// What is said to MWDB for one write-back, answer by answer.

import Model
import Outbox
import Settings
import Testing

@testable import Dispatcher

struct WriteBackExchangeTests {
    private let hash = Sample.hash("MZ")

    /// An API key of the account `svc`, as MWDB makes it.
    private var mwdb: MWDBSettings {
        MWDBSettings(url: "http://mwdb:5000", apiKey: "e30.eyJsb2dpbiI6ICJzdmMifQ.sig")
    }

    private func exchange(
        _ action: WriteBackTask.Action, attempts: Int = 0, updatedAt: Timestamp = .at(10),
        plugin: Plugin? = nil, mwdb: MWDBSettings? = nil
    ) -> WriteBackExchange {
        let task = WriteBackTask(objectKind: "file", objectID: hash, action: action)
        return WriteBackExchange(
            claim: .of(step: 1, attempts: attempts, updatedAt: updatedAt, task: task.stored), plugin: plugin,
            mwdb: mwdb ?? self.mwdb, redaction: .none, runningSince: .at(5))
    }

    private let attribute = WriteBackTask.Action.attribute(key: "drakvuf", value: .string("t-1"))

    private func definer(readers: String? = "public") -> Plugin {
        .named("drakvuf") {
            var attribute = AttributeWriteBack(key: "drakvuf", value: .of("{{id}}"))
            attribute.label = "Drakvuf analysis"
            attribute.urlTemplate = "https://drakvuf/$value"
            attribute.readers = readers
            $0.writeBacks = [.tag(.of("x")), .attribute(attribute)]
        }
    }

    private func begin(_ exchange: inout WriteBackExchange) -> ExchangeStep {
        exchange.begin(token: 3, now: .at(20))
    }

    private func line(_ step: ExchangeStep) -> String? {
        step.request.map {
            "\($0.method) \($0.url.dropFirst("http://mwdb:5000/api".count)) \($0.body.text ?? "")"
        }
    }

    private let done = Conclusion.judged(.delivered(extracted: [], missing: []))

    // MARK: The write itself

    @Test func anAttributeIsPosted() throws {
        var exchange = exchange(attribute)
        let step = begin(&exchange)
        #expect(line(step) == #"POST /file/\#(hash)/attribute {"key":"drakvuf","value":"t-1"}"#)
        #expect(step.request?.header("authorization") == "Bearer e30.eyJsb2dpbiI6ICJzdmMifQ.sig")
        #expect(step.request?.header("content-type") == "application/json")
        #expect(step.request?.token == 3)
        #expect(exchange.next(.answer(200), now: .at(21)).conclusion == done)
    }

    @Test func aTagIsPut() {
        var exchange = exchange(.tag("se\"en"))
        #expect(line(begin(&exchange)) == #"PUT /file/\#(hash)/tag {"tag":"se\"en"}"#)
        #expect(exchange.next(.answer(200), now: .at(21)).conclusion == done)
    }

    @Test func aCommentIsPosted() {
        var exchange = exchange(.comment("done"))
        #expect(line(begin(&exchange)) == #"POST /file/\#(hash)/comment {"comment":"done"}"#)
    }

    // MARK: Comments that may be there

    @Test func aCommentThatWasTriedIsLookedForFirst() {
        for (attempts, updatedAt) in [(1, Timestamp.at(10)), (0, .at(1))] {
            var exchange = exchange(.comment("done"), attempts: attempts, updatedAt: updatedAt)
            #expect(line(begin(&exchange)) == "GET /file/\(hash)/comment ")
            let comments = #"[{"comment": "x", "author": "svc"}, {"comment": "done", "author": "svc"}]"#
            #expect(exchange.next(.answer(200, body: comments), now: .at(21)).conclusion == done)
        }
    }

    @Test(arguments: [
        "[]", #"[{"comment": "done", "author": "alice"}]"#, #"[{"comment": "done!", "author": "svc"}]"#, "?",
    ])
    func aCommentThatIsNotThereIsWritten(_ comments: String) {
        var exchange = exchange(.comment("done"), attempts: 1)
        _ = begin(&exchange)
        #expect(line(exchange.next(.answer(200, body: comments), now: .at(21)))?.hasPrefix("POST") == true)
        #expect(exchange.next(.answer(200), now: .at(22)).conclusion == done)
    }

    @Test func whenLookingFailsNothingIsWritten() {
        var first = exchange(.comment("done"), attempts: 1)
        _ = begin(&first)
        #expect(first.next(.answer(500), now: .at(21)).retry != nil)
        var second = exchange(.comment("done"), attempts: 1)
        _ = begin(&second)
        #expect(second.next(.answer(404), now: .at(21)).dead != nil)
    }

    // MARK: Defining attributes

    @Test func aKeyThatIsNotDefinedIsDefinedReadableAndWrittenAgain() {
        var exchange = exchange(attribute, plugin: definer())
        _ = begin(&exchange)
        let missing = Reply.answer(
            404,
            body:
                #"{"message": "Attribute 'drakvuf' is not defined or you have insufficient permissions to set it"}"#
        )
        #expect(
            line(exchange.next(missing, now: .at(21)))
                == #"POST /attribute {"key":"drakvuf","label":"Drakvuf analysis","description":"","#
                + #""url_template":"https://drakvuf/$value","rich_template":"","example_value":"","hidden":false}"#
        )
        #expect(
            line(exchange.next(.answer(200), now: .at(22)))
                == #"PUT /attribute/drakvuf/permissions {"group_name":"public","can_read":true,"can_set":false}"#
        )
        #expect(line(exchange.next(.answer(200), now: .at(23)))?.hasPrefix("POST /file/") == true)
        #expect(exchange.next(.answer(200), now: .at(24)).conclusion == done)
    }

    @Test func withoutReadersNoPermissionIsGiven() {
        var exchange = exchange(attribute, plugin: definer(readers: nil))
        _ = begin(&exchange)
        _ = exchange.next(.answer(404), now: .at(21))
        #expect(line(exchange.next(.answer(200), now: .at(22)))?.hasPrefix("POST /file/") == true)
    }

    @Test func aKeyThatAnotherHasJustDefinedIsWritten() {
        var exchange = exchange(attribute, plugin: definer())
        _ = begin(&exchange)
        _ = exchange.next(.answer(404), now: .at(21))
        #expect(line(exchange.next(.answer(409), now: .at(22)))?.hasPrefix("POST /file/") == true)
        #expect(exchange.next(.answer(200), now: .at(23)).conclusion == done)
    }

    @Test func aKeyThatMayNotBeSetIsHeld() throws {
        var exchange = exchange(attribute, plugin: definer())
        _ = begin(&exchange)
        _ = exchange.next(.answer(404), now: .at(21))
        _ = exchange.next(.answer(409), now: .at(22))
        let end = exchange.next(.answer(404), now: .at(23))
        #expect(try #require(end.held).contains("can set"))
    }

    @Test func anAccountThatMayNotDefineIsHeld() throws {
        var exchange = exchange(attribute, plugin: definer())
        _ = begin(&exchange)
        _ = exchange.next(.answer(404), now: .at(21))
        let end = exchange.next(.answer(403), now: .at(22))
        #expect(try #require(end.held).contains("Settings, Attributes"))
    }

    @Test func anObjectThatIsGoneIsDeadAndDefinesNothing() throws {
        let gone = Reply.answer(404, body: #"{"message": "Object not found"}"#)
        var first = exchange(attribute, plugin: definer())
        _ = begin(&first)
        #expect(try #require(first.next(gone, now: .at(21)).dead).contains("gone"))
        var second = exchange(attribute, plugin: definer())
        _ = begin(&second)
        _ = second.next(.answer(404), now: .at(21))
        _ = second.next(.answer(409), now: .at(22))
        #expect(second.next(gone, now: .at(23)).dead != nil)
    }

    @Test func aPluginThatIsGoneDefinesNothing() throws {
        for plugin in [nil, Plugin.named("drakvuf")] {
            var exchange = exchange(attribute, plugin: plugin)
            _ = begin(&exchange)
            #expect(try #require(exchange.next(.answer(404), now: .at(21)).held).contains("drakvuf"))
        }
    }

    @Test(arguments: [500, 503, 429])
    func troubleOnTheWayIsTriedAgain(_ status: Int) {
        for answered in 0...2 {
            var exchange = exchange(attribute, plugin: definer())
            _ = begin(&exchange)
            for step in 0..<answered { _ = exchange.next(.answer(step == 0 ? 404 : 200), now: .at(21)) }
            #expect(exchange.next(.answer(status), now: .at(22)).retry != nil)
        }
        var exchange = exchange(attribute, plugin: definer())
        _ = begin(&exchange)
        _ = exchange.next(.answer(404), now: .at(21))
        #expect(exchange.next(.failure(.connect), now: .at(22)).retry != nil)
    }

    // MARK: Readers

    private let lookForReaders = "GET /attribute/drakvuf/permissions "
    private let grant =
        #"PUT /attribute/drakvuf/permissions {"group_name":"public","can_read":true,"can_set":false}"#

    @Test func readersThatWereNeverGivenAreGivenBeforeTheNextAttempt() {
        for (attempts, updatedAt) in [(1, Timestamp.at(10)), (0, .at(1))] {
            var exchange = exchange(attribute, attempts: attempts, updatedAt: updatedAt, plugin: definer())
            #expect(line(begin(&exchange)) == lookForReaders)
            let nobody = Reply.answer(200, body: #"{"attribute_permissions": []}"#)
            #expect(line(exchange.next(nobody, now: .at(21))) == grant)
            #expect(line(exchange.next(.answer(200), now: .at(22)))?.hasPrefix("POST /file/") == true)
            #expect(exchange.next(.answer(200), now: .at(23)).conclusion == done)
        }
    }

    @Test(arguments: [
        (200, #"{"attribute_permissions": [{"group_name": "analysts", "can_read": true, "can_set": true}]}"#),
        (200, "?"), (403, ""), (404, ""),
    ])
    func rightsThatAnAdministratorGaveStay(_ status: Int, _ body: String) {
        var exchange = exchange(attribute, attempts: 1, plugin: definer())
        _ = begin(&exchange)
        let next = exchange.next(.answer(status, body: body), now: .at(21))
        #expect(line(next)?.hasPrefix("POST /file/") == true)
        #expect(line(exchange.next(.answer(404), now: .at(22)))?.hasPrefix("POST /attribute ") == true)
        #expect(line(exchange.next(.answer(200), now: .at(23))) == grant)
    }

    @Test func whoCannotLookForReadersTriesAgain() {
        var exchange = exchange(attribute, attempts: 1, plugin: definer())
        _ = begin(&exchange)
        #expect(exchange.next(.answer(502), now: .at(21)).retry != nil)
    }

    @Test func withoutReadersNobodyIsLookedFor() {
        for plugin in [nil, definer(readers: nil)] {
            var exchange = exchange(attribute, attempts: 1, plugin: plugin)
            #expect(line(begin(&exchange))?.hasPrefix("POST /file/") == true)
        }
    }

    @Test func aGroupThatIsMisspeltIsHeld() throws {
        let missing = Reply.answer(404, body: #"{"message": "No such group"}"#)
        var first = exchange(attribute, plugin: definer(readers: "pulbic"))
        _ = begin(&first)
        _ = first.next(.answer(404), now: .at(21))
        _ = first.next(.answer(200), now: .at(22))
        var second = exchange(attribute, attempts: 1, plugin: definer(readers: "pulbic"))
        _ = begin(&second)
        _ = second.next(.answer(200, body: #"{"attribute_permissions": []}"#), now: .at(21))
        for end in [first.next(missing, now: .at(23)), second.next(missing, now: .at(22))] {
            let reason = try #require(end.held)
            #expect(reason.contains("no group 'pulbic'") && reason.contains("attribute.drakvuf.readers"))
        }
    }

    // MARK: Other answers

    @Test func aTagOnAnObjectThatIsGoneIsDead() {
        var exchange = exchange(.tag("x"))
        _ = begin(&exchange)
        #expect(exchange.next(.answer(404), now: .at(21)).dead != nil)
    }

    @Test func aMissingCapabilityIsHeld() throws {
        var exchange = exchange(.tag("x"))
        _ = begin(&exchange)
        #expect(try #require(exchange.next(.answer(403), now: .at(21)).held).contains("capability"))
    }

    @Test func aValueThatMWDBRefusesIsDead() {
        var exchange = exchange(attribute)
        _ = begin(&exchange)
        #expect(exchange.next(.answer(400), now: .at(21)).dead != nil)
    }

    @Test func aKeyThatIsNoLongerValidIsMisconfigured() {
        var exchange = exchange(attribute)
        _ = begin(&exchange)
        guard case .judged(.retry(_, true, _))? = exchange.next(.answer(401), now: .at(21)).conclusion else {
            Issue.record("not misconfigured")
            return
        }
    }

    @Test func withoutAKeyItIsHeld() {
        var exchange = exchange(attribute, mwdb: MWDBSettings(url: "http://mwdb:5000"))
        #expect(begin(&exchange).held != nil)
    }

    @Test func whatCannotBeReadIsDead() {
        var exchange = WriteBackExchange(
            claim: .of(step: 1, task: [1, 2, 3]), plugin: nil, mwdb: mwdb, redaction: .none,
            runningSince: .at(0))
        #expect(begin(&exchange).dead != nil)
    }
}
