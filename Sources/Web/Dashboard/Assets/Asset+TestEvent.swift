// Scripts: sending a test event and showing the answer.

extension Asset {
    static let testEvent = #"""
        // A test event of any hook: nothing is stored, nothing written back, and the answer is shown.

        import { h, replace, foreign } from "./dom.js";
        import { postBytes, query } from "./api.js";
        import { bytes, headers, json, part, problem, statusChip } from "./parts.js";
        import { button } from "./actions.js";
        import { timing } from "./attempt.js";

        function report(one) {
          const { answer } = one;
          return h("div", { class: "inside", "aria-label": "What came of the test event" },
            h("p", { class: "verdict row" }, h("span", { class: `badge ${one.delivered ? "good" : "bad"}` }, one.delivered ? "delivered" : "not delivered"), statusChip(answer.status), foreign(one.verdict, 600)),
            answer.failure ? h("div", { class: "problem" }, foreign(answer.message, 600)) : null,
            timing(one.timings),
            one.remote_address ? part("Receiver", h("span", { class: "mono" }, one.remote_address)) : null,
            part("Request", h("pre", { tabindex: "0" }, foreign(one.request.line, 2000)), headers(one.request.headers.map((header) => [header.name, header.value]))),
            answer.status ? part("Answer's headers", headers(answer.headers.map((header) => [header.name, header.value]))) : null,
            answer.status ? part(answer.truncated ? "Answer's body (beginning)" : "Answer's body", bytes(answer.body, answer.body_base64)) : null,
            Object.keys(one.extracted ?? {}).length ? part("Extracted", json(one.extracted)) : null);
        }

        export function testEvent(name, plugin, hooks) {
          const result = h("div", { "aria-live": "polite" });
          const wanted = hooks.filter((hook) => plugin.hooks.includes(hook));
          const first = wanted[0] ?? "on_created_file";
          const hook = h("select", { name: "hook" }, hooks.map((one) => h("option", { value: one, selected: one === first }, wanted.includes(one) ? `${one} (subscribed)` : one)));
          const sample = h("input", { type: "file", name: "sample" });
          const send = button("Send test event", "primary", async () => {
            replace(result, h("p", { class: "quiet" }, "Waiting for the answer…"));
            try {
              replace(result, report(await postBytes(`api/plugins/${encodeURIComponent(name)}/ping` + query({ hook: hook.value }), sample.files[0])));
            } catch (error) {
              replace(result, problem(error));
            }
          });
          return h("section", { class: "card", "aria-label": "Test event" }, h("h2", {}, "Test event"),
            h("p", { class: "quiet small" }, "Sent at once, outside of the outbox. Nothing is stored or written back."),
            h("div", { class: "filters" }, h("label", {}, "Hook", hook), h("label", {}, "Sample (plugins that send files)", sample), h("div", { class: "actions" }, send)), result);
        }

        """#
}
