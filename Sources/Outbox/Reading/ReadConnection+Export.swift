// Events with their bytes, oldest first, so that what is exported is imported in the order in which it came.

import Model

/// Some events as they are stored.
package struct ExportPage: Sendable, Equatable {
    /// Their bytes, one event a line, each line ended.
    package var lines: [UInt8]
    /// Where the next page begins; nil: there are no more.
    package var next: PageToken?

    /// A page.
    package init(lines: [UInt8], next: PageToken?) {
        self.lines = lines
        self.next = next
    }
}

extension ReadConnection {
    /// Bytes after which a page ends.
    private static let exportedBytes = 4 << 20

    /// The events after `position` that match and whose bytes are kept.
    func export(_ filter: EventFilter, after position: Int64?) throws(OutboxError) -> ExportPage {
        var position = position ?? 0
        if let since = filter.since { position = max(position, try sequence(acceptedFrom: since) - 1) }
        let end = try filter.until.map { until throws(OutboxError) in try sequence(acceptedFrom: until) }
        let rows = try database.prepare(.eventsFrom)
        rows.bind(1, position)
        rows.bind(2, Int64(Self.examinedLimit))
        defer { rows.reset() }
        var page = ExportPage(lines: [], next: nil)
        var examined = 0
        while try rows.next() {
            position = rows.integer(0)
            if let end, position >= end { return page }
            examined += 1
            if filter.matches(rows, from: 1), !rows.isNull(4) {
                page.lines += rows.bytes(4)
                page.lines.append(10)
            }
            if page.lines.count >= Self.exportedBytes { break }
        }
        if examined == Self.examinedLimit || page.lines.count >= Self.exportedBytes {
            page.next = PageToken(below: position)
        }
        return page
    }
}
