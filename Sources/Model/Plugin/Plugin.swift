// A plugin: one external HTTP endpoint with its subscription, request, judgement and limits.
// Made by Settings from the INI files; a pure value, compared on reload to see what changed.

/// Everything that is configured for one plugin. Secrets are already resolved; print it with care.
package struct Plugin: Sendable, Equatable {
    /// The plugin's name, `[a-z0-9_.-]{1,64}`; what `[plugin:NAME]` says.
    package var name: String
    /// `enabled = 0` gets nothing new and its backlog is held.
    package var enabled = true
    /// Announced as MWDB announces its plugins.
    package var author: String?
    /// Announced as MWDB announces its plugins.
    package var version: String?
    /// Announced as MWDB announces its plugins.
    package var summary: String?

    // Which events: applied once, at intake.

    /// Hooks it is called for.
    package var hooks = HookSelection.none
    /// Lines that must all hold for an event to be delivered.
    package var filter = Filter.everything

    // The request: applied at each attempt.

    /// HTTP method.
    package var method = "POST"
    /// Where requests go. Templates stand only in path and query.
    package var url = Template(literal: "")
    /// Address for people, `{{plugin.public_url}}`.
    package var publicURL: String?
    /// What is sent.
    package var body = BodyKind.event
    /// `template`: the body's text for `json`, `text` and `raw`, the data for `cloudevents`; nil sends the event (or the
    /// file).
    package var template: Template?
    /// `content_type` of the body; nil: what the kind of body implies.
    package var contentType: String?
    /// `field.NAME` for `form` and `multipart`, in the order of the file.
    package var fields: [NamedTemplate] = []
    /// `file.*` for `multipart`.
    package var file = FileField()
    /// `header.NAME`, in the order of the file; `auth` is already among them.
    package var headers: [NamedTemplate] = []
    /// `secret`: keys that sign each request (Standard Webhooks); the first is the newest.
    package var secrets: [SigningSecret] = []
    /// Certificates, proxy, addresses and time limits; `totalTimeout` is for a small body.
    package var transport = Transport()
    /// Most bytes of an answer that are read.
    package var maximumResponse = 65_536

    // The judgement: applied to each answer.

    /// Statuses that mean delivered.
    package var success = StatusSet.twoHundreds
    /// Condition on the answer; false: retry.
    package var successIf: AnswerCondition?
    /// Condition on the answer; true: dead.
    package var deadIf: AnswerCondition?
    /// Values taken from the answer.
    package var extractions: [Extraction] = []
    /// What is written to MWDB from them.
    package var writeBacks: [WriteBack] = []

    // Retries and limits.

    /// Shortest and longest pause between attempts.
    package var backoff = Backoff(shortest: .seconds(5), longest: .hours(1))
    /// Tried in vain for this long (and at least 5 times): dead.
    package var maximumAge = Span.days(3)
    /// Tried in vain this often: dead. nil: no limit.
    package var maximumAttempts: Int?
    /// What to do when the request was sent and no complete answer came.
    package var onAmbiguous = AmbiguityRule.retry
    /// Most attempts in a period; nil: no limit.
    package var rate: Rate?
    /// Most deliveries in flight at once.
    package var concurrency = 16
    /// In which order a backlog is worked off.
    package var drain = DrainOrder.fair
    /// Which of its deliveries wait for each other.
    package var order = DeliveryOrder.none
    /// How many deliveries go in one request.
    package var batch = Batching()

    /// A plugin with every setting at its default.
    package init(name: String) {
        self.name = name
    }

    /// Events of this plugin need the sample's content on disk.
    package var wantsContent: Bool {
        body == .multipart && file.field != nil || body == .raw && template == nil
    }
}

/// `body = …`: how a request's body is made.
package enum BodyKind: String, Sendable, Equatable, CaseIterable {
    /// The event as it was written, `application/json`; or `template`'s text as JSON.
    case event = "json"
    /// The event as CloudEvents 1.0 in structured mode, `application/cloudevents+json`; or with `template`'s text as its
    /// data.
    case cloudevents
    /// The event's data, or `template`'s text, as JSON, and its attributes in `ce-…` headers.
    case cloudeventsBinary = "cloudevents-binary"
    /// A form with files, `multipart/form-data`.
    case multipart
    /// `application/x-www-form-urlencoded`.
    case form
    /// `template`'s text, `text/plain`.
    case text
    /// `template`'s text, or the sample's bytes without one, `application/octet-stream`.
    case raw
    /// No body.
    case none

    /// What is sent is JSON, and `template` must be.
    package var isJSON: Bool {
        switch self {
        case .event, .cloudevents, .cloudeventsBinary: true
        case .multipart, .form, .text, .raw, .none: false
        }
    }

    /// `content_type` has an effect: the others' is fixed, or there is none.
    package var takesContentType: Bool {
        switch self {
        case .event, .form, .text, .raw: true
        case .cloudevents, .cloudeventsBinary, .multipart, .none: false
        }
    }
}

/// A name with a template for its value: a header or a form field.
package struct NamedTemplate: Sendable, Equatable {
    /// Header or field name.
    package var name: String
    /// Its value.
    package var value: Template

    /// A named template.
    package init(name: String, value: Template) {
        self.name = name
        self.value = value
    }
}

/// `file.field`, `file.name`, `file.content_type` of a multipart body.
package struct FileField: Sendable, Equatable {
    /// Form field of the sample; nil: no sample is sent.
    package var field: String? = "file"
    /// File name of the sample; empty gives the SHA-256.
    package var name = Template(literal: "")
    /// Content type of the sample's part.
    package var contentType = "application/octet-stream"

    /// The default: field `file`, named by its SHA-256.
    package init() {}
}

/// `on_ambiguous`: what to do when the receiver may or may not have acted.
package enum AmbiguityRule: String, Sendable, Equatable, CaseIterable {
    /// Try again; the receiver is idempotent by `webhook-id`.
    case retry
    /// Wait for the operator.
    case hold
}

/// `drain`: in which order a backlog is worked off.
package enum DrainOrder: String, Sendable, Equatable, CaseIterable {
    /// Newest and oldest in turn: fresh events do not wait behind days of backlog, and the backlog shrinks.
    case fair
    /// Oldest first.
    case fifo
    /// Newest first.
    case lifo
}

/// `order`: which deliveries of a plugin go one at a time, in the order of their events.
package enum DeliveryOrder: String, Sendable, Equatable, CaseIterable {
    /// None: each goes when it can.
    case none
    /// Those for one object; different objects, and events without one, in parallel.
    case object
    /// All.
    case strict
}

/// `rate = 5/m`: a token bucket.
package struct Rate: Sendable, Equatable {
    /// Attempts allowed in each period.
    package var count: Int
    /// Length of the period.
    package var period: Span

    /// `count` attempts each `period`.
    package init(count: Int, period: Span) {
        self.count = count
        self.period = period
    }
}

/// `backoff = 5s..1h`: shortest and longest pause between attempts.
package struct Backoff: Sendable, Equatable {
    /// Upper end of the first pause.
    package var shortest: Span
    /// Upper end of all later pauses.
    package var longest: Span

    /// Pauses from `shortest` to `longest`.
    package init(shortest: Span, longest: Span) {
        self.shortest = shortest
        self.longest = longest
    }
}

/// One write to MWDB after a delivery.
package enum WriteBack: Sendable, Equatable {
    /// `attribute.KEY`.
    case attribute(AttributeWriteBack)
    /// `tag`.
    case tag(Template)
    /// `comment`.
    case comment(Template)
}

/// `attribute.KEY` with its definition.
package struct AttributeWriteBack: Sendable, Equatable {
    /// Attribute key, `[A-Za-z0-9_-]{1,32}`.
    package var key: String
    /// Value; a lone `{{x}}` keeps its JSON type.
    package var value: Template
    /// `.label` of the definition.
    package var label: String?
    /// `.description` of the definition.
    package var summary: String?
    /// `.url_template` of the definition.
    package var urlTemplate: String?
    /// `.readers = public`: this group gets read permission when the key is defined.
    package var readers: String?
    /// `.match`: what the value must look like as a whole, a regular expression; nil: anything.
    package var match: String?

    /// A write of `value` to the attribute `key`.
    package init(key: String, value: Template) {
        self.key = key
        self.value = value
    }
}
