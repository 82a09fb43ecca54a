// The header fields of one request in the form libcurl wants them: a linked list of C strings.
// The memory belongs to a transfer and is used again by its next request: no allocation a field.
// Failure: a field that holds a control character is refused, so that no value can inject a header.

import CCurl
import Glibc
import Model

/// A reusable `curl_slist` whose nodes and strings lie in two blocks of memory.
struct FieldList: ~Copyable {
    private var text: UnsafeMutablePointer<CChar>
    private var capacity: Int
    private var used = 0
    private var nodes: UnsafeMutablePointer<curl_slist>
    private var nodeCapacity: Int
    private var starts: [Int] = []

    init() {
        capacity = 2048
        text = .allocate(capacity: capacity)
        nodeCapacity = 16
        nodes = .allocate(capacity: nodeCapacity)
    }

    deinit {
        text.deallocate()
        nodes.deallocate()
    }

    /// Forgets all fields and keeps the memory.
    mutating func removeAll() {
        used = 0
        starts.removeAll(keepingCapacity: true)
    }

    /// Adds `name: value`. False: a control character, an empty name or a colon in the name.
    mutating func append(_ header: Header) -> Bool {
        let start = used
        guard append(text: header.name, isName: true), used > start else { return false }
        // libcurl takes "name:" without a value for the wish to leave the field out; "name;" sends it empty.
        if header.value.isEmpty {
            append(line: ";")
        } else {
            append(line: ": ")
            guard append(text: header.value, isName: false) else { return false }
        }
        terminate(start)
        return true
    }

    /// Adds a line in libcurl's own notation, e.g. `Expect:` to leave a default field out.
    mutating func append(directive: StaticString) {
        let start = used
        append(line: directive)
        terminate(start)
    }

    /// Adds a line that is known to be safe.
    mutating func append(name: StaticString, value: [UInt8]) {
        let start = used
        append(line: name)
        append(line: ": ")
        value.withUnsafeBufferPointer { append($0) }
        terminate(start)
    }

    /// Links the nodes; valid until the next change. nil when there are no fields.
    mutating func link() -> UnsafeMutablePointer<curl_slist>? {
        guard !starts.isEmpty else { return nil }
        if starts.count > nodeCapacity {
            nodes.deallocate()
            nodeCapacity = starts.count * 2
            nodes = .allocate(capacity: nodeCapacity)
        }
        let last = starts.count - 1
        for index in 0...last {
            let next = index == last ? nil : nodes + index + 1
            (nodes + index).initialize(to: curl_slist(data: text + starts[index], next: next))
        }
        return nodes
    }

    private mutating func append(text string: String, isName: Bool) -> Bool {
        var string = string
        return string.withUTF8 { bytes in
            for byte in bytes where byte < 0x20 && byte != 0x09 || byte == 0x7f { return false }
            if isName { for byte in bytes where byte == 0x3a || byte == 0x09 { return false } }
            append(bytes)
            return true
        }
    }

    private mutating func append(line: StaticString) {
        append(UnsafeBufferPointer(start: line.utf8Start, count: line.utf8CodeUnitCount))
    }

    private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        memcpy(text + used, base, bytes.count)
        used += bytes.count
    }

    private mutating func terminate(_ start: Int) {
        reserve(1)
        text[used] = 0
        used += 1
        starts.append(start)
    }

    private mutating func reserve(_ count: Int) {
        guard used + count > capacity else { return }
        let larger = max(capacity * 2, used + count)
        let moved = UnsafeMutablePointer<CChar>.allocate(capacity: larger)
        memcpy(moved, text, used)
        text.deallocate()
        text = moved
        capacity = larger
    }
}
