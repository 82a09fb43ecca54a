// What the event source lost before it could write counts once.

import Model
import Testing

@testable import Dispatcher

struct LostEventsTests {
    private func lost(_ count: JSON) -> Event {
        Event(Sample.line("l", "source.lost", data: [("count", count), ("reason", .string("disk full"))]))
    }

    @Test func aReportIsCountedWhenItIsAccepted() {
        var figures = IntakeFigures()
        figures.count(.accepted(sequence: 1), lost(.number("7")))
        figures.count(.duplicate, lost(.number("7")))
        figures.count(.conflict, lost(.number("9")))
        figures.count(.accepted(sequence: 2), Event(Sample.file("e")))
        #expect(figures.lostAtSource == 7)
        #expect(figures.accepted == 2 && figures.duplicates == 1 && figures.conflicts == 1)
    }

    @Test func whatIsMoreThanANumberHoldsStopsAtTheHighest() {
        var figures = IntakeFigures()
        for sequence in 1...2 {
            figures.count(.accepted(sequence: Int64(sequence)), lost(.number("9223372036854775807")))
        }
        #expect(figures.lostAtSource == .max)
    }

    @Test(arguments: [JSON.number("-3"), .number("1e999"), .string("7"), .null, .array([])])
    func aStrangeCountIsNone(_ count: JSON) {
        #expect(lost(count).lostCount == 0)
    }

    @Test func onlySourceLostReportsLosses() {
        let event = Event(Sample.line("e", "on_created_user", data: [("count", .number("7"))]))
        #expect(event.lostCount == 0)
    }
}
