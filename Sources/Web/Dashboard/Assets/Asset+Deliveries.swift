// Scripts: the list of deliveries with its filters.

extension Asset {
    static let deliveries = #"""
        // Deliveries: filters are the address, so that a list can be sent to a colleague; pages go by position.

        import { h, replace, foreign } from "./dom.js";
        import { get, inPath, query, session } from "./api.js";
        import { empty, head, moment, problem, stateBadge, statusChip, table } from "./parts.js";
        import { button, many } from "./actions.js";

        const STATES = ["ready", "waiting", "started", "blocked", "held", "dead", "delivered", "cancelled"];
        const FILTERS = ["plugin", "state", "hook", "object", "status", "since", "until"];
        // A page may be empty though others follow: so many are asked for before somebody must say to go on.
        const PATIENCE = 8;

        export function row(one, withObject = true) {
          return h("tr", {},
            h("td", {}, h("a", { href: `#/delivery/${inPath(one.id)}` }, foreign(one.hook, 80)), one.step ? h("span", { class: "quiet small nowrap" }, ` write-back ${one.step}`) : null),
            h("td", {}, stateBadge(one.state)),
            h("td", {}, h("a", { href: `#/plugin/${encodeURIComponent(one.plugin)}` }, one.plugin)),
            withObject ? h("td", { class: "object" }, foreign(one.object, 16, true)) : null,
            h("td", { class: "wide" }, h("div", { class: "row" }, statusChip(one.status), one.attempts > 1 ? h("span", { class: "small quiet" }, `${one.attempts} attempts`) : null),
              one.reason && one.state !== "delivered" ? h("div", { class: "why" }, foreign(one.reason, 220)) : null),
            h("td", { class: "num" }, one.due && one.state === "waiting" ? ["retry ", moment(one.due, "ahead")] : moment(one.updated_at)));
        }

        const NAMES = ["Hook", "State", "Plugin", "Object", "Outcome", "#When"];
        export const list = (rows, label, withObject = true) =>
          table({ names: NAMES.filter((name) => withObject || name !== "Object"), label }, rows.map((one) => row(one, withObject)), "list");

        function toLocal(text) {
          const date = new Date(text);
          if (Number.isNaN(date.valueOf())) return "";
          return new Date(date.valueOf() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
        }

        function form(values, plugins, apply) {
          const field = (label, input) => h("label", {}, label, input);
          const choice = (name, options) => h("select", { name }, h("option", { value: "" }, "any"), options.map((option) =>
            h("option", { value: option, selected: values[name] === option }, option)));
          const hooks = h("datalist", { id: "hooks" }, session.hooks.map((name) => h("option", { value: name })));
          const element = h("form", { class: "filters", "aria-label": "Filters", onsubmit: (event) => {
            event.preventDefault();
            const data = Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, value.trim()]));
            for (const name of ["since", "until"]) if (data[name]) data[name] = new Date(data[name]).toISOString();
            apply(data);
          } },
            field("Plugin", choice("plugin", plugins)), field("State", choice("state", STATES)),
            field("Hook", h("input", { name: "hook", list: "hooks", value: values.hook ?? "", autocomplete: "off", placeholder: "any" })), hooks,
            field("Object", h("input", { name: "object", value: values.object ?? "", autocomplete: "off", spellcheck: "false", placeholder: "SHA-256 or id" })),
            field("HTTP status", h("input", { name: "status", value: values.status ?? "", inputmode: "numeric", pattern: "[1-5][0-9][0-9]", title: "100 to 599", placeholder: "any" })),
            field("From", h("input", { name: "since", type: "datetime-local", value: values.since ? toLocal(values.since) : "" })),
            field("Until", h("input", { name: "until", type: "datetime-local", value: values.until ? toLocal(values.until) : "" })),
            h("div", { class: "actions" }, h("button", { class: "primary", type: "submit" }, "Filter"),
              Object.keys(values).length ? h("a", { class: "button", href: "#/deliveries" }, "Clear") : null));
          element.addEventListener("change", (event) => { if (event.target.tagName === "SELECT") element.requestSubmit(); });
          return element;
        }

        export async function deliveries(main, { query: given }) {
          const values = Object.fromEntries(FILTERS.filter((name) => given[name]).map((name) => [name, given[name]]));
          const { plugins } = await get("api/plugins");
          const names = [...new Set([...plugins.map((plugin) => plugin.name), values.plugin].filter(Boolean))];
          const rows = [], results = h("div", { class: "card tight" });
          let after = given.after ?? null;

          async function load() {
            for (let turn = 0; turn < PATIENCE; turn += 1) {
              const page = await get("api/deliveries" + query({ ...values, after, limit: 50 }));
              rows.push(...page.deliveries);
              after = page.next;
              if (page.deliveries.length || !after) break;
            }
            draw();
          }

          function draw() {
            const more = after ? h("div", { class: "more" }, !rows.length ? h("p", { class: "quiet" }, "Nothing among the newest ones. ") : null,
              h("button", { type: "button", onclick: async (event) => {
                event.target.disabled = true;
                const place = rows.length;
                try { await load(); } catch (error) { replace(results, problem(error)); }
                results.querySelectorAll("tbody tr")[place]?.querySelector("a")?.focus();
              } }, rows.length ? "Older deliveries" : "Search further back")) : null;
            replace(results, rows.length ? list(rows, "Deliveries") : after ? null : empty("No deliveries", Object.keys(values).length ? "None match these filters." : "They appear here as soon as MWDB's first event arrives."), more);
          }

          const selection = () => {
            const { status, state, ...rest } = values;
            return { ...rest, ...(state ? { state: [state] } : {}), ...(status ? { status: Number(status) } : {}), ...(Object.keys(values).length ? {} : { all: true }) };
          };
          const reload = async () => { rows.length = 0; after = null; await load(); };
          const apply = (data) => {
            const target = "#/deliveries" + query(Object.fromEntries(FILTERS.map((name) => [name, data[name]])));
            if (location.hash === target) reload(); else location.hash = target;
          };
          replace(main, head("Deliveries", "Newest first.",
            button("Retry matching…", "", async () => { if (await many("retry", selection())) await reload(); }),
            button("Cancel matching…", "danger", async () => { if (await many("cancel", selection())) await reload(); })),
            h("div", { class: "card" }, form(values, names, apply)), results);
          await load();
        }

        """#
}
