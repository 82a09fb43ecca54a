// Moments as text and back, ids that sort by time, numbers of any size.

import Testing

@testable import Model

@Suite struct TimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_458_483_266, "2026-11-23T18:28:03.266Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
            (Int64.min, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func rfc3339(milliseconds: Int64, expected: String) {
        #expect(Timestamp(milliseconds: milliseconds).rfc3339 == expected)
    }

    @Test func everyDayGoesThereAndBack() {
        for day in stride(from: Int64(-800_000), through: 3_000_000, by: 97) {
            let date = CalendarDay(sinceEpoch: day)
            #expect(date.sinceEpoch == day)
            #expect(CalendarDay(year: date.year, month: date.month, day: date.day) == date)
        }
    }

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ])
    func httpDates(text: String) {
        // The examples of RFC 9110, 5.6.7.
        #expect(Timestamp(httpDate: text) == Timestamp(milliseconds: 784_111_777_000))
    }

    @Test(arguments: [
        "", "0", "tomorrow", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Now 1994 08:49:37 GMT",
        "Sun, 06 Nov 99999 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z",
    ])
    func noHTTPDates(text: String) {
        #expect(Timestamp(httpDate: text) == nil)
    }

    @Test func eventIDsAreUUIDv7() {
        // The test vector of RFC 9562, appendix A.6.
        let id = EventID.make(
            now: Timestamp(milliseconds: 0x017F_22E2_79B0), random: (0xCC3, 0x18C4_DC0C_0C07_398F))
        #expect(id == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
        #expect(EventName.isID(id.utf8))
    }

    @Test func eventIDsSortByTimeWhateverTheChance() {
        var dice = SeededRandom(seed: 1)
        var last = ""
        for milliseconds in stride(from: Int64(0), to: 1 << 47, by: 1 << 38) {
            let now = Timestamp(milliseconds: milliseconds)
            let id = EventID.make(now: now, random: (dice.next(), dice.next()))
            #expect(id > last)
            #expect(id.utf8.count == 36)
            #expect(Array(id.utf8)[14] == UInt8(ascii: "7"))
            #expect("89ab".utf8.contains(Array(id.utf8)[19]))
            last = id
        }
    }

    @Test func decimalNumbersCompareExactly() throws {
        let ascending = [
            "-1e400", "-" + String(repeating: "9", count: 301), "-10", "-9.5", "-1e-3", "0", "1e-400",
            "0.001", "0.0010001",
            "1", "9007199254740992", "9007199254740993", "18446744073709551616", "1e300", "1.25e300",
            "1" + String(repeating: "0", count: 301), "1e99999999999999999999",
        ]
        let numbers = try ascending.map { try #require(DecimalNumber($0)) }
        for left in numbers.indices {
            for right in numbers.indices {
                #expect(
                    (numbers[left] < numbers[right]) == (left < right),
                    "\(ascending[left]) \(ascending[right])")
                #expect((numbers[left] == numbers[right]) == (left == right))
            }
        }
        #expect(DecimalNumber("1.25e300") == DecimalNumber("125" + String(repeating: "0", count: 298)))
        #expect(DecimalNumber("-0") == DecimalNumber("0.000e5"))
        #expect(DecimalNumber("1.0") == DecimalNumber("1"))
        #expect(DecimalNumber("100e-2") == DecimalNumber(Int64(1)))
        #expect(DecimalNumber(Int64.min) == DecimalNumber("-9223372036854775808"))
        for text in ["", "-", "1.", ".5", "1e", "0x1", "1 ", "NaN", "1_000", "--1", "٣"] {
            #expect(DecimalNumber(text) == nil, "\(text)")
        }
    }
}
