// Scripts: the list of plugins.

extension Asset {
    static let plugins = #"""
        // Plugins: who they are, where they send to, and how they are.

        import { h, replace, foreign } from "./dom.js";
        import { get } from "./api.js";
        import { count, counted } from "./format.js";
        import { empty, head, pluginBadge, table } from "./parts.js";
        import { pendingOf } from "./overview.js";
        import { button, toast } from "./actions.js";
        import { post } from "./api.js";

        export async function plugins(main) {
          const body = h("div", { class: "card tight" });
          let shown = "";

          async function refresh() {
            const { plugins: all } = await get("api/plugins");
            const text = JSON.stringify(all.map((one) => [one.name, one.status.state, pendingOf(one.status), one.status.deliveries, one.url]));
            if (text === shown || body.contains(document.activeElement)) return;
            shown = text;
            const rows = all.map((one) => h("tr", {},
              h("td", {}, h("a", { href: `#/plugin/${encodeURIComponent(one.name)}` }, h("strong", {}, one.name)), one.version ? h("span", { class: "quiet small" }, ` ${one.version}`) : null),
              h("td", {}, pluginBadge(one.status.state)),
              h("td", { class: "wide" }, one.description ? h("div", {}, foreign(one.description, 160)) : null, h("div", { class: "small quiet mono" }, one.name === "mwdb" ? "write-backs to MWDB" : foreign(`${one.method ?? ""} ${one.url ?? ""}`, 160))),
              h("td", { class: "wide" }, h("div", { class: "chips" }, one.hooks.slice(0, 4).map((name) => h("span", { class: "chip" }, name)), one.hooks.length > 4 ? h("span", { class: "chip" }, `+${one.hooks.length - 4}`) : null)),
              h("td", { class: "num" }, count(pendingOf(one.status)), h("span", { class: "small quiet narrow" }, " pending")),
              h("td", { class: "num" }, count(one.status.deliveries.dead), h("span", { class: "small quiet narrow" }, " dead"))));
            replace(body, rows.length ? table({ names: ["Plugin", "State", "Sends to", "Hooks", "#Pending", "#Dead"], label: "Plugins" }, rows, "list")
              : empty("No plugin yet", "Add a [plugin:NAME] section to webhooks.ini and reload."));
          }

          replace(main, head("Plugins", "What is configured, and how each does.", button("Reload configuration", "", async () => {
            const { plugins: number, problems } = await post("api/reload");
            toast(problems.length ? `Reloaded, with ${counted(problems.length, "warning", "warnings")}: ${problems[0].message}` : `Reloaded: ${counted(number, "plugin", "plugins")}`);
            shown = "";
            await refresh();
          })), body);
          await refresh();
          return refresh;
        }

        """#
}
