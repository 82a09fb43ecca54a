// Scripts: asking the API, and who is logged in.

extension Asset {
    static let api = #"""
        // Asks the API. A number that JavaScript cannot hold stays as it was written.

        export class Problem extends Error {
          constructor(status, detail) { super(detail); this.status = status; }
        }

        export class WrittenNumber {
          constructor(text) { this.text = text; }
        }

        function parse(text) {
          return JSON.parse(text, (key, value, context) =>
            typeof value === "number" && context?.source && context.source.length > 15 && String(value) !== context.source
              ? new WrittenNumber(context.source) : value);
        }

        async function call(method, path, body, type = "application/json") {
          let answer;
          try {
            answer = await fetch(path, {
              method, credentials: "same-origin", cache: "no-store", redirect: "error",
              headers: { "x-mwdb-webhooks": "1", ...(body === undefined ? {} : { "content-type": type }) },
              body: body === undefined ? undefined : body instanceof Blob ? body : JSON.stringify(body),
            });
          } catch {
            throw new Problem(0, "The daemon does not answer.");
          }
          const text = await answer.text();
          let json = null;
          try { json = parse(text); } catch { json = null; }
          if (answer.status === 401 && path !== "login") document.dispatchEvent(new Event("login-needed"));
          if (!answer.ok) throw new Problem(answer.status, json?.detail ?? `HTTP ${answer.status}`);
          return json;
        }

        // The path of a delivery: EVENT/PLUGIN[/STEP], each part encoded.
        export const inPath = (name) => name.split("/").map(encodeURIComponent).join("/");

        export function query(values) {
          const parts = Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined);
          return parts.length ? "?" + parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&") : "";
        }

        export const get = (path) => call("GET", path);
        export const post = (path, body = {}) => call("POST", path, body);
        export const postBytes = (path, blob) => blob ? call("POST", path, blob, "application/octet-stream") : call("POST", path);

        // Who asks, and what the daemon knows that pages need: filled by the first answer.
        export const session = { role: "viewer", name: "", version: "", mwdb_public_url: null, hooks: [] };
        export const mayAct = () => session.role === "operator";

        """#
}
