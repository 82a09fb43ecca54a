// Durations, sizes, rates, backoff, status sets and networks as they are configured.

import Testing

@testable import Model

@Suite struct ConfiguredValueTests {
    @Test(
        arguments: [
            ("100ms", 100), ("5s", 5_000), ("10m", 600_000), ("1h", 3_600_000), ("3d", 259_200_000), ("0", 0),
            ("0s", 0),
            ("1h 30m", 5_400_000), ("1h30m", 5_400_000), (" 7s ", 7_000), ("36500d", 3_153_600_000_000),
        ] as [(String, Int64)])
    func durations(text: String, expected: Int64) throws {
        #expect(try Span(parsing: text) == .milliseconds(expected))
        #expect(try Span(parsing: Span.milliseconds(expected).words) == .milliseconds(expected))
    }

    @Test(arguments: [
        "", " ", "5", "s", "5 s", "-5s", "1.5s", "5S", "5sec", "5w", "1h,30m", "99999999999999999999s",
        "36501d",
        "36500d 1ms", "9223372036854775807d", "٥s", "5s\u{0}",
    ])
    func noDurations(text: String) {
        let error = #expect(throws: ValueError.self) { try Span(parsing: text) }
        #expect(error?.message.isEmpty == false)
    }

    @Test func durationErrorsSayWhatIsMissing() {
        #expect(throws: ValueError("`5` has no unit; durations look like 100ms, 5s, 10m, 1h, 3d or 1h 30m")) {
            try Span(parsing: "5")
        }
        #expect(throws: ValueError("`sec` is no unit of time (ms, s, m, h, d)")) { try Span(parsing: "5sec") }
    }

    @Test(
        arguments: [
            ("0", 0), ("4096", 4096), ("64KB", 64_000), ("100MB", 100_000_000), ("1GiB", 1 << 30),
            ("1.5kb", 1_500),
            ("2 MiB", 2 << 20), ("8B", 8), ("1TiB", 1 << 40), ("3tb", 3_000_000_000_000), ("0.5KiB", 512),
        ] as [(String, Int64)])
    func sizes(text: String, expected: Int64) throws {
        #expect(try ByteSize.parse(text) == expected)
    }

    @Test(arguments: [
        "", "MB", "-1", "1.", ".5MB", "1.2345MB", "1XB", "1 M B", "0.5", "9223372036854775808", "9000000TiB",
        "1e3",
    ])
    func noSizes(text: String) {
        #expect(throws: ValueError.self) { try ByteSize.parse(text) }
    }

    @Test func rates() throws {
        #expect(try Rate(parsing: "5/m") == Rate(count: 5, period: .minutes(1)))
        #expect(try Rate(parsing: "1/s") == Rate(count: 1, period: .seconds(1)))
        #expect(try Rate(parsing: " 100 / 10s ") == Rate(count: 100, period: .seconds(10)))
        for text in [
            "", "5", "5/", "/m", "0/m", "-1/m", "5/m/s", "5/x", "5/0s", "5/10", "1.5/s", "99999999999/s",
        ] {
            #expect(throws: ValueError.self, "\(text)") { try Rate(parsing: text) }
        }
    }

    @Test func backoffs() throws {
        #expect(try Backoff(parsing: "5s..1h") == Backoff(shortest: .seconds(5), longest: .hours(1)))
        #expect(try Backoff(parsing: "30s") == Backoff(shortest: .seconds(30), longest: .seconds(30)))
        #expect(try Backoff(parsing: "5s .. 1h") == Backoff(shortest: .seconds(5), longest: .hours(1)))
        for text in ["", "..", "5s..", "..1h", "1h..5s", "0..5s", "5s...1h", "5s..1h..2h", "5s-1h"] {
            #expect(throws: ValueError.self, "\(text)") { try Backoff(parsing: text) }
        }
    }

    @Test func statusSets() throws {
        #expect(try StatusSet(parsing: "2xx, 409") == StatusSet(ranges: [200...299, 409...409]))
        #expect(try StatusSet(parsing: "200-204") == StatusSet(ranges: [200...204]))
        #expect(try StatusSet(parsing: "5XX").contains(599))
        for text in [
            "", "2xx,", "1xx", "6xx", "199", "600", "204-200", "20", "2000", "abc", "2x", "200 201", "-200",
        ] {
            #expect(throws: ValueError.self, "\(text)") { try StatusSet(parsing: text) }
        }
    }

    @Test func networks() throws {
        #expect(try Network(parsing: "10.0.0.0/8") == Network(address: [10, 0, 0, 0], prefix: 8))
        #expect(try Network(parsing: "192.0.2.7") == Network(address: [192, 0, 2, 7], prefix: 32))
        #expect(try Network(parsing: "0.0.0.0/0").contains([255, 1, 2, 3]))
        #expect(try Network(parsing: "fe80::/10") == Network.linkLocal[1])
        #expect(try Network(parsing: "::1").address == [UInt8](repeating: 0, count: 15) + [1])
        #expect(try Network(parsing: "::").prefix == 128)
        #expect(try Network(parsing: "2001:db8:1:2:3:4:5:6").address.suffix(2) == [0, 6])
        #expect(try Network(parsing: "::ffff:10.0.0.1").address.suffix(4) == [10, 0, 0, 1])
        #expect(try Network(parsing: "fd00::/8").contains([0xFD] + [UInt8](repeating: 7, count: 15)))
        for text in [
            "", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.1/8", "10.0.0", "10.0.0.0.0", "010.0.0.0",
            "256.0.0.0",
            "::/129", "1::2::3", ":::", "fe80:::", "12345::", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "host", "/8",
            "1:2:3:4:5:6:7::8:9", "fe80::1%eth0", "10.0.0.0/8/8", "+1::",
        ] {
            #expect(throws: ValueError.self, "\(text)") { try Network(parsing: text) }
        }
    }

    @Test func networksContainAddressesOfTheirFamily() throws {
        let network = try Network(parsing: "169.254.0.0/16")
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 169, 254, 169, 254]
        #expect(!network.contains(mapped), "what lies inside is the egress policy's affair")
        #expect(network.contains([169, 254, 169, 254]))
        #expect(!network.contains([169, 253, 169, 254]))
        #expect(!network.contains([169, 254]))
    }

    @Test(arguments: Hostile.strings)
    func hostileValuesAreErrors(text: String) {
        #expect(throws: ValueError.self) { try Span(parsing: text) }
        #expect(throws: ValueError.self) { try ByteSize.parse(text) }
        #expect(throws: ValueError.self) { try Rate(parsing: text) }
        #expect(throws: ValueError.self) { try Backoff(parsing: text) }
        #expect(throws: ValueError.self) { try StatusSet(parsing: text) }
        #expect(throws: ValueError.self) { try Network(parsing: text) }
        #expect(throws: ValueError.self) { try SigningSecret(parsing: text) }
    }
}
