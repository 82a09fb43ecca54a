// Who of a line is tried.

import Model
import Testing

@testable import Outbox

@Suite("Line")
struct LineTests {
    private func id(_ sequence: Int64) -> DeliveryID { DeliveryID(sequence: sequence, plugin: .a) }

    private func decide(free: [Int64] = [], tried: [Int64] = [], next: Int64? = nil) -> Line.Decision {
        var line = Line()
        line.active += free.map { Line.Place(delivery: id($0), state: .waiting, isTried: false) }
        line.active += tried.map { Line.Place(delivery: id($0), state: .ready, isTried: true) }
        line.next = next.map(id)
        return line.decision
    }

    @Test("an empty line needs nothing; where nobody is tried the first is opened")
    func first() {
        #expect(decide().opened == nil)
        #expect(decide(next: 4).opened == id(4))
        #expect(decide(next: 4).blocked.isEmpty)
    }

    @Test("whoever waits for a retry keeps its place; who comes late before it takes it")
    func late() {
        #expect(decide(free: [3], next: 4).opened == nil)
        #expect(decide(free: [3], next: 4).blocked.isEmpty)
        let late = decide(free: [3], next: 2)
        #expect(late.opened == id(2))
        #expect(late.blocked.map(\.delivery) == [id(3)])
        #expect(!late.isOvertaken)
    }

    @Test("while one is tried nobody else is, and it is known that the first was overtaken")
    func tried() {
        #expect(decide(tried: [3], next: 4).opened == nil)
        #expect(!decide(tried: [3], next: 4).isOvertaken)
        #expect(decide(tried: [3], next: 2).opened == nil)
        #expect(decide(tried: [3], next: 2).isOvertaken)
        #expect(decide(free: [1, 5], tried: [3], next: 2).blocked.map(\.delivery) == [id(1), id(5)])
    }

    @Test("of several only the first stays open")
    func several() {
        #expect(decide(free: [7, 5, 9], next: 6).blocked.map(\.delivery) == [id(7), id(9)])
        #expect(decide(free: [7, 5, 9], next: 6).opened == nil)
    }
}
