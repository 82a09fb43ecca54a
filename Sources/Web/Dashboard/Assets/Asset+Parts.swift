// Scripts: the parts that pages are put together from.

extension Asset {
    static let parts = #"""
        // Parts of pages: badges, moments, tables, JSON, bytes, notes.

        import { h, pieces, foreign, setText } from "./dom.js";
        import { WrittenNumber } from "./api.js";
        import { ago, ahead, local } from "./format.js";

        const PLUGIN_STATES = { running: "good", slowed: "warn", suspended: "bad", misconfigured: "bad", paused: "info", disabled: "" };
        const DELIVERY_STATES = { ready: "info", waiting: "warn", started: "info", blocked: "info", held: "warn", dead: "bad", delivered: "good", cancelled: "" };

        // Why a plugin is in its state; the latest failure says more than that a receiver does not answer.
        export function why(plugin) {
          const failure = plugin.last_failure ? `last failure: ${plugin.last_failure}` : "";
          return plugin.state === "suspended" && failure ? `${plugin.reason}; ${failure}` : plugin.reason ?? failure;
        }

        export const pluginBadge = (state) => h("span", { class: `badge ${PLUGIN_STATES[state] ?? ""}` }, state);
        export const stateBadge = (state) => h("span", { class: `badge ${DELIVERY_STATES[state] ?? ""}` }, state);

        export function statusChip(status) {
          if (!status) return null;
          const kind = status < 300 ? "good" : status < 400 ? "warn" : "bad";
          return h("span", { class: `badge plainer ${kind}` }, `HTTP ${status}`);
        }

        const MOMENTS = { ago, ahead, local };

        export function moment(text, style = "ago") {
          if (!text) return "–";
          const element = h("time", { datetime: text, title: `${local(text)} (${text})`, class: "nowrap" }, MOMENTS[style](text));
          element.dataset.style = style;
          return element;
        }

        // What was 5 s ago goes on: the moments of a page are brought up to date, also where nothing else changes.
        export function retime(root) {
          for (const element of root.querySelectorAll("time[data-style]")) setText(element, MOMENTS[element.dataset.style](element.dateTime));
        }

        export const empty = (title, text) => h("div", { class: "empty" }, h("strong", {}, title), text);
        export const problem = (error) => h("div", { class: "problem", role: "alert" }, pieces(error.message ?? String(error)));

        export function head(title, lead, ...actions) {
          return h("div", { class: "head" },
            h("div", { class: "grow" }, h("h1", {}, title), lead ? h("p", { class: "lead" }, lead) : null), actions);
        }

        export function facts(entries) {
          return h("dl", { class: "facts" }, entries.filter(([, value]) => value !== null && value !== undefined && value !== "")
            .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
        }

        export function table(columns, rows, className = "") {
          return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": columns.label },
            h("table", { class: className }, h("thead", {}, h("tr", {}, columns.names.map((name) =>
              h("th", { scope: "col", class: name.startsWith("#") ? "num" : null }, name.replace(/^#/, ""))))), h("tbody", {}, rows)));
        }

        export function segments(label, options, chosen, choose) {
          const group = h("div", { class: "segments", role: "group", "aria-label": label });
          for (const [value, text] of options) {
            group.append(h("button", { type: "button", "aria-pressed": String(value === chosen), onclick: () => {
              for (const button of group.children) button.setAttribute("aria-pressed", String(button.textContent === text));
              choose(value);
            } }, text));
          }
          return group;
        }

        // JSON as it was written, in colours; long strings are cut until asked for.
        export function json(value) {
          const target = h("pre", { class: "json", tabindex: "0" });
          write(value, "", target);
          return target;
        }

        const LONGEST = 2000;

        function write(value, indent, target) {
          if (value instanceof WrittenNumber) return target.append(h("span", { class: "number" }, value.text));
          if (value === null || typeof value === "boolean") return target.append(h("span", { class: "word" }, String(value)));
          if (typeof value === "number") return target.append(h("span", { class: "number" }, String(value)));
          if (typeof value === "string") return writeText(value, target);
          const isList = Array.isArray(value), entries = isList ? value.map((item) => [null, item]) : Object.entries(value);
          const [open, close] = isList ? "[]" : "{}";
          if (!entries.length) return target.append(open + close);
          target.append(open + "\n");
          entries.forEach(([key, item], index) => {
            target.append(indent + "  ");
            if (!isList) target.append(h("span", { class: "key" }, pieces(JSON.stringify(key))), ": ");
            write(item, indent + "  ", target);
            target.append(index < entries.length - 1 ? ",\n" : "\n");
          });
          target.append(indent + close);
        }

        function writeText(text, target) {
          const quoted = JSON.stringify(text);
          const element = h("span", { class: "string" }, pieces(quoted.slice(0, LONGEST)));
          target.append(element);
          if (quoted.length <= LONGEST) return;
          const more = h("button", { type: "button", class: "plain", onclick: () => {
            element.replaceChildren(...pieces(quoted));
            more.remove();
          } }, `… all ${quoted.length.toLocaleString("en")} characters`);
          target.append(more);
        }

        // Bytes of an answer: as text where they are text, otherwise in hex with offsets.
        export function bytes(text, base64) {
          if (base64 === undefined || base64 === null) return text ? h("pre", { tabindex: "0" }, pieces(text)) : h("p", { class: "quiet" }, "empty");
          const raw = atob(base64), lines = [];
          for (let start = 0; start < raw.length && start < 4096; start += 16) {
            const part = Array.from(raw.slice(start, start + 16), (one) => one.charCodeAt(0));
            const hex = part.map((one) => one.toString(16).padStart(2, "0")).join(" ").padEnd(47);
            const shown = part.map((one) => (one >= 32 && one < 127 ? String.fromCharCode(one) : "·")).join("");
            lines.push(`${start.toString(16).padStart(6, "0")}  ${hex}  ${shown}`);
          }
          if (raw.length > 4096) lines.push(`… ${raw.length - 4096} more bytes`);
          return h("pre", { class: "hex", tabindex: "0", "aria-label": "Bytes in hexadecimal" }, lines.join("\n"));
        }

        export function headers(list) {
          if (!list.length) return h("p", { class: "quiet" }, "none");
          return h("table", { class: "headers" }, h("tbody", {}, list.map(([name, value]) =>
            h("tr", {}, h("td", {}, foreign(name)), h("td", {}, foreign(value, 1000))))));
        }

        export const splitHeader = (line) => {
          const place = (line ?? "").indexOf(":");
          return place < 0 ? [line ?? "", ""] : [line.slice(0, place), line.slice(place + 1).trim()];
        };

        export const part = (title, ...content) => h("div", {}, h("span", { class: "sub" }, title), content);

        """#
}
