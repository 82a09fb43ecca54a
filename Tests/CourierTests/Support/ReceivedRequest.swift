// A request as it came over the wire.

/// What a scripted receiver read.
struct ReceivedRequest: Sendable {
    /// Number of the connection it came on, from 1.
    var connection = 0
    var method = ""
    var target = ""
    /// The head as it was sent, with its empty line.
    var head = ""
    /// Names in lower case, in order.
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// As many body bytes came as Content-Length said.
    var isComplete = false

    /// The first field called `name` (lower case).
    func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    /// The body's announced length; 0 without one.
    var contentLength: Int {
        header("content-length").flatMap { Int($0) } ?? 0
    }

    /// Reads the lines of `head`.
    init(head: String, connection: Int) {
        self.head = head
        self.connection = connection
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
        let words = (lines.first ?? "").split(separator: " ")
        method = words.first.map(String.init) ?? ""
        target = words.dropFirst().first.map(String.init) ?? ""
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let value = parts[1].drop { $0 == " " }
            headers.append((parts[0].lowercased(), String(value)))
        }
    }
}
