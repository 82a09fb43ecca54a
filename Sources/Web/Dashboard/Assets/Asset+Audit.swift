// Scripts: the audit log and the age table.

extension Asset {
    static let audit = #"""
        // Who did what, and when.

        import { h, replace, foreign } from "./dom.js";
        import { get, query } from "./api.js";
        import { empty, head, moment, problem, table } from "./parts.js";

        export async function audit(main) {
          const body = h("div", { class: "card tight" }), rows = [];
          let after = null;

          async function load() {
            const page = await get("api/audit" + query({ after, limit: 100 }));
            rows.push(...page.entries);
            after = page.next;
            const lines = rows.map((entry) => h("tr", {}, h("td", {}, moment(entry.at, "local")), h("td", { class: "wide" }, foreign(entry.who, 100)),
              h("td", {}, h("span", { class: "badge plainer" }, entry.what)), h("td", { class: "wide mono" }, foreign(entry.detail, 400))));
            replace(body, lines.length ? table({ names: ["When", "Who", "What", "Detail"], label: "Audit log" }, lines, "list") : empty("Nothing yet", "Every action of an operator is written down here."),
              after ? h("div", { class: "more" }, h("button", { type: "button", onclick: older }, "Older entries")) : null);
          }

          async function older(event) {
            event.target.disabled = true;
            try { await load(); } catch (error) { replace(body, problem(error)); }
            (body.querySelector(".more button") ?? body.querySelector("[tabindex]"))?.focus();
          }

          replace(main, head("Audit log", "Every operator's action: who, when, what."), body);
          await load();
        }

        """#

    static let ages = #"""
        // What waits, by plugin and age, as Postfix's qshape shows queues.

        import { h, replace } from "./dom.js";
        import { get } from "./api.js";
        import { count, duration } from "./format.js";
        import { empty, head, table } from "./parts.js";

        export async function ages(main) {
          const body = h("div", { class: "card tight" });

          async function refresh() {
            if (body.contains(document.activeElement)) return;
            const { limits_seconds: limits, rows } = await get("api/ages");
            const totals = limits.concat(0).map((_, place) => rows.reduce((sum, row) => sum + row.counts[place], 0));
            const top = Math.max(1, ...rows.flatMap((row) => row.counts));
            const heat = (value) => (value === 0 ? "num" : `num h${value > top * 0.5 ? 3 : value > top * 0.1 ? 2 : 1}`);
            const line = (name, counts, note) => h("tr", {}, h("td", {}, name, note), h("td", { class: "num" }, h("strong", {}, count(counts.reduce((sum, value) => sum + value, 0)))), counts.map((value) => h("td", { class: heat(value) }, value ? count(value) : "·")));
            const names = ["Plugin", "#All", ...limits.map((limit) => `#≤ ${duration(limit)}`), "#older"];
            replace(body, rows.length ? table({ names, label: "Pending deliveries by age" }, [rows.length > 1 ? line("All", totals) : null,
              ...rows.map((row) => line(h("a", { href: `#/deliveries?plugin=${encodeURIComponent(row.plugin)}` }, row.plugin), row.counts, row.estimate ? h("span", { class: "small quiet" }, " estimated") : null))], "heat")
              : empty("Nothing waits", "Pending deliveries are counted here by the age of their events."));
          }

          replace(main, head("Ages", "What waits, by plugin and by how long ago its event came."), body);
          await refresh();
          let turns = 0;
          return async () => { turns += 1; if (turns % 5 === 0) await refresh(); };
        }

        """#
}
