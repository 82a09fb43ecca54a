// An event: one hook invocation as MWDB's event source wrote it. Its bytes are opaque and passed on unchanged;
// what routing needs is read out once, at intake.

/// One hook invocation.
package struct Event: Sendable, Equatable {
    /// The event's id, a UUIDv7 as the source writes it; `webhook-id` of every request.
    package var id: String
    /// The hook's name, `on_created_file`, or an operational event's, `source.lost`.
    package var type: String
    /// Login of the user who caused it; nil when there was none.
    package var actor: String?
    /// Id of the object it is about: of the first of `file`, `object`, `config`, `blob`, `parent`… in `data`.
    package var object: String?
    /// SHA-256 (64 lower-case hex digits) of the file among its arguments; nil when none is of type file.
    package var file: FileReference?
    /// The event as it was written, one line of JSON without the line break.
    package var body: [UInt8]

    /// An event whose parts were read from `body`.
    package init(
        id: String, type: String, actor: String? = nil, object: String? = nil, file: FileReference? = nil,
        body: [UInt8]
    ) {
        self.id = id
        self.type = type
        self.actor = actor
        self.object = object
        self.file = file
        self.body = body
    }
}

/// The file that an event is about.
package struct FileReference: Sendable, Equatable {
    /// 64 lower-case hex digits.
    package var sha256: String
    /// Size in bytes where the event says it.
    package var size: Int64?

    /// A reference to a file.
    package init(sha256: String, size: Int64?) {
        self.sha256 = sha256
        self.size = size
    }
}
