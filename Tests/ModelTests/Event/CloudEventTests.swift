// Events as CloudEvents 1.0.2: what each attribute is made from, and that the data stays as it was written.

import Testing

@testable import Model

@Suite struct CloudEventTests {
    private static let digits = "1" + String(repeating: "7", count: 300)

    private func event(_ more: String = "", data: String = #"{"file":{"id":"ab"}}"#) throws -> CloudEvent {
        try CloudEvent(event: #"{"id":"e-1","type":"on_created_file",\#(more)"data":\#(data)}"#.bytes)
    }

    private func value(_ name: String, _ event: CloudEvent) -> String? {
        event.attributes.first { $0.name == name }?.value
    }

    @Test func everyAttribute() throws {
        let event = try event(#""timestamp":"2026-11-23T18:28:03.266Z","source":"mwdb","actor":"alice","#)
        #expect(
            event.attributes.map { "\($0.name)=\($0.value)" } == [
                "specversion=1.0", "id=e-1", "source=mwdb", "type=on_created_file", "subject=ab",
                "time=2026-11-23T18:28:03.266Z", "actor=alice",
            ])
        #expect(event.attributes.map(\.name) == CloudEvent.names)
        let json = try JSON.parse(event.structured)
        #expect(json["specversion"]?.text == "1.0" && json["datacontenttype"]?.text == "application/json")
        #expect(json["subject"]?.text == "ab" && json["data"]?["file"]?["id"]?.text == "ab")
    }

    @Test func whatIsMissingIsLeftOut() throws {
        let event = try event(#""timestamp":null,"actor":null,"#, data: #"{"user":{"login":"x"}}"#)
        #expect(event.attributes.map(\.name) == ["specversion", "id", "source", "type"])
        #expect(value("source", event) == "mwdb", "CloudEvents demands one")
    }

    @Test(arguments: ["2026-11-23", "2026-11-23 18:28:03Z", "yesterday", ""])
    func aTimeThatIsNoneIsLeftOut(_ text: String) throws {
        #expect(value("time", try event(#""timestamp":"\#(text)","#)) == nil)
    }

    /// Digits, escapes, white space and equal keys are the receiver's to read as they were written.
    @Test func dataGoesThroughUntouched() throws {
        let data = #"{ "n":\#(Self.digits) , "u":"\u0000\uD800é", "n":-0.10E+05,"file":{"id":"ab"}}"#
        let event = try event(#""x":{"data":1},"data":7,"#, data: data)
        #expect(event.data == data.bytes, "of equal keys the last counts")
        let text = String(decoding: event.structured, as: UTF8.self)
        #expect(text.hasSuffix(#","data":\#(data)}"#))
    }

    @Test func otherDataTakesItsPlace() throws {
        let event = try CloudEvent(
            event: #"{"id":"e","type":"on_created_file","data":{}}"#.bytes, data: "[1]".bytes)
        #expect(try JSON.parse(event.structured)["data"] == .array([.number("1")]))
    }

    @Test func hostileTextStaysInItsAttribute() throws {
        let actor = #"a\"b\r\nce-id: x\u0000\u0085\uFFFE %41 é😀"#
        let event = try event(#""actor":"\#(actor)","source":"a b:c\"%zz","#)
        let shown = "a\"b\u{FFFD}\u{FFFD}ce-id: x\u{FFFD}\u{FFFD}\u{FFFD} %41 é😀"
        #expect(value("actor", event) == shown)
        #expect(try JSON.parse(event.structured)["actor"]?.text == shown)
        let header = try #require(event.headers.first { $0.name == "ce-actor" })
        #expect(header.value.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        #expect(header.value.hasPrefix("a%22b%EF%BF%BD%EF%BF%BDce-id:%20x"))
        #expect(header.value.hasSuffix("%20%2541%20%C3%A9%F0%9F%98%80"))
        #expect(value("source", event) == "a%20b%3Ac%22%25zz")
    }

    @Test(arguments: [
        ("mwdb", "mwdb"), ("https://mwdb.example/x?a=b#c", "https://mwdb.example/x?a=b#c"),
        ("urn:mwdb:1", "urn:mwdb:1"), ("1:2", "1%3A2"), ("a/b:c", "a/b:c"), ("a#b#c", "a#b%23c"),
        ("%41%4", "%41%254"),
        ("[::1]", "%5B%3A%3A1%5D"), ("ż", "%C5%BC"), ("\u{0}", "%00"),
    ])
    func anyTextIsAURIReference(_ text: String, _ reference: String) {
        #expect(URIReference.from(text) == reference)
    }

    @Test func whatIsNoEventIsAnError() {
        for line in ["", "[]", #"{"id":"e","type":"on_created_file"}"#] {
            #expect(throws: EventError.self) { try CloudEvent(event: line.bytes) }
        }
    }
}
