// The 34 hooks of mwdb-core 2.20 (mwdb/core/plugins.py, PluginHookHandler), recorded on a running instance, and
// the fields that the event source writes for each type of argument.

extension Hook {
    /// The 34 hooks of MWDB 2.20, by name.
    package static let all: [Hook] = [
        Hook("on_changed_object", ("object", .object)),
        Hook("on_created_attribute", ("object", .object), ("attribute", .attribute)),
        Hook("on_created_attribute_key", ("attribute_def", .attributeDefinition)),
        Hook("on_created_comment", ("object", .object), ("comment", .comment)),
        Hook("on_created_config", ("config", .config)),
        Hook("on_created_file", ("file", .file)),
        Hook("on_created_group", ("group", .group)),
        Hook("on_created_membership", ("group", .group), ("user", .user)),
        Hook("on_created_object", ("object", .object)),
        Hook("on_created_relation", ("parent", .object), ("child", .object)),
        Hook("on_created_tag", ("object", .object), ("tag", .tag)),
        Hook("on_created_text_blob", ("blob", .blob)),
        Hook("on_created_user", ("user", .user)),
        Hook("on_removed_attribute", ("object", .object), ("attribute", .attribute)),
        Hook("on_removed_attribute_key", ("attribute_def", .attributeDefinition)),
        Hook("on_removed_comment", ("object", .object), ("comment", .comment)),
        Hook("on_removed_config", ("config", .config)),
        Hook("on_removed_file", ("file", .file)),
        Hook("on_removed_group", ("group", .group)),
        Hook("on_removed_membership", ("group", .group), ("user", .user)),
        Hook("on_removed_object", ("object", .object)),
        Hook("on_removed_relation", ("parent", .object), ("child", .object)),
        Hook("on_removed_tag", ("object", .object), ("tag", .tag)),
        Hook("on_removed_text_blob", ("blob", .blob)),
        Hook("on_removed_user", ("user", .user)),
        Hook("on_reuploaded_config", ("config", .config)),
        Hook("on_reuploaded_file", ("file", .file)),
        Hook("on_reuploaded_object", ("object", .object)),
        Hook("on_reuploaded_tag", ("object", .object), ("tag", .tag)),
        Hook("on_reuploaded_text_blob", ("blob", .blob)),
        Hook("on_updated_attribute_key", ("attribute_def", .attributeDefinition)),
        Hook("on_updated_group", ("group", .group)),
        Hook("on_updated_membership", ("group", .group), ("user", .user)),
        Hook("on_updated_user", ("user", .user)),
    ]

    /// Events that are no hooks of MWDB: `source.lost`, sent when the event source could not write for a while, and
    /// our own.
    package static let operational: [Hook] =
        [
            Hook("source.lost", ("count", .value), ("first", .value), ("last", .value), ("reason", .value))
        ] + own

    /// What the dispatcher announces of itself.
    package static let own: [Hook] = [
        Hook("plugin.suspended", ("plugin", .value), ("since", .value), ("reason", .value)),
        Hook("plugin.recovered", ("plugin", .value), ("since", .value), ("down_seconds", .value)),
        Hook("plugin.paused", ("plugin", .value), ("reason", .value)),
        Hook(
            "delivery.dead", ("plugin", .value), ("count", .value), ("first", .value), ("last", .value),
            ("reason", .value), ("delivery", .value)),
        Hook("outbox.nearly_full", ("free_bytes", .value), ("limit_bytes", .value), ("reason", .value)),
        Hook(
            "intake.rejected", ("count", .value), ("first", .value), ("last", .value), ("reason", .value),
            ("spool_file", .value)),
    ]

    /// Names of the fields that an argument of `kind` may have. `unavailable` names fields that could not be
    /// read, `truncated` those that were too large.
    package static func fields(of kind: Kind) -> [String] {
        let specific: [String] =
            switch kind {
            case .object: common + file + config + blob
            case .file: common + file
            case .config: common + config
            case .blob: common + blob
            case .tag: ["id", "tag"]
            case .comment: ["id", "comment", "timestamp", "author"]
            case .attribute: ["id", "key", "value", "hidden"]
            case .attributeDefinition:
                ["key", "label", "description", "url_template", "rich_template", "example_value", "hidden"]
            case .user:
                [
                    "login", "email", "additional_info", "feed_quality", "requested_on", "registered_on",
                    "logged_on", "set_password_on", "disabled", "pending", "groups",
                ]
            case .group:
                ["name", "capabilities", "private", "default", "workspace", "immutable", "users"]
            case .value: []
            }
        return kind == .value ? [] : specific + ["unavailable", "truncated"]
    }

    private static let common = ["id", "type", "upload_time", "share_3rd_party", "tags"]
    private static let file = [
        "file_name", "file_size", "file_type", "md5", "sha1", "sha256", "sha512", "crc32", "ssdeep",
        "alt_names",
    ]
    private static let config = ["family", "config_type", "cfg"]
    private static let blob = ["blob_name", "blob_size", "blob_type", "content", "last_seen"]

    private init(_ name: String, _ parameters: (String, Kind)...) {
        self.name = name
        self.parameters = parameters.map { Parameter(name: $0.0, kind: $0.1) }
    }
}
