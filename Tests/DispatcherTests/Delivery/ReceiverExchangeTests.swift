// The requests of one attempt: straight to the receiver, or by way of MWDB for the sample.

import Glibc
import Model
import Settings
import Testing

@testable import Dispatcher

struct ReceiverExchangeTests {
    private let folder = Folder()
    private let content = "MZ sample"

    private func store(reserve: Int64 = 0) throws -> SampleStore {
        let store = SampleStore(
            spool: try folder.spool(), fetched: folder.path + "/content", reserve: { reserve })
        try store.prepare()
        return store
    }

    private func exchange(
        _ store: SampleStore, mwdb: MWDBSettings? = .test, body: BodyKind = .multipart
    ) -> ReceiverExchange {
        let plugin = Plugin.named("p") { $0.body = body }
        return ReceiverExchange(
            claim: .of(Sample.file("e", content: content)),
            builder: RequestBuilder(plugin: plugin, mwdb: mwdb, redaction: .none), samples: store)
    }

    private func begin(_ exchange: inout ReceiverExchange) -> ExchangeStep {
        exchange.begin(token: 7, now: .at(0))
    }

    /// Where a request streams the sample from.
    private func path(_ step: ExchangeStep) -> String? {
        guard case .multipart(let parts)? = step.request?.body, case .file(let file)? = parts.last?.content
        else { return nil }
        return file.path
    }

    private func put(_ store: SampleStore, _ text: String) {
        write(Array(text.utf8), to: store.spool.content + "/" + Sample.hash(content))
    }

    @Test func aPlainEventGoesStraightToItsReceiver() throws {
        var exchange = exchange(try store(), mwdb: nil, body: .event)
        let step = begin(&exchange)
        #expect(step.request?.url == "http://127.0.0.1:9/p")
        #expect(exchange.concernsReceiver)
        let end = exchange.next(.answer(200), now: .at(1))
        #expect(end.conclusion == .judged(.delivered(extracted: [], missing: [])))
    }

    @Test func aSampleInTheSpoolIsSent() throws {
        let store = try store()
        put(store, content)
        var exchange = exchange(store)
        #expect(path(begin(&exchange)) == store.spool.content + "/" + Sample.hash(content))
    }

    @Test func aMissingSampleIsFetchedAndThenSent() throws {
        let store = try store()
        var exchange = exchange(store)
        let fetch = begin(&exchange)
        let request = try #require(fetch.request)
        #expect(request.method == "GET" && request.token == 7)
        #expect(request.url == "http://mwdb:5000/api/file/\(Sample.hash(content))/download")
        #expect(request.header("authorization") == "Bearer key")
        #expect(!exchange.concernsReceiver, "MWDB's answer says nothing about the receiver")
        guard case .file(let temporary, Sample.hash(content), 9) = request.answer else {
            Issue.record("it is not fetched into a file: \(request.answer)")
            return
        }
        write(Array(content.utf8), to: temporary)
        let send = exchange.next(.answer(200), now: .at(1))
        #expect(path(send) == store.fetched + "/" + Sample.hash(content))
        #expect(exchange.concernsReceiver)
        #expect(contents(temporary) == nil)
    }

    @Test func aSampleOfAnotherSizeIsFetched() throws {
        let store = try store()
        put(store, content + "more")
        var exchange = exchange(store)
        #expect(begin(&exchange).request?.method == "GET")
    }

    @Test func aLinkOrFolderInPlaceOfASampleIsFetched() throws {
        let store = try store()
        let path = store.spool.content + "/" + Sample.hash(content)
        write(Array(content.utf8), to: folder.path + "/secret")
        symlink(folder.path + "/secret", path)
        var first = exchange(store)
        #expect(begin(&first).request?.method == "GET")
        unlink(path)
        mkdir(path, 0o700)
        var second = exchange(store)
        #expect(begin(&second).request?.method == "GET")
    }

    @Test func aSampleThatIsDamagedWhileItIsSentIsFetchedOnce() throws {
        let store = try store()
        put(store, content)
        var exchange = exchange(store)
        _ = begin(&exchange)
        let fetch = exchange.next(.failure(.contentDamaged), now: .at(1))
        guard case .file(let temporary, _, _)? = fetch.request?.answer else {
            Issue.record("it is not fetched")
            return
        }
        write(Array(content.utf8), to: temporary)
        #expect(path(exchange.next(.answer(200), now: .at(2))) == store.fetched + "/" + Sample.hash(content))
        let end = exchange.next(.failure(.contentDamaged), now: .at(3))
        #expect(end.retry == "the sample changed while it was sent")
    }

    @Test func aSampleThatMWDBDoesNotHaveIsGone() throws {
        var exchange = exchange(try store())
        _ = begin(&exchange)
        let end = exchange.next(.answer(404), now: .at(1))
        #expect(try #require(end.dead).hasPrefix("content gone"))
    }

    @Test(arguments: [401, 403])
    func aKeyWithoutTheRightIsMisconfigured(_ status: Int) throws {
        var exchange = exchange(try store())
        _ = begin(&exchange)
        let end = exchange.next(.answer(status), now: .at(1))
        guard case .judged(.retry(let reason, true, nil))? = end.conclusion else {
            Issue.record("not misconfigured: \(end)")
            return
        }
        #expect(reason.contains("downloading_files"))
        #expect(!exchange.concernsReceiver)
    }

    @Test(arguments: [
        Reply.answer(500), .answer(429), .answer(302), .failure(.connect), .failure(.contentDamaged),
        .failure(.timeout, sent: true), .failure(.local),
    ])
    func aFailedFetchIsTriedAgain(_ reply: Reply) throws {
        var exchange = exchange(try store())
        _ = begin(&exchange)
        let end = exchange.next(reply, now: .at(1))
        #expect(end.retry != nil)
        #expect(!exchange.concernsReceiver)
    }

    @Test func withoutAKeyAMissingSampleIsHeld() throws {
        let store = try store()
        for mwdb in [nil, MWDBSettings(url: "http://mwdb:5000")] {
            var exchange = exchange(store, mwdb: mwdb)
            let end = begin(&exchange)
            #expect(try #require(end.held).contains("api_key"))
            #expect(!exchange.concernsReceiver)
        }
    }

    @Test func withoutAKeyASampleThatIsBeingWrittenIsTriedAgain() throws {
        let store = try store()
        put(store, "MZ")
        var exchange = exchange(store, mwdb: nil)
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = Timestamp(milliseconds: Int64(time.tv_sec) * 1000)
        #expect(exchange.begin(token: 1, now: now).retry != nil)
        var later = self.exchange(store, mwdb: nil)
        #expect(later.begin(token: 1, now: now + .minutes(2)).held != nil, "it stays damaged")
    }

    @Test func whereThereIsNoRoomNothingIsFetched() throws {
        var exchange = exchange(try store(reserve: .max))
        #expect(try #require(begin(&exchange).retry).contains("min_free_space"))
    }

    @Test func aFetchThatCannotBeKeptIsTriedAgain() throws {
        let store = try store()
        mkdir(store.fetched + "/" + Sample.hash(content), 0o700)
        var exchange = exchange(store)
        guard case .file(let temporary, _, _)? = begin(&exchange).request?.answer else {
            Issue.record("it is not fetched")
            return
        }
        write(Array(content.utf8), to: temporary)
        #expect(exchange.next(.answer(200), now: .at(1)).retry != nil)
        #expect(contents(temporary) == nil, "nothing is left behind")
    }

    @Test func leftoversOfAnEarlierRunAreRemoved() throws {
        let store = try store()
        let whole = store.fetched + "/" + Sample.hash(content)
        write([1], to: whole)
        write([1], to: whole + ".17")
        try store.prepare()
        #expect(try folderNames(store.fetched) == [Sample.hash(content)])
    }

    @Test func aHashThatIsNoneIsNoPath() throws {
        let store = try store()
        write([1], to: folder.path + "/spool/outside")
        #expect(store.path(of: FileReference(sha256: "../outside", size: 1)) == nil)
    }
}

extension MWDBSettings {
    /// An MWDB with a key.
    static let test = MWDBSettings(url: "http://mwdb:5000", publicURL: "https://mwdb.example", apiKey: "key")
}
