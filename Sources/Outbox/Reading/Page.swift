// Paging by position: a page says where the next one begins, so that no page costs more than another.

/// Some rows, newest first, and where the rest begins.
package struct Page<Item: Sendable & Equatable>: Sendable, Equatable {
    /// The rows; may be empty though there is a next page, because a page examines a bounded number of rows.
    package var items: [Item]
    /// Pass it to get the rows after these; nil: there are no more.
    package var next: PageToken?
}

/// Where a page begins. Opaque, but short and printable: `PageToken(text)` reads back what `description` wrote.
package struct PageToken: Sendable, Hashable, CustomStringConvertible {
    /// Rows below this number come next.
    let below: Int64

    init(below: Int64) {
        self.below = below
    }

    /// Reads what `description` wrote; nil when it is something else.
    package init?(_ text: String) {
        guard let below = Int64(text), below >= 0 else { return nil }
        self.below = below
    }

    /// As text.
    package var description: String { String(below) }
}
