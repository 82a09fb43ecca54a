// First decision of an event's way: which plugins want it. Pure; made anew at each reload. `hooks` and `filter`
// apply here, once, so that an event's deliveries are settled when it is durable.

import Model
import Outbox

/// Which plugins get which event.
struct Router: Sendable {
    private struct Route: Sendable {
        let number: PluginNumber
        let plugin: Plugin
        let needsFile: Bool
        let writesBack: Bool
    }

    private let routes: [Route]
    private let ignoredActors: Set<String>
    private let mwdb: (url: String, publicURL: String)?
    private let byHook: [String: [Int]]

    /// Routes to the enabled ones of `plugins`; events that `ignoredActors` caused by writing back are not
    /// routed to plugins that write back.
    init(
        plugins: [(PluginNumber, Plugin)], ignoredActors: Set<String>,
        mwdb: (url: String, publicURL: String)? = nil
    ) {
        let routes = plugins.filter { $0.1.enabled }.map { number, plugin in
            Route(
                number: number, plugin: plugin, needsFile: plugin.wantsContent,
                writesBack: !plugin.writeBacks.isEmpty)
        }
        self.routes = routes
        self.ignoredActors = ignoredActors
        self.mwdb = mwdb
        byHook = Dictionary(
            uniqueKeysWithValues: Hook.all.map { hook in
                (hook.name, routes.indices.filter { routes[$0].plugin.hooks.contains(hook.name) })
            })
    }

    /// The event with the plugins that want it, except the one called `excluded`, and the content that one of them
    /// needs.
    func arrival(of event: Event, except excluded: String? = nil) -> Arrival {
        var context: TemplateContext?
        var arrival = Arrival(event: event, plugins: [])
        let candidates =
            byHook[event.type] ?? routes.indices.filter { routes[$0].plugin.hooks.contains(event.type) }
        for index in candidates
        where routes[index].plugin.name != excluded && wants(routes[index], event, &context) {
            arrival.plugins.append(routes[index].number)
            if routes[index].needsFile { arrival.content = event.file?.sha256 }
        }
        return arrival
    }

    private func wants(_ route: Route, _ event: Event, _ context: inout TemplateContext?) -> Bool {
        if route.needsFile && event.file == nil { return false }
        if route.writesBack, let actor = event.actor, ignoredActors.contains(actor),
            Router.isWriteBackHook(event.type)
        {
            return false
        }
        if route.plugin.filter.isEverything { return true }
        if context == nil {
            // An event that intake accepted is JSON; one that is not matches no filter.
            guard var parsed = try? TemplateContext(body: event.body) else { return false }
            parsed.mwdbURL = mwdb?.url
            parsed.mwdbPublicURL = mwdb?.publicURL
            context = parsed
        }
        guard var context else { return false }
        context.pluginName = route.plugin.name
        context.pluginPublicURL = route.plugin.publicURL
        return route.plugin.filter.matches(context)
    }

    /// Hooks that a write-back of ours fires again.
    private static func isWriteBackHook(_ hook: String) -> Bool {
        guard !hook.hasSuffix("_attribute_key") else { return false }
        return hook.hasSuffix("_attribute") || hook.hasSuffix("_tag") || hook.hasSuffix("_comment")
            || hook == "on_changed_object"
    }
}
