// Scripts: one attempt: outcome, time by phase, answer.

extension Asset {
    static let attempt = #"""
        // One attempt, and the bar of its phases.

        import { h, s, foreign } from "./dom.js";
        import { micro } from "./format.js";
        import { bytes, headers, moment, part, splitHeader, statusChip } from "./parts.js";

        const PHASES = [["DNS", "resolved"], ["Connect", "connected"], ["TLS", "secured"], ["Wait", "first_byte"], ["Answer", "total"]];

        // Times are counted from the start; a phase that was not reached is 0, and takes none.
        export function timing(timings) {
          if (!timings?.total) return null;
          let before = 0;
          const phases = PHASES.map(([name, key], place) => {
            const end = Math.max(timings[key], before), length = end - before;
            const one = { name, place, from: before, length };
            before = end;
            return one;
          }).filter((phase) => phase.length > 0);
          const words = phases.map((phase) => `${phase.name} ${micro(phase.length)}`).join(", ");
          return h("div", { class: "timing" },
            s("svg", { viewBox: "0 0 1000 18", preserveAspectRatio: "none", role: "img", "aria-label": `${words}, total ${micro(timings.total)}` },
              phases.map((phase) => s("rect", { class: `phase${phase.place}`, x: (1000 * phase.from) / timings.total, width: Math.max((1000 * phase.length) / timings.total, 2), height: 18 }))),
            h("ul", { class: "legend" }, phases.map((phase) => h("li", {}, s("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" },
              s("rect", { class: `phase${phase.place}`, width: 10, height: 10 })), phase.name, h("strong", {}, micro(phase.length)))),
              h("li", {}, "Total ", h("strong", {}, micro(timings.total)))));
        }

        export function attempt(one, isOpen) {
          const outcome = statusChip(one.status) ?? h("span", { class: "badge plainer bad" }, one.failure ?? "no answer");
          const details = h("details", { open: isOpen }, h("summary", {}, h("span", { class: "row" }, h("strong", {}, `#${one.number}`), outcome,
            h("span", { class: "quiet small" }, moment(one.started_at, "local")), h("span", { class: "quiet small" }, micro(one.timings.total)))),
            h("div", { class: "inside" }, h("div", {}, foreign(one.message, 2000)), timing(one.timings),
              one.remote_address ? part("Receiver", h("span", { class: "mono" }, one.remote_address)) : null,
              one.status ? part("Answer's headers", headers(one.answer_headers.map(splitHeader))) : null,
              one.status ? part("Answer's body", bytes(one.answer_body, one.answer_body_base64)) : null));
          details.dataset.number = String(one.number);
          return h("li", {}, details);
        }

        """#
}
