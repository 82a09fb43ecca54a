// Scripts: one delivery, and one event.

extension Asset {
    static let delivery = #"""
        // One delivery with everything that is known of it, and one event with its deliveries.

        import { h, replace, foreign } from "./dom.js";
        import { get, inPath, session } from "./api.js";
        import { duration } from "./format.js";
        import { empty, facts, head, json, moment, part, stateBadge } from "./parts.js";
        import { button, cancel, replay, retry } from "./actions.js";
        import { attempt } from "./attempt.js";
        import { request } from "./request.js";
        import { list } from "./deliveries.js";

        const TYPES = { file: "file", static_config: "config", config: "config", text_blob: "blob", blob: "blob" };

        // The object's page in MWDB; only where we know where that is, and the id is nothing but letters and digits.
        function objectLink(id, body) {
          if (!id) return null;
          const data = body?.data ?? {};
          const found = Object.values(data).find((value) => value?.id === id);
          const type = TYPES[found?.type];
          const base = session.mwdb_public_url;
          if (!type || !base || !/^https?:\/\//.test(base) || !/^[0-9A-Za-z]{1,128}$/.test(id)) return h("span", { class: "mono" }, foreign(id, 80));
          return [h("a", { class: "mono foreign", href: `${base}/${type}/${id}`, target: "_blank", rel: "noopener noreferrer" }, id), h("span", { class: "small quiet" }, " in MWDB ↗")];
        }

        const section = (title, ...content) => h("section", { class: "card", "aria-label": title }, h("h2", {}, title), content);

        export async function delivery(main, { parts }) {
          const id = parts.join("/"), path = `api/deliveries/${inPath(id)}`;
          let shown = null;

          async function refresh() {
            const one = await get(path);
            const text = JSON.stringify([one.state, one.attempts, one.updated_at, one.due, one.siblings.map((other) => [other.state, other.updated_at])]);
            if (text === shown) return;
            shown = text;
            draw(one);
          }

          function draw(one) {
            const open = new Set([...main.querySelectorAll("details[data-number][open]")].map((element) => element.dataset.number));
            const focused = main.contains(document.activeElement) ? document.activeElement.dataset.action : null;
            const act = (name, element) => { element.dataset.action = name; return element; };
            const final = ["delivered", "cancelled"].includes(one.state);
            replace(main, h("div", { class: "crumbs" }, h("a", { href: "#/deliveries" }, "Deliveries"), " / ", h("span", { class: "foreign" }, one.event)),
              h("div", { class: "head" }, h("div", { class: "grow" }, h("div", { class: "row" }, h("h1", {}, foreign(one.hook, 80), " → ", one.plugin), stateBadge(one.state)),
                one.step ? h("p", { class: "lead" }, `Write-back ${one.step}`) : null),
                act("retry", button("Retry now", "primary", async () => { await retry(one.id); await refresh(); })),
                act("cancel", button("Cancel", "danger", async () => { if (await cancel(one.id)) await refresh(); })),
                act("replay", button("Replay…", "", async () => { if (await replay(one.event, one.plugin)) await refresh(); }))),
              one.reason && !final ? h("div", { class: `card ${one.state === "dead" ? "problem" : ""}` }, foreign(one.reason, 2000)) : null,
              section("Facts", facts([["Object", objectLink(one.object, one.body)], ["Plugin", h("a", { href: `#/plugin/${encodeURIComponent(one.plugin)}` }, one.plugin)],
                ["Event", h("a", { class: "mono", href: `#/event/${encodeURIComponent(one.event)}` }, one.event)], ["Actor", foreign(one.event_summary.actor)],
                ["Accepted", moment(one.accepted_at, "local")], ["Last change", moment(one.updated_at)], ["Attempts", String(one.attempts)],
                ["Next retry", one.state === "waiting" ? moment(one.due, "ahead") : null], ["Tried for", one.tried_for_ms >= 1000 ? duration(one.tried_for_ms / 1000) : null]])),
              section("Attempts", one.tried.length ? h("ol", { class: "attempts", reversed: true }, [...one.tried].reverse().map((tried, place) => attempt(tried, open.size ? open.has(String(tried.number)) : place === 0)))
                : empty("Not tried yet", one.state === "ready" ? "It is sent as soon as the plugin can take it." : "")),
              one.step || !one.body ? null : request(one.event, one.plugin),
              one.extracted && Object.keys(one.extracted).length ? section("Extracted from the answer", json(one.extracted)) : null,
              one.task ? section("To be written back", json(one.task)) : null,
              section("Event", one.body ? json(one.body) : h("p", { class: "quiet" }, "Its bytes are no longer kept.")),
              section("Other deliveries of this event", one.siblings.length ? list(one.siblings, "Siblings", false) : h("p", { class: "quiet" }, "None.")));
            if (focused) main.querySelector(`[data-action="${focused}"]`)?.focus();
          }

          await refresh();
          return refresh;
        }

        export async function event(main, { parts }) {
          const one = await get(`api/events/${encodeURIComponent(parts[0])}`);
          replace(main, h("div", { class: "crumbs" }, h("a", { href: "#/deliveries" }, "Deliveries"), " / event"),
            head(foreign(one.hook, 80), foreign(one.id, 100), button("Replay…", "", () => replay(one.id, null))),
            section("Facts", facts([["Object", objectLink(one.object, one.body)], ["Actor", foreign(one.actor)], ["Accepted", moment(one.accepted_at, "local")],
              ["Sequence", String(one.sequence)], ["Content", one.content ? h("span", { class: "mono" }, one.content) : null]])),
            section("Deliveries", one.deliveries.length ? list(one.deliveries, "Deliveries of this event", false) : h("p", { class: "quiet" }, "No plugin wanted it.")),
            section("Event", one.body ? json(one.body) : h("p", { class: "quiet" }, "Its bytes are no longer kept.")));
        }

        """#
}
