// Events for `ping` look like a hook's and are accepted as such.

import Model
import Testing

@testable import Dispatcher

struct TestEventTests {
    private let file = FileReference(sha256: Sample.hash("MZ"), size: 2)

    @Test(arguments: (Hook.all + Hook.operational).map(\.name))
    func everyHookHasATestEvent(_ hook: String) throws {
        let event = TestEvent.make(hook: hook, file: file, now: .at(0), random: (1, 2))
        let parsed = try Event.parse(line: event.body)
        #expect(parsed.id == event.id && parsed.type == hook)
        let data = try #require(try JSON.parse(event.body)["data"])
        for parameter in Hook.named(hook)?.parameters ?? [] {
            #expect(data[parameter.name] != nil, "\(parameter.name)")
        }
    }

    @Test func theSampleIsTheOneThatIsSent() throws {
        let event = TestEvent.make(hook: "on_created_file", file: file, now: .at(0), random: (1, 2))
        #expect(event.file == file)
    }

    @Test func nobodyTakesItForReal() throws {
        let event = TestEvent.make(hook: "on_created_user", file: file, now: .at(0), random: (1, 2))
        #expect(try JSON.parse(event.body)["source"]?.text == "mwdb-webhooks ping")
    }
}
