// Scripts: the request of a delivery.

extension Asset {
    static let request = #"""
        // The request as the configuration in force makes it: asked for when somebody opens it.

        import { h, replace, foreign } from "./dom.js";
        import { get, inPath } from "./api.js";
        import { bytes, headers, part, problem } from "./parts.js";

        function content(one) {
          if (one.is_event) return part("Body", h("p", { class: "quiet" }, "The event, byte by byte as it came."));
          if (one.sample) return part("Body", h("p", {}, "The sample, SHA-256 ", h("span", { class: "mono foreign" }, one.sample)));
          if (one.parts) return part("Form", headers(one.parts.map((field) => [
            field.name + (field.filename === null ? "" : ` (file ${field.filename})`), field.sample ? `the sample, SHA-256 ${field.sample}` : field.value ?? `Base64 ${field.value_base64}`])));
          return one.body === undefined && one.body_base64 === undefined ? null : part("Body", bytes(one.body, one.body_base64));
        }

        export function request(event, plugin) {
          const inside = h("div", { class: "inside" }, h("p", { class: "quiet" }, "Loading…"));
          return h("details", { class: "card request", ontoggle: async (change) => {
            if (!change.target.open) return;
            try {
              const one = await get(`api/requests/${inPath(`${event}/${plugin}`)}`);
              replace(inside, h("p", { class: "quiet small" }, "As the configuration in force makes it now, secrets and signature taken out; sent requests are not kept."),
                h("pre", { tabindex: "0" }, foreign(one.line, 4000)), part("Headers", headers(one.headers.map((header) => [header.name, header.value]))), content(one));
            } catch (error) {
              replace(inside, problem(error));
            }
          } }, h("summary", {}, "Request"), inside);
        }

        """#
}
