// Times of files, however far off.

import Glibc
import Model
import Testing

@testable import Dispatcher

struct FileTimeTests {
    @Test(
        arguments: [
            (0, 0), (1_795_458_483, 1_795_458_483), (-1, 0), (Int.min, 0), (253_402_300_800, 253_402_300_799),
            (Int.max / 1000 + 1, 253_402_300_799), (Int.max, 253_402_300_799),
        ] as [(Int, Int)])
    func aFilesTimeIsOneThatCanBeReckonedWith(_ seconds: Int, _ expected: Int) {
        #expect(
            Timestamp(timespec(tv_sec: seconds, tv_nsec: 999_999_999)).milliseconds == Int64(expected) * 1000)
    }
}
