// Intake's reading of a line.

import Testing

@testable import Model

@Suite struct EventParsingTests {
    @Test func readsWhatRoutingNeeds() throws {
        let line = Samples.event().bytes
        let event = try Event.parse(line: line)
        #expect(event.id == "019ab5a2-93e2-7cc0-8a4e-3f2f0d1c9a77")
        #expect(event.type == "on_created_file")
        #expect(event.actor == "admin")
        #expect(event.object == Samples.sha256)
        #expect(event.file == FileReference(sha256: Samples.sha256, size: 29))
        #expect(event.body == line)
    }

    @Test(
        arguments: [
            (#"{"object":{"id":"o","type":"static_config"},"tag":{"id":1,"tag":"x"}}"#, "o"),
            (#"{"tag":{"id":"t"},"object":{"id":"o"}}"#, "o"),
            (#"{"parent":{"id":"p"},"child":{"id":"c"}}"#, "p"),
            (#"{"child":{"id":"c"},"parent":{"id":7}}"#, "c"),
            (#"{"object":{"id":"o"},"file":{"id":"f"}}"#, "f"),
            (#"{"blob":{"id":"b"},"config":{"id":"g"}}"#, "g"),
            (#"{"user":{"login":"x"}}"#, nil),
            (#"{"tag":{"id":1}}"#, nil),
            (#"{"object":{"id":"a\nb"}}"#, nil),
            (#"{"object":{"id":""}}"#, nil),
            (#"{"object":"o"}"#, nil),
            (#"{"object":{"id":"o"},"object":{"id":"last"}}"#, "last"),
            (#"{"obj\u0065ct":{"i\u0064":"o"}}"#, "o"),
            ("{}", nil),
        ] as [(String, String?)])
    func findsTheObject(data: String, expected: String?) throws {
        #expect(try Event.parse(line: Samples.event(data: data).bytes).object == expected)
    }

    @Test func idsOfDotsAreIDs() throws {
        for id in ["...", ".a", "-", "._"] {
            #expect(try Event.parse(line: Samples.event(id: id).bytes).id == id)
        }
    }

    @Test func findsTheFile() throws {
        func file(_ data: String) throws -> FileReference? {
            try Event.parse(line: Samples.event(data: data).bytes).file
        }
        let hash = Samples.sha256
        let reference = FileReference(sha256: hash, size: nil)
        #expect(try file(#"{"object":{"type":"file","sha256":"\#(hash)"}}"#) == reference)
        #expect(try file(#"{"object":{"type":"f\u0069le","sha256":"\#(hash)"}}"#) == reference)
        #expect(try file(#"{"file":{"sha256":"\#(hash)"}}"#) == reference)
        #expect(try file(#"{"object":{"sha256":"\#(hash)"}}"#) == nil)
        #expect(try file(#"{"object":{"type":"static_config","sha256":"\#(hash)"}}"#) == nil)
        #expect(try file(#"{"parent":{"type":"file","sha256":"\#(hash)"}}"#) == nil)
        #expect(try file(#"{"child":{"type":"file","sha256":"\#(hash)"}}"#) == nil)
        #expect(try file(#"{"file":{"type":"file","sha256":"../../etc/passwd"}}"#) == nil)
        #expect(try file(#"{"file":{"type":"file","sha256":"\#(hash.uppercased())"}}"#) == nil)
        #expect(try file(#"{"file":{"type":"file","sha256":"\#(hash)0"}}"#) == nil)
        #expect(try file(#"{"file":{"type":"file","sha256":5}}"#) == nil)
        #expect(try file(#"{"file":{"type":"file"}}"#) == nil)
        for (size, expected) in [
            ("0", 0), ("9223372036854775807", Int64.max), ("9223372036854775808", nil), ("-1", nil),
            ("1.5", nil), ("1e3", nil), ("\"5\"", nil), ("null", nil), ("[1]", nil),
        ] as [(String, Int64?)] {
            let data = #"{"file":{"type":"file","sha256":"\#(hash)","file_size":\#(size)}}"#
            #expect(try file(data)?.size == expected, "\(size)")
        }
    }

    @Test(arguments: [
        ("[]", "an event is a JSON object"), ("", "an event is a JSON object"), ("{", "ends early"),
        (Samples.event() + "x", "expected the end"), (Samples.event() + Samples.event(), "expected the end"),
        (#"{"type":"on_x","data":{}}"#, "\"id\" is missing"),
        (#"{"id":null,"type":"on_x","data":{}}"#, "\"id\" is null"),
        (#"{"id":5,"type":"on_x","data":{}}"#, "\"id\" is not a string"),
        (#"{"id":"","type":"on_x","data":{}}"#, "\"id\" is not 1 to 64"),
        (#"{"id":"a b","type":"on_x","data":{}}"#, "\"id\" is not 1 to 64"),
        (#"{"id":"a\r\nb","type":"on_x","data":{}}"#, "\"id\" is not 1 to 64"),
        (#"{"id":"../x","type":"on_x","data":{}}"#, "\"id\" is not 1 to 64"),
        (#"{"id":"é","type":"on_x","data":{}}"#, "\"id\" is not 1 to 64"),
        (#"{"id":".","type":"on_x","data":{}}"#, "or it is . or .."),
        (#"{"id":"..","type":"on_x","data":{}}"#, "or it is . or .."),
        ("{\"id\":\"\(String(repeating: "a", count: 65))\",\"type\":\"on_x\",\"data\":{}}", "not 1 to 64"),
        (#"{"id":"a","data":{}}"#, "\"type\" is missing"),
        (#"{"id":"a","type":"created_file","data":{}}"#, "\"type\" is neither"),
        (#"{"id":"a","type":"on_","data":{}}"#, "\"type\" is neither"),
        (#"{"id":"a","type":"on_Created","data":{}}"#, "\"type\" is neither"),
        (#"{"id":"a","type":"source.","data":{}}"#, "\"type\" is neither"),
        (#"{"id":"a","type":"source.lost.x","data":{}}"#, "\"type\" is neither"),
        (#"{"id":"a","type":"on_x"}"#, "\"data\" is missing"),
        (#"{"id":"a","type":"on_x","data":[]}"#, "\"data\" is not an object"),
        (#"{"id":"a","type":"on_x","data":{},"data":null}"#, "\"data\" is not an object"),
        (#"{"id":"a","type":"on_x","data":{},"actor":5}"#, "\"actor\" is neither"),
        (#"{"id":"a","type":"on_x","data":{},"timestamp":5}"#, "\"timestamp\" is neither"),
        (#"{"id":"a","type":"on_x","data":{},"source":{}}"#, "\"source\" is neither"),
        (#"{"id":"a","type":"on_x","data":{"file":{"id":"x",}}}"#, "expected a key"),
    ])
    func refuses(line: String, because: String) {
        let error = #expect(throws: EventError.self) { try Event.parse(line: line.bytes) }
        #expect(error?.message.contains(because) == true, "\(String(describing: error))")
    }

    @Test func theOffsetPointsAtTheFault() {
        let error = #expect(throws: EventError.self) {
            try Event.parse(line: #"{"id":"a b","type":"on_x","data":{}}"#.bytes)
        }
        #expect(error?.offset == 7)
    }

    @Test(arguments: ["on_created_file", "on_x", "on_9", "source.lost", "plugin.dead_again"])
    func acceptsType(type: String) throws {
        #expect(try Event.parse(line: Samples.event(type: type).bytes).type == type)
    }

    @Test func lastOfEqualKeysCounts() throws {
        let line = #"{"id":"first","id":"last","type":"on_x","data":5,"data":{},"actor":"x","actor":null}"#
        let event = try Event.parse(line: line.bytes)
        #expect(event.id == "last")
        #expect(event.actor == nil)
    }

    @Test(arguments: Hostile.strings)
    func hostileValuesAreCarriedUnchanged(text: String) throws {
        let name = JSON.string(text).serialised().string
        let line = Samples.event(data: #"{"file":{"file_name":\#(name),"id":\#(name)},\#(name):{}}"#)
            .replacing("\"admin\"", with: name).bytes
        let event = try Event.parse(line: line)
        #expect(event.actor == text)
        #expect(event.body == line)
        #expect(try TemplateContext(body: line).data["file"]?["file_name"] == .string(text))
    }

    /// Whatever bytes come, nothing traps, and a line is accepted only when it is JSON.
    @Test func mutatedLinesNeverTrap() throws {
        var dice = SeededRandom(seed: 20_261_123)
        let seeds = [
            Samples.event().bytes,
            Samples.event(data: #"{"object":{"id":"o","n":[1,-2.5e3,true,null,"\u0061\ud83e\uddea"]}}"#)
                .bytes,
            #"{"id":"a","type":"on_x","data":{"é":"ą\\\"","file":{"sha256":"x","file_size":12}}}"#.bytes,
        ]
        let alphabet = Array("{}[]\",:\\u0e-+.tfn \u{0}\u{1F}\u{7F}".utf8) + [0x80, 0xC3, 0xE2, 0xF0, 0xFF]
        var accepted = 0
        for round in 0..<100_000 {
            var line = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...3, using: &dice) {
                mutate(&line, alphabet, &dice)
            }
            let isEvent = (try? Event.parse(line: line)) != nil
            let isJSON = (try? JSON.parse(line)) != nil
            if isEvent { accepted += 1 }
            if isEvent && !isJSON { Issue.record("accepted what is no JSON: \(line.string)") }
            if !isEvent && isJSON { try explain(line) }
        }
        #expect(accepted > 5_000)
    }

    /// A JSON line is refused as an event only for its members, which the tree shows too.
    private func explain(_ line: [UInt8]) throws {
        let tree = try JSON.parse(line)
        let id = tree["id"]?.text.map { EventName.isID($0.utf8) } ?? false
        let type = tree["type"]?.text.map { EventName.isType($0.utf8) } ?? false
        var data = false
        if case .object = tree["data"] { data = true }
        let texts = ["actor", "source", "timestamp"].allSatisfy {
            tree[$0] == nil || tree[$0] == .null || tree[$0]?.text != nil
        }
        if id, type, data, texts {
            // Ids and types in escapes are refused; everything else would be a fault of the scanner.
            let message = #expect(throws: EventError.self) { try Event.parse(line: line) }?.message ?? ""
            #expect(line.contains(0x5C) && message.contains("is n"), "\(message): \(line.string)")
        }
    }

    private func mutate(_ line: inout [UInt8], _ alphabet: [UInt8], _ dice: inout SeededRandom) {
        guard !line.isEmpty else { return line.append(0x7B) }
        let index = Int.random(in: 0..<line.count, using: &dice)
        switch Int.random(in: 0..<6, using: &dice) {
        case 0: line[index] = UInt8.random(in: 0...255, using: &dice)
        case 1: line[index] = alphabet.randomElement(using: &dice) ?? 0
        case 2: line.insert(alphabet.randomElement(using: &dice) ?? 0, at: index)
        case 3: line.remove(at: index)
        case 4: line.removeSubrange(index..<min(line.count, index + 40))
        default: line.insert(contentsOf: line[index..<min(line.count, index + 20)], at: index)
        }
    }
}
