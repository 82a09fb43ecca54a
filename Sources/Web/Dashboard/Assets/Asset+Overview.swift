// Scripts: the first page: is all well, and if not, where.

extension Asset {
    static let overview = #"""
        // Overview: tiles for the daemon, a card for each plugin. Made once, then brought up to date in place.

        import { h, replace, setText, foreign } from "./dom.js";
        import { get } from "./api.js";
        import { ago, ahead, count, counted, duration, percent, rate, secondsSince, size } from "./format.js";
        import { empty, pluginBadge, segments, why as reasonOf } from "./parts.js";
        import { latency, meter, outcomes } from "./chart.js";
        import { button, pause, resume } from "./actions.js";

        const TROUBLE = ["misconfigured", "suspended", "paused", "slowed", "running", "disabled"];
        const PENDING = ["ready", "waiting", "started", "blocked"];
        export const pendingOf = (plugin) => PENDING.reduce((total, state) => total + (plugin.deliveries[state] ?? 0), 0);

        // The queue of write-backs is only of interest where there are any.
        const isShown = (plugin) => plugin.name !== "mwdb" || pendingOf(plugin) || plugin.delivered || plugin.failed || plugin.deliveries.dead;

        // Rates from the totals of the last half minute.
        export class Rates {
          constructor() { this.seen = []; }
          add(now, values) {
            if (this.seen.length && Object.entries(values).some(([name, value]) => value < (this.seen.at(-1).values[name] ?? 0))) this.seen = [];
            this.seen.push({ now, values });
            while (this.seen.length > 2 && now - this.seen[0].now > 30000) this.seen.shift();
          }
          of(name) {
            const first = this.seen[0], last = this.seen.at(-1);
            if (!first || last.now === first.now) return NaN;
            return ((last.values[name] ?? 0) - (first.values[name] ?? 0)) / ((last.now - first.now) / 1000);
          }
        }

        // A daemon that has just been started has nothing to show of a day.
        export const firstRange = (started) => (secondsSince(started) < 3 * 3600 ? 60 : 1440);

        export function drain(pending, speed) {
          if (!pending) return "–";
          if (!(speed > 0)) return "not draining";
          return `≈ ${duration(pending / speed)}`;
        }

        function tile(name) {
          const value = h("div", { class: "value" }, "–"), note = h("div", { class: "note" }), extra = h("div", {});
          const element = h("div", { class: "tile" }, h("div", { class: "name" }, name), value, extra, note);
          return { element, set(text, words, kind = "") {
            setText(value, text);
            setText(note, words ?? "");
            if (element.className !== `tile ${kind}`) element.className = `tile ${kind}`;
          }, extra };
        }

        function card(name, refresh) {
          const state = h("span", {}), why = h("div", { class: "why" }), actions = h("div", { class: "row" });
          const cells = Object.fromEntries(["pending", "oldest", "drain", "now", "retry", "dead"].map((key) => [key, h("dd", {})]));
          const success = outcomes(), times = latency();
          const element = h("article", { class: "card plugin-card", "aria-label": `Plugin ${name}` },
            h("div", {}, h("div", { class: "row" }, h("a", { class: "name", href: `#/plugin/${encodeURIComponent(name)}` }, name), state), why, actions),
            h("dl", { class: "figures" }, [["Pending", "pending"], ["Oldest", "oldest"], ["Drains in", "drain"], ["Now", "now"], ["Next retry", "retry"], ["Dead", "dead"]]
              .map(([label, key]) => h("div", {}, h("dt", {}, label), cells[key]))),
            success.element, times.element);
          let shown = "", reason = null;
          return { element, success, times, update(plugin, rates) {
            if (shown !== plugin.state) {
              shown = plugin.state;
              replace(state, pluginBadge(plugin.state));
              const held = actions.contains(document.activeElement);
              replace(actions, plugin.state === "disabled" ? null : plugin.state === "paused"
                ? button("Resume", "primary", async () => { await resume(name); await refresh(); })
                : button("Pause", "", async () => { if (await pause(name)) await refresh(); }),
                h("a", { class: "button", href: `#/deliveries?plugin=${encodeURIComponent(name)}` }, "Deliveries"));
              if (held) actions.querySelector("button")?.focus();
            }
            const words = reasonOf(plugin);
            if (reason !== words) { reason = words; replace(why, foreign(words, 240)); }
            const pending = pendingOf(plugin), speed = rates.of(`delivered ${name}`), failing = rates.of(`failed ${name}`);
            setText(cells.pending, count(pending));
            setText(cells.oldest, plugin.oldest_pending ? duration(secondsSince(plugin.oldest_pending)) : "–");
            cells.oldest.className = plugin.oldest_pending && secondsSince(plugin.oldest_pending) > 900 ? "late" : "";
            setText(cells.drain, plugin.state === "paused" ? "paused" : drain(pending, speed));
            cells.drain.className = pending && !(speed > 0) && plugin.state !== "paused" ? "late" : "";
            setText(cells.now, speed + failing > 0 ? percent(speed, speed + failing) : "idle");
            cells.now.title = speed + failing > 0 ? `${rate(speed)} delivered, ${rate(failing)} failed` : "";
            setText(cells.retry, plugin.next_retry ? ahead(plugin.next_retry) : "–");
            setText(cells.dead, count(plugin.deliveries.dead));
            cells.dead.className = plugin.deliveries.dead ? "bad" : "";
          } };
        }

        export async function overview(main) {
          const rates = new Rates(), started = (await get("api/status")).started_at;
          const tiles = Object.fromEntries(["Intake", "Pending", "Oldest waiting", "Outbox", "Disk left", "Rejected"].map((name) => [name, tile(name)]));
          const cards = new Map(), list = h("div", {}), lead = h("p", { class: "lead" });
          const none = h("div", { class: "card" }, empty("No plugin yet", "Add a [plugin:NAME] section to webhooks.ini and reload."));
          let minutes = firstRange(started), historyAt = 0;
          const range = segments("Time shown in plots", [[60, "1 h"], [1440, "24 h"]], minutes, (value) => { minutes = value; historyAt = 0; refresh(); });
          replace(main, h("div", { class: "head" }, h("div", { class: "grow" }, h("h1", {}, "Overview"), lead), range),
            h("div", { class: "tiles" }, Object.values(tiles).map((one) => one.element)), list);

          const refresh = async () => update(await get("api/status"));

          async function update(status) {
            const values = { accepted: status.intake.accepted };
            for (const plugin of status.plugins) {
              values[`delivered ${plugin.name}`] = plugin.delivered;
              values[`failed ${plugin.name}`] = plugin.failed;
            }
            rates.add(Date.parse(status.now), values);
            drawTiles(status);
            drawCards(status);
            if (Date.now() - historyAt > 15000) {
              historyAt = Date.now();
              drawHistory(await get(`api/history?minutes=${minutes}`));
            }
          }

          function drawTiles(status) {
            const { intake, outbox, plugins } = status;
            const waiting = plugins.reduce((total, plugin) => total + pendingOf(plugin), 0);
            const oldest = plugins.map((plugin) => plugin.oldest_pending).filter(Boolean).sort()[0];
            const shown = plugins.filter(isShown), troubled = shown.filter((plugin) => !["running", "disabled"].includes(plugin.state));
            setText(lead, !status.ready ? "Not ready" : troubled.length ? `${troubled.length} of ${counted(shown.length, "plugin", "plugins")} ${troubled.length === 1 ? "needs" : "need"} a look` : shown.length ? "All plugins run" : "No plugin is configured");
            tiles.Intake.set(rate(rates.of("accepted")), `${count(intake.accepted)} since start` + (intake.waiting_files ? `, ${counted(intake.waiting_files, "file waits", "files wait")}` : ""), intake.refused_because ? "bad" : "");
            tiles.Pending.set(count(waiting), waiting ? `${count(plugins.reduce((total, plugin) => total + plugin.in_flight, 0))} being sent` : "nothing waits");
            tiles["Oldest waiting"].set(oldest ? duration(secondsSince(oldest)) : "–", oldest ? "since it was accepted" : "nothing waits", oldest && secondsSince(oldest) > 900 ? "warn" : "");
            tiles.Outbox.set(size(outbox.database_bytes + outbox.log_bytes), `${size(outbox.reusable_bytes)} of it reusable`);
            const share = outbox.disk_total_bytes ? outbox.disk_free_bytes / outbox.disk_total_bytes : 0;
            tiles["Disk left"].set(size(outbox.disk_free_bytes), `of ${size(outbox.disk_total_bytes)}`, share < 0.05 ? "bad" : share < 0.15 ? "warn" : "");
            replace(tiles["Disk left"].extra, meter(1 - share, share < 0.1));
            const rejected = intake.rejected_lines + intake.conflicts;
            tiles.Rejected.set(count(rejected), rejected ? `${rejected === 1 ? "line" : "lines"}, in ${counted(intake.rejected_files, "spool file", "spool files")}` : intake.lost_at_source ? `${count(intake.lost_at_source)} lost at the source` : mwdbWords(intake), rejected || intake.lost_at_source ? "warn" : "");
          }

          const mwdbWords = (intake) => intake.last_heartbeat ? `MWDB was heard ${ago(intake.last_heartbeat)}` : "MWDB never wrote here";

          function drawCards(status) {
            const shown = status.plugins.filter(isShown);
            // Trouble first, as it was when the page was opened: cards that jump about cannot be clicked.
            if (!cards.size) shown.sort((one, other) => TROUBLE.indexOf(one.state) - TROUBLE.indexOf(other.state));
            for (const plugin of shown) {
              if (!cards.has(plugin.name)) {
                cards.set(plugin.name, card(plugin.name, refresh));
                list.append(cards.get(plugin.name).element);
                historyAt = 0;
              }
              cards.get(plugin.name).update(plugin, rates);
            }
            for (const [name, one] of cards) if (!shown.some((plugin) => plugin.name === name)) { one.element.remove(); cards.delete(name); }
            if (cards.size) none.remove();
            else if (!none.parentNode) list.append(none);
          }

          function drawHistory(history) {
            for (const [name, one] of cards) {
              const nothing = history.starts.map(() => null);
              const line = history.plugins.find((plugin) => plugin.name === name) ?? { delivered: nothing, failed: nothing, median_us: nothing, p95_us: nothing };
              one.success.draw(history, line);
              one.times.draw(history, line);
            }
          }

          await refresh();
          return update;
        }

        """#
}
