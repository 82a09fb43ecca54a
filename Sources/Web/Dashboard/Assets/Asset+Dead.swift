// Scripts: what was given up or is held, by reason.

extension Asset {
    static let dead = #"""
        // Dead letters by reason, and one more try for all that share one.

        import { h, replace, foreign } from "./dom.js";
        import { get, inPath, post, query } from "./api.js";
        import { count, counted } from "./format.js";
        import { empty, head, moment, segments, statusChip, table } from "./parts.js";
        import { ask, button, toast } from "./actions.js";

        export async function dead(main, { query: given }) {
          let state = given.state === "held" ? "held" : "dead";
          const body = h("div", { class: "card tight" });
          let shown = "";

          async function retryAll(group) {
            const done = await ask(`Retry ${counted(group.count, "delivery", "deliveries")}?`, h("p", { class: "quiet" }, `All ${state} deliveries of ${group.plugin} with this reason become ready at once.`), "Retry", async () => {
              let changed = 0, after = null;
              do {
                const answer = await post("api/dead-letters/retry", { plugin: group.plugin, reason: group.reason, state, after });
                changed += answer.changed;
                after = answer.next;
              } while (after);
              return { changed };
            });
            if (!done) return;
            toast(`${count(done.changed)} will be tried at once`);
            shown = "";
            await refresh();
          }

          async function refresh() {
            const { groups, others, more } = await get("api/dead-letters" + query({ state }));
            const text = JSON.stringify([state, more, others, groups.map((group) => [group.plugin, group.reason, group.count])]);
            if (text === shown) return;
            if (shown && body.contains(document.activeElement)) return;
            shown = text;
            const rows = groups.map((group) => h("tr", {},
              h("td", { class: "wide" }, h("a", { href: `#/delivery/${inPath(group.delivery)}` }, foreign(group.reason, 140)), group.example !== group.reason ? h("div", { class: "why" }, "such as: ", foreign(group.example, 160, true)) : null),
              h("td", {}, h("a", { href: `#/deliveries${query({ plugin: group.plugin, state })}` }, group.plugin)), h("td", {}, statusChip(group.status)),
              h("td", { class: "num" }, count(group.count)), h("td", { class: "num" }, moment(group.newest)), h("td", { class: "num" }, button("Retry all", "", () => retryAll(group)))));
            if (others) rows.push(h("tr", {}, h("td", { class: "wide" }, "Other reasons", h("div", { class: "why" }, "They are told apart here once the ones above are fewer.")),
              h("td", {}, h("a", { href: `#/deliveries${query({ state })}` }, "all")), h("td", {}), h("td", { class: "num" }, count(others)), h("td", {}), h("td", {})));
            replace(body, rows.length ? table({ names: ["Reason", "Plugin", "Status", "#Number", "#Newest", "#"], label: "Reasons" }, rows, "list")
              : empty(state === "dead" ? "Nothing was given up" : "Nothing is held", state === "dead" ? "Deliveries that a receiver refuses for good come here." : "Deliveries that wait for your decision come here."),
              more ? h("p", { class: "more quiet" }, "Older ones are not counted here.") : null);
          }

          replace(main, head("Dead letters", "By reason; nothing here is tried again by itself.",
            segments("Kind", [["dead", "Dead"], ["held", "Held"]], state, async (value) => { state = value; shown = ""; await refresh(); })), body);
          await refresh();
          let turns = 0;
          return async () => { turns += 1; if (turns % 4 === 0) await refresh(); };
        }

        """#
}
