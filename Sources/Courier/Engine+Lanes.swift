// Which lane a request takes: the one of its destination, so that receivers that hang cost only themselves.

import Model

extension Engine {
    /// Destinations share a lane by chance when there are more than this: a few times the usual number.
    static let laneCount = 64

    /// The lane for `url`. nil when libcurl has no memory.
    func lane(for url: String) -> Lane? {
        if url == lastURL, let lastLane { return lastLane }
        let index = Engine.laneIndex(url)
        guard let lane = lanes[index] ?? Lane(engine: self) else { return nil }
        if lanes[index] == nil {
            lanes[index] = lane
            openLanes.append(lane)
        }
        lastURL = url
        lastLane = lane
        return lane
    }

    /// A number below `laneCount` for scheme, host and port of `url` (FNV-1a).
    static func laneIndex(_ url: String) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var slashes = 0
        for byte in url.utf8 {
            if byte == 0x2f { slashes += 1 }
            if slashes == 3 { break }
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Int(hash >> 32) & (laneCount - 1)
    }
}
