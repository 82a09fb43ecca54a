// How many requests of a group may be under way at once. Part of what Dispatch tells the courier.

/// A group's limit from now on.
package struct GroupLimit: Sendable, Equatable {
    /// The group, as in `Request.group`.
    package var group: Int
    /// Most requests of it under way at once.
    package var limit: Int

    /// At most `limit` requests of `group`.
    package init(group: Int, limit: Int) {
        self.group = group
        self.limit = limit
    }
}
