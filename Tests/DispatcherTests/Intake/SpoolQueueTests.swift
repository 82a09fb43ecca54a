// Which spool files come next, and what is known to be taken.

import Model
import Testing

@testable import Dispatcher

struct SpoolQueueTests {
    private func drain(_ queue: inout SpoolQueue) -> [String] {
        var names: [String] = []
        while let name = queue.next() { names.append(name) }
        return names
    }

    @Test func namesComeInTheirOrderOnce() {
        var queue = SpoolQueue()
        queue.add("3")
        queue.add("4")
        queue.add(listing: ["1", "2", "3"], isComplete: true, .at(0))
        queue.add("4")
        #expect(drain(&queue) == ["1", "2", "3", "4"])
        #expect(queue.count == 4, "they are under way")
        queue.add("2")
        #expect(queue.next() == nil)
        queue.finished("2")
        queue.add("2")
        #expect(queue.next() == "2")
    }

    @Test func whatFailedIsNextAgain() {
        var queue = SpoolQueue()
        queue.add(listing: ["1", "2", "3"], isComplete: true, .at(0))
        #expect(queue.next() == "1")
        #expect(queue.next() == "2")
        queue.putBack("2")
        queue.putBack("1")
        #expect(drain(&queue) == ["1", "2", "3"])
        queue.putBack("1")
        queue.putBack("3")
        #expect(drain(&queue) == ["1", "3"])
    }

    @Test func memoryIsBounded() {
        var queue = SpoolQueue(capacity: 3)
        for name in ["1", "2", "3", "4", "5"] { queue.add(name) }
        #expect(queue.count == 3 && queue.room == 0 && queue.mayBeMore)
        #expect(drain(&queue) == ["1", "2", "3"])
        queue.finished("1")
        #expect(queue.room == 1)
        queue.add(listing: ["4"], isComplete: false, .at(0))
        #expect(queue.mayBeMore)
        queue.finished("2")
        queue.finished("3")
        queue.add(listing: ["5"], isComplete: true, .at(1))
        #expect(!queue.mayBeMore)
    }

    @Test func whatCannotBeReadIsLeftAloneForAWhile() {
        var queue = SpoolQueue()
        queue.add("1")
        _ = queue.next()
        queue.leaveAlone("1", until: .at(60))
        #expect(queue.count == 0)
        queue.add("1")
        #expect(queue.next() == nil)
        #expect(queue.skips("1", .at(59)))
        #expect(!queue.skips("1", .at(60)))
        queue.add(listing: ["1"], isComplete: true, .at(60))
        #expect(queue.next() == "1")
    }

    @Test func takenUntilIsTheMomentOfAListingThatWasTakenWhole() {
        var queue = SpoolQueue()
        #expect(queue.takenUntil == nil)
        queue.add("0")
        queue.add(listing: ["1", "2"], isComplete: true, .at(5))
        queue.add("3")
        _ = drain(&queue)
        for name in ["3", "2", "0"] { queue.finished(name) }
        #expect(queue.takenUntil == nil)
        queue.add(listing: ["4"], isComplete: true, .at(10))
        queue.finished("1")
        #expect(queue.takenUntil == .at(5), "4 is of the next round")
        queue.add(listing: [], isComplete: true, .at(15))
        queue.finished("4")
        #expect(queue.takenUntil == .at(15))
    }

    @Test func anIncompleteListingSaysNothingAboutWhatIsTaken() {
        var queue = SpoolQueue()
        queue.add(listing: ["1"], isComplete: false, .at(5))
        queue.finished("1")
        #expect(queue.takenUntil == nil)
    }

    @Test func whatCannotBeReadDoesNotStopTime() {
        var queue = SpoolQueue()
        queue.add(listing: ["1"], isComplete: true, .at(5))
        _ = queue.next()
        queue.leaveAlone("1", until: .at(60))
        #expect(queue.takenUntil == .at(5))
    }

    @Test func anEmptySpoolIsTaken() {
        var queue = SpoolQueue()
        queue.add(listing: [], isComplete: true, .at(5))
        #expect(queue.takenUntil == .at(5))
    }

    @Test func namesThatComeAndGoLeaveNothingBehind() {
        var queue = SpoolQueue()
        for number in 0..<50_000 {
            queue.add("\(number)")
            #expect(queue.next() == "\(number)")
            queue.finished("\(number)")
        }
        #expect(queue.count == 0 && queue.isEmpty)
    }
}
