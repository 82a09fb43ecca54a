// Moments as they are written in queries and on the command line.

import Testing

@testable import Model

@Suite("Moments")
struct TimestampTests {
    @Test(
        "RFC 3339 with fractions and offsets, and whole days",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-23T18:28:03.266Z", 1_795_458_483_266),
            ("2026-11-23T19:28:03.266123+01:00", 1_795_458_483_266),
            ("2026-11-23 13:28:03.266-05:00", 1_795_458_483_266),
            ("2000-02-29", 951_782_400_000), ("1969-12-31T23:59:59.5Z", -500),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("0000-03-01", -62_162_035_200_000),
        ] as [(String, Int64)])
    func read(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(
        "Everything else is none",
        arguments: [
            "", "2026", "2026-13-01", "2026-02-29", "1900-02-29", "2026-11-23T", "2026-11-23T24:00:00Z",
            "2026-11-23T18:28:03", "2026-11-23T18:28:03.Z", "2026-11-23T18:28:03+1:00",
            "2026-11-23T18:28:03Z ",
            "٢٠٢٦-١١-٢٣", "+026-11-23", "2026-11-23T18:28:03Zulu",
        ])
    func refused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }
}
