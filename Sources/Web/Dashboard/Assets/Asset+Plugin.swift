// Scripts: one plugin.

extension Asset {
    static let plugin = #"""
        // One plugin: state, figures, configuration with its origin, and a test event.

        import { h, replace, foreign } from "./dom.js";
        import { get, session } from "./api.js";
        import { ahead, count, duration, rate, secondsSince } from "./format.js";
        import { facts, json, pluginBadge, segments, table, why as reasonOf } from "./parts.js";
        import { backlog, latency, outcomes } from "./chart.js";
        import { button, pause, resume } from "./actions.js";
        import { Rates, drain, firstRange, pendingOf } from "./overview.js";
        import { testEvent } from "./testevent.js";

        export async function plugin(main, { parts }) {
          const name = parts[0], path = `api/plugins/${encodeURIComponent(name)}`;
          const one = await get(path);
          const rates = new Rates(), plots = [outcomes("large"), latency("large"), backlog("large")];
          const state = h("span", {}), why = h("p", { class: "lead" }), actions = h("div", { class: "row" }), figures = h("div", {});
          let minutes = firstRange((await get("api/status")).started_at), historyAt = 0, shown = "", reason = null;
          const isQueue = name === "mwdb";

          const refresh = async () => update(await get("api/status"));

          async function update(status) {
            const current = status.plugins.find((other) => other.name === name) ?? one.status;
            rates.add(Date.parse(status.now), { delivered: current.delivered, failed: current.failed });
            if (shown !== current.state) {
              shown = current.state;
              replace(state, pluginBadge(current.state));
              const held = actions.contains(document.activeElement);
              replace(actions, current.state === "disabled" ? null : current.state === "paused"
                ? button("Resume", "primary", async () => { await resume(name); await refresh(); })
                : button("Pause", "", async () => { if (await pause(name)) await refresh(); }),
                h("a", { class: "button", href: `#/deliveries?plugin=${encodeURIComponent(name)}` }, "Deliveries"));
              if (held) actions.querySelector("button")?.focus();
            }
            const words = reasonOf(current) || (one.description ?? "");
            if (reason !== words) { reason = words; replace(why, foreign(words, 600)); }
            const speed = rates.of("delivered"), pending = pendingOf(current);
            replace(figures, facts([["Pending", count(pending)], ["Oldest", current.oldest_pending ? duration(secondsSince(current.oldest_pending)) : "–"],
              ["Drain rate", rate(speed)], ["Drains in", drain(pending, speed)], ["Next retry", current.next_retry ? ahead(current.next_retry) : "–"],
              ["In flight", `${current.in_flight} of ${current.window}`], ["Held", count(current.deliveries.held)],
              ["Dead", current.deliveries.dead ? h("a", { href: "#/dead" }, count(current.deliveries.dead)) : "0"]]));
            if (Date.now() - historyAt > 15000) {
              historyAt = Date.now();
              const history = await get(`api/history?minutes=${minutes}`);
              const nothing = history.starts.map(() => null);
              const line = history.plugins.find((other) => other.name === name) ?? { delivered: nothing, failed: nothing, median_us: nothing, p95_us: nothing, pending: nothing };
              for (const plot of plots) plot.draw(history, line);
            }
          }

          const line = (setting) => h("tr", {}, h("td", {}, setting.key), h("td", { class: "mono wide" }, foreign(setting.value, 1000)), h("td", { class: "origin wide" }, foreign(setting.origin, 200)));
          const all = one.configuration ?? [], written = all.filter((setting) => setting.origin !== "default");
          const settings = h("div", {});
          const drawSettings = (list) => replace(settings, table({ names: ["Key", "Value", "Written in"], label: "Configuration in force" }, list.map(line), "config list"));
          drawSettings(written.length ? written : all);
          replace(main, h("div", { class: "crumbs" }, h("a", { href: "#/plugins" }, "Plugins"), " / ", name),
            h("div", { class: "head" }, h("div", { class: "grow" }, h("div", { class: "row" }, h("h1", {}, name), state), why), actions),
            h("section", { class: "card", "aria-label": "Now" }, figures),
            h("section", { class: "card", "aria-label": "History" }, h("div", { class: "head" }, h("h2", { class: "grow" }, "History"),
              segments("Time shown in plots", [[60, "1 h"], [1440, "24 h"]], minutes, (value) => { minutes = value; historyAt = 0; refresh(); })),
              h("div", { class: "three" }, plots.map((plot) => plot.element))),
            isQueue ? null : h("div", { class: "two" },
              h("section", { class: "card", "aria-label": "Subscription" }, h("h2", {}, "Subscription"), facts([
                ["Hooks", h("div", { class: "chips" }, one.hooks.map((hook) => h("span", { class: "chip" }, hook)))],
                ["Filter", one.filter ? h("span", { class: "mono" }, foreign(one.filter, 2000)) : "none: every event of these hooks"],
                ["Sends to", h("span", { class: "mono" }, foreign(`${one.method ?? ""} ${one.url ?? ""}`, 1000))],
                ["Author", foreign(one.author)], ["Version", foreign(one.version)]])),
              testEvent(name, one, session.hooks)),
            all.length ? h("section", { class: "card tight", "aria-label": "Configuration" }, h("div", { class: "head inset" }, h("h2", { class: "grow" }, "Configuration in force"),
              segments("Settings shown", [[written, "Written"], [all, "With defaults"]], written.length ? written : all, drawSettings)), settings) : null);
          await refresh();
          return update;
        }

        """#
}
