// `backfill`: events for objects that MWDB has had before the plugin was there. The daemon asks MWDB, with its api_key.

import ArgumentParser
import Model

/// Sends events about objects that are there already.
struct Backfill: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send a plugin the objects that MWDB has already.",
        discussion: """
            The daemon walks MWDB's search, newest object first, with the api_key of [mwdb], and makes for each object \
            the event that MWDB would have called when it was new: on_created_file, on_created_config or \
            on_created_text_blob, or on_created_object where the plugin wants only that. The plugin's `filter` holds; \
            no other plugin gets them.

            It is a job that the daemon keeps: each object is taken in once, also when daemon or command are killed \
            meanwhile, and by a second backfill for the same plugin as long as the event is kept. Ctrl-C stops it, \
            `jobs N --resume` goes on where it was. Objects that reached the plugin by their own events come again, \
            under another webhook-id: leave them out by upload_time.

              mwdb-webhooks backfill --plugin drakvuf --query 'file.type:"PE32*"' --dry-run
              mwdb-webhooks backfill --plugin drakvuf --query 'tag:emotet AND upload_time:<2026-11-01' --rate 5/m
              mwdb-webhooks backfill --plugin splunk --all --rate 20/s
            """)

    @Option(help: ArgumentHelp("The plugin that gets them.", valueName: "plugin"), completion: .plugins)
    var plugin: String
    @Option(help: ArgumentHelp("Which objects, in MWDB's search language (Lucene).", valueName: "lucene"))
    var query: String?
    @Flag(help: "Every object that the api_key's account may see.") var all = false
    @Option(
        help: ArgumentHelp("Hook of the events, for example on_created_object.", valueName: "hook"),
        completion: .list([
            "on_created_file", "on_created_config", "on_created_text_blob", "on_created_object",
        ]))
    var hook: String?
    @OptionGroup var job: JobOptions
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (query != nil) != all else {
            throw ValidationError("which objects? Say --query with MWDB's search language, or --all")
        }
    }

    func run() throws {
        var members: [JSON.Member] = [.init(key: "plugin", value: .string(plugin))]
        if let query { members.append(.init(key: "query", value: .string(query))) }
        if all { members.append(.init(key: "all", value: .bool(true))) }
        if let hook { members.append(.init(key: "hook", value: .string(hook))) }
        try job.perform(
            "backfill", members, noun: "object", done: "will be delivered to \(Neutral.line(plugin))", daemon,
            output)
    }
}
