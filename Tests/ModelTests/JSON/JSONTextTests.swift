// A single value is the one that the tree has in its place, whatever stands around it.

import Testing

@testable import Model

@Suite struct JSONTextTests {
    private static let texts = [
        #"{"a":{"b":[1,{"c":"d"},[2,3]]},"":0,"x/y":1,"m~n":2,"é":3,"\u0061b":4}"#,
        #" { "a" : { "b" : 1 } , "a" : { "c" : 2 } } "#, #"{"a":{"b":1},"a":7}"#, "[[],[[5]],{}]", "7",
        #""s""#,
        "null", "{}", "[]", "", "[1,", #"{"a":1}x"#, #"{"a":1,"b":[}"#, "[01]", #"{"a":"\ud83d\udd11"}"#,
    ]
    private static let pointers = [
        "", "/a", "/a/b", "/a/b/0", "/a/b/1/c", "/a/b/2/1", "/a/b/3", "/a/b/00", "/a/b/-", "/a/c", "/",
        "/x~1y",
        "/m~0n", "/é", "/ab", "/0", "/1/0/0", "/2", "/s",
    ]

    @Test(arguments: texts)
    func valuesAreThoseOfTheTree(_ text: String) throws {
        let tree = try? JSON.parse(text.bytes)
        for pointer in Self.pointers {
            let steps = try #require(JSON.tokens(ofPointer: pointer))
            let expected = tree?.value(at: steps)
            #expect(JSONText(text.bytes).value(at: steps) == expected, "\(pointer)")
            #expect(JSONText(("\u{FEFF}" + text).bytes).value(at: steps) == expected, "\(pointer)")
        }
    }

    @Test func namesAreComparedByteForByte() {
        #expect(JSONText(#"{"é":3}"#.bytes).value(at: ["e\u{301}"]) == nil)
    }

    @Test func elementsAreAsTheyAreWritten() {
        let text = JSONText(("\u{FEFF}" + #" {"items" : [ {"a" : 1} , 2,[ ] ,"x"]}"#).bytes)
        let all = text.elements(at: ["items"], most: 9)
        #expect(all?.first.map { Array($0).string } == [#"{"a" : 1}"#, "2", "[ ]", #""x""#])
        let two = text.elements(at: ["items"], most: 2)
        #expect(two?.first.count == 2 && two?.count == 4)
        #expect(text.elements(at: [], most: 9) == nil && text.elements(at: ["no"], most: 9) == nil)
        #expect(JSONText("[]".bytes).elements(at: [], most: 9)?.count == 0)
        #expect(JSONText("[1,2".bytes).elements(at: [], most: 9) == nil)
    }

    @Test func depthIsThatOfTheWholeText() {
        func nested(_ depth: Int) -> [UInt8] {
            (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).bytes
        }
        #expect(JSONText(nested(128)).value(at: ["0", "0"]) != nil)
        #expect(JSONText(nested(129)).value(at: ["0", "0"]) == nil)
    }
}
