// One comparison of a value with values of the configuration; what `filter`, `success_if` and `dead_if` are made of.
// A missing value makes every comparison false, also `!=`.

/// An operator with the values on its right, ready to be applied.
struct Comparison: Sendable, Equatable {
    /// The operators, as they are written.
    enum Operator: String, CaseIterable, Sendable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case startsWith = "startswith"
        case endsWith = "endswith"
        case contains
        case matches
        case isIn = "in"
        case has
        case exists
    }

    /// What is asked.
    let operation: Operator
    /// Alternatives; none for `exists`.
    let operands: [Operand]

    /// One value on the right.
    struct Operand: Sendable, Equatable {
        /// As it was written, without quotes.
        let text: String
        /// Its UTF-8.
        let bytes: [UInt8]
        /// The number it stands for: bare ones only, sizes (`100MB`) included.
        let number: DecimalNumber?
        /// Was written without quotes.
        let isBare: Bool
        /// The expression it is, for `matches`.
        let pattern: Pattern?

        /// An operand of `operation`.
        /// - Throws: `ValueError` for a malformed regular expression.
        init(_ text: String, isBare: Bool, for operation: Operator) throws(ValueError) {
            self.text = text
            self.isBare = isBare
            bytes = Array(text.utf8)
            number =
                isBare ? DecimalNumber(text) ?? (try? ByteSize.parse(text)).map { DecimalNumber($0) } : nil
            pattern = operation == .matches ? try Pattern(parsing: text) : nil
        }
    }

    /// Whether `value` compares so; nil is a missing value. Several operands are alternatives; `!=` holds when
    /// the value equals none of them.
    func holds(for value: JSON?) -> Bool {
        guard let value else { return false }
        switch operation {
        case .exists: return value != .null
        case .notEqual: return !operands.contains { equals(value, $0) }
        default: return operands.contains { holds(value, $0) }
        }
    }

    private func holds(_ value: JSON, _ operand: Operand) -> Bool {
        switch operation {
        case .equal, .isIn: equals(value, operand)
        case .less: precedes(value, operand) { $0 == .less }
        case .lessOrEqual: precedes(value, operand) { $0 != .greater }
        case .greater: precedes(value, operand) { $0 == .greater }
        case .greaterOrEqual: precedes(value, operand) { $0 != .less }
        case .startsWith: anyText(of: value) { $0.utf8.starts(with: operand.bytes) }
        case .endsWith:
            anyText(of: value) { $0.utf8.suffix(operand.bytes.count).elementsEqual(operand.bytes) }
        case .contains: anyText(of: value) { ByteSearch.contains($0, operand.bytes) }
        case .matches: anyText(of: value) { operand.pattern?.isFound(in: $0) ?? false }
        case .has: has(value, operand)
        case .notEqual, .exists: false
        }
    }

    // MARK: Equality

    /// Texts are equal byte for byte, numbers by value; a bare `null` is null; lists and objects equal nothing.
    private func equals(_ value: JSON, _ operand: Operand) -> Bool {
        switch value {
        case .null: operand.isBare && operand.text == "null"
        case .bool(let flag): operand.text == (flag ? "true" : "false")
        case .number(let number):
            operand.number.map { DecimalNumber(number) == $0 } ?? (number == operand.text)
        case .string(let text): text.utf8.elementsEqual(operand.bytes)
        case .array, .object: false
        }
    }

    /// A list has an element, an object a key.
    private func has(_ value: JSON, _ operand: Operand) -> Bool {
        switch value {
        case .array(let elements): elements.contains { equals($0, operand) }
        case .object(let members): members.contains { $0.key.utf8.elementsEqual(operand.bytes) }
        default: false
        }
    }

    // MARK: Order

    private enum Order {
        case less, equal, greater

        init<T: Comparable>(_ left: T, _ right: T) {
            self = left < right ? .less : left == right ? .equal : .greater
        }
    }

    /// Numbers are compared with numbers. Texts are compared with a number when they are one, with other text
    /// byte by byte (as times in RFC 3339 want it). Anything else has no order.
    private func precedes(_ value: JSON, _ operand: Operand, _ wanted: (Order) -> Bool) -> Bool {
        switch value {
        case .number(let number):
            guard let left = DecimalNumber(number), let right = operand.number else { return false }
            return wanted(Order(left, right))
        case .string(let text):
            if let right = operand.number {
                guard let left = DecimalNumber(text) else { return false }
                return wanted(Order(left, right))
            }
            if text.utf8.elementsEqual(operand.bytes) { return wanted(.equal) }
            return wanted(text.utf8.lexicographicallyPrecedes(operand.bytes) ? .less : .greater)
        default:
            return false
        }
    }

    // MARK: Text

    /// Whether `condition` holds for the text, the number as written, or any such element of the list.
    private func anyText(of value: JSON, _ condition: (String) -> Bool) -> Bool {
        switch value {
        case .string(let text), .number(let text): condition(text)
        case .array(let elements):
            elements.contains { element in
                switch element {
                case .string(let text), .number(let text): condition(text)
                default: false
                }
            }
        default: false
        }
    }
}
