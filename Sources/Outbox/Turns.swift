// Two sources that both have something are served in turn, so that neither starves. Pure.

/// Whose turn it is.
package struct Turns: Sendable {
    /// The second source has the next odd one.
    private var isOther = false

    /// The first source begins.
    package init() {}

    /// How many of `count` come from the source that is asked first; the rest is the other's.
    package mutating func share(of count: Int) -> Int {
        let share = (count + (isOther ? 1 : 0)) / 2
        if count % 2 == 1 { isOther.toggle() }
        return share
    }
}
