// Scripts: small plots as SVG.

extension Asset {
    static let chart = #"""
        // Small plots. Sizes are in a box of 100 × 40 that the page stretches; what a plot shows it also says in words.

        import { h, s, replace, setText } from "./dom.js";
        import { clock, count, micro, percent } from "./format.js";

        const WIDTH = 100, HEIGHT = 40;

        function plot(className) {
          const name = h("span", {}), value = h("strong", {}), from = h("span", {}), to = h("span", {}), middle = h("span", {});
          const drawing = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
          const element = h("div", { class: `plot ${className ?? ""}` }, h("div", { class: "caption" }, name, value), drawing,
            h("div", { class: "axis", "aria-hidden": "true" }, from, middle, to));
          return { element, drawing, name, value, from, middle, to };
        }

        function label(parts, title, value, highest, history, words) {
          setText(parts.name, title);
          setText(parts.value, value);
          setText(parts.from, history.starts.length ? clock(history.starts[0]) : "");
          setText(parts.middle, highest);
          setText(parts.to, "now");
          parts.drawing.setAttribute("aria-label", words);
        }

        function gaps(known, width) {
          return known.map((is, place) => is ? null : s("rect", { class: "gap", x: place * width, y: HEIGHT - 1.5, width, height: 1.5 }));
        }

        // Delivered above failed, stacked, a bar a column.
        export function outcomes(className) {
          const parts = plot(className);
          return { element: parts.element, draw(history, line) {
            const columns = line.delivered.length, width = WIDTH / Math.max(columns, 1);
            const totals = line.delivered.map((value, place) => (value ?? 0) + (line.failed[place] ?? 0));
            const top = Math.max(1, ...totals), bar = Math.max(width * 0.82, 0.3);
            replace(parts.drawing, gaps(line.delivered.map((value) => value !== null), width), totals.map((total, place) => {
              if (!total) return null;
              const failed = line.failed[place] ?? 0, tall = Math.max((total / top) * HEIGHT, 1.2), bad = failed ? Math.max((failed / total) * tall, 1) : 0;
              return [s("rect", { class: "ok", x: place * width, y: HEIGHT - tall, width: bar, height: tall - bad }),
                s("rect", { class: "fail", x: place * width, y: HEIGHT - bad, width: bar, height: bad })];
            }));
            const delivered = sum(line.delivered), failed = sum(line.failed), share = percent(delivered, delivered + failed);
            label(parts, "Success", share, `peak ${count(top === 1 && !totals.includes(1) ? 0 : top)}`, history,
              `Attempts: ${delivered} delivered, ${failed} failed, success ${share}`);
          } };
        }

        // Median as a line, the 95th percentile dotted.
        export function latency(className) {
          const parts = plot(className);
          return { element: parts.element, draw(history, line) {
            const columns = line.median_us.length, step = WIDTH / Math.max(columns, 1);
            const top = Math.max(1, ...line.p95_us.map((value) => value ?? 0), ...line.median_us.map((value) => value ?? 0));
            const path = (values) => {
              let text = "", open = false;
              values.forEach((value, place) => {
                if (!value) { open = false; return; }
                const x = (place + 0.5) * step, y = HEIGHT - 2 - (value / top) * (HEIGHT - 4);
                text += `${open ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`;
                if (!open) text += `h${Math.max(step * 0.4, 0.8).toFixed(2)}`;
                open = true;
              });
              return text;
            };
            replace(parts.drawing, gaps(line.median_us.map((value) => value !== null), step),
              s("path", { class: "high", d: path(line.p95_us) }), s("path", { class: "median", d: path(line.median_us) }));
            const median = last(line.median_us), high = last(line.p95_us);
            label(parts, "Latency", median ? `${micro(median)} · p95 ${micro(high)}` : "–", `peak ${micro(top === 1 ? 0 : top)}`, history,
              `Latency: median ${micro(median)}, 95th percentile ${micro(high)}`);
          } };
        }

        // What waits, a bar a column.
        export function backlog(className) {
          const parts = plot(className);
          return { element: parts.element, draw(history, line) {
            const columns = line.pending.length, width = WIDTH / Math.max(columns, 1), top = Math.max(1, ...line.pending.map((value) => value ?? 0));
            replace(parts.drawing, gaps(line.pending.map((value) => value !== null), width), line.pending.map((value, place) =>
              value ? s("rect", { class: "wait", x: place * width, width: Math.max(width * 0.82, 0.3),
                y: HEIGHT - Math.max((value / top) * HEIGHT, 1.2), height: Math.max((value / top) * HEIGHT, 1.2) }) : null));
            const current = line.pending.at(-1) ?? 0;
            label(parts, "Backlog", count(current), `peak ${count(Math.max(0, ...line.pending.map((value) => value ?? 0)))}`, history, `Backlog: ${current} deliveries`);
          } };
        }

        export function meter(share, isBad) {
          return s("svg", { class: `meter ${isBad ? "bad" : ""}`, viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
            s("rect", { class: "back", width: 100, height: 6 }), s("rect", { class: "fill", width: Math.max(0, Math.min(100, share * 100)), height: 6 }));
        }

        const sum = (values) => values.reduce((total, value) => total + (value ?? 0), 0);
        const last = (values) => values.findLast((value) => value) ?? 0;

        """#
}
