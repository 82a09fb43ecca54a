// Scripts: the form that asks for a token.

extension Asset {
    static let login = #"""
        // The login form: shown whenever the API says that it does not know who asks.

        import { h, replace } from "./dom.js";
        import { post } from "./api.js";
        import { problem } from "./parts.js";

        export function showLogin(main, done) {
          document.title = "Log in – mwdb-webhooks";
          const input = h("input", { type: "password", name: "token", autocomplete: "current-password", spellcheck: "false", required: true });
          const errors = h("div", {});
          const go = h("button", { class: "primary", type: "submit" }, "Log in");
          replace(main, h("div", { class: "card login" }, h("h1", {}, "Log in"),
            h("p", { class: "quiet" }, "With a token of this daemon. On its host, ", h("code", {}, "mwdb-webhooks token"), " shows it; add ", h("code", {}, "--viewer"), " for one that only looks."),
            h("form", { onsubmit: async (event) => {
              event.preventDefault();
              go.disabled = true;
              errors.replaceChildren();
              try {
                await post("login", { token: input.value.trim() });
                done();
              } catch (error) {
                replace(errors, problem(error));
                input.select();
              } finally {
                go.disabled = false;
              }
            } }, h("label", {}, "Token", input), errors, h("div", {}, go))));
          input.focus();
        }

        """#
}
