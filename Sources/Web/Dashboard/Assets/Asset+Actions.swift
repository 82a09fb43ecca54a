// Scripts: what an operator does, with questions before and words after.

extension Asset {
    static let actions = #"""
        // Actions: dialogs before, a word after. What fails says why where everybody sees it.

        import { h, foreign, pieces, setText } from "./dom.js";
        import { get, mayAct, post } from "./api.js";
        import { count, counted } from "./format.js";
        import { problem } from "./parts.js";

        export function toast(text, isBad = false) {
          const element = h("div", { class: `toast ${isBad ? "bad" : ""}` }, pieces(text));
          document.getElementById("toasts").append(element);
          setTimeout(() => element.remove(), isBad ? 9000 : 4500);
        }

        // Runs `work` once at a time. The button is not disabled meanwhile, for that would take the focus from it; where it
        // is replaced by what can be done next, that gets the focus.
        export async function doing(button, work) {
          if (button.ariaBusy) return undefined;
          const { parentElement: place, dataset: { action } } = button;
          button.ariaBusy = "true";
          try {
            return await work();
          } catch (error) {
            toast(error.message, true);
            return undefined;
          } finally {
            button.ariaBusy = null;
            if (document.activeElement === document.body) heir(button, place, action)?.focus();
          }
        }

        function heir(button, place, action) {
          if (button.isConnected) return button;
          return place?.isConnected ? place.querySelector("button") : action ? document.querySelector(`[data-action="${action}"]`) : null;
        }

        export function button(text, className, work, hint) {
          const allowed = mayAct();
          const element = h("button", { type: "button", class: className, disabled: !allowed,
            title: allowed ? hint : "A viewer changes nothing: log in with the operator's token",
            onclick: () => doing(element, work) }, text);
          return element;
        }

        // A dialog with a form. `submit` gets the form's data; an error keeps it open and is shown in it.
        export function ask(title, content, verb, submit, isDanger = false) {
          return new Promise((resolve) => {
            const before = document.activeElement;
            const errors = h("div", {});
            const go = h("button", { type: "submit", class: isDanger ? "danger" : "primary" }, verb);
            const dialog = h("dialog", { "aria-label": title }, h("form", { method: "dialog", onsubmit: async (event) => {
              event.preventDefault();
              if (go.ariaBusy) return;
              go.ariaBusy = "true";
              try {
                const result = await submit(new FormData(event.target));
                close(result ?? true);
              } catch (error) {
                errors.replaceChildren(problem(error));
              } finally {
                go.ariaBusy = null;
              }
            } }, h("h2", {}, title), content, errors, h("div", { class: "row" },
              h("button", { type: "button", onclick: () => close(undefined) }, "Cancel"), go)));
            const close = (result) => {
              dialog.close();
              dialog.remove();
              before?.focus?.();
              resolve(result);
            };
            dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(undefined); });
            document.body.append(dialog);
            dialog.showModal();
            (dialog.querySelector("input, select, textarea") ?? go).focus();
          });
        }

        export async function pause(plugin) {
          const done = await ask(`Pause ${plugin}?`, [
            h("p", { class: "quiet" }, "Nothing is lost: events keep coming in, and are sent when the plugin is resumed."),
            h("label", {}, "Why (others will see it)", h("input", { name: "reason", maxlength: 200, autocomplete: "off", placeholder: "moves to another host" })),
          ], "Pause", (data) => post(`api/plugins/${encodeURIComponent(plugin)}/pause`, data.get("reason") ? { reason: data.get("reason") } : {}));
          if (done) toast(`${plugin} is paused`);
          return done;
        }

        export async function resume(plugin) {
          await post(`api/plugins/${encodeURIComponent(plugin)}/resume`);
          toast(`${plugin} runs again`);
        }

        export async function retry(id) {
          const { changed } = await post("api/deliveries/retry", { ids: [id] });
          toast(changed ? "Will be tried at once" : "Nothing to retry: it is delivered, or being tried now");
        }

        export async function cancel(id) {
          const done = await ask("Cancel this delivery?", h("p", { class: "quiet" }, "It will not be tried again unless somebody retries it."),
            "Cancel delivery", () => post("api/deliveries/cancel", { ids: [id] }), true);
          if (done) toast(done.changed ? "Cancelled" : "Nothing to cancel: it is delivered already");
          return done;
        }

        export async function replay(event, current) {
          const { plugins } = await get("api/plugins");
          const names = plugins.map((plugin) => plugin.name).filter((name) => name !== "mwdb");
          const done = await ask("Deliver this event again", [
            h("label", {}, "To plugin", h("select", { name: "plugin" }, names.map((name) => h("option", { value: name, selected: name === current }, name)))),
            h("label", { class: "check" }, h("input", { type: "checkbox", name: "new_id" }), "As a new event, for receivers that skip ids they know"),
          ], "Replay", (data) => post("api/deliveries/replay", { events: [event], plugin: data.get("plugin"), new_id: data.get("new_id") === "on" }));
          if (done) toast(done.replayed ? "On its way" : "Nothing was replayed: a delivery of it is still pending there");
          return done;
        }

        // What a filter selects is a job: it is followed as long as the page is there, and goes on without it.
        async function follow(job, name) {
          const words = h("div", { class: "toast" });
          document.getElementById("toasts").append(words);
          try {
            while (job.state === "running") {
              setText(words, `${name}: ${count(job.examined)}${job.total === null ? "" : ` of ${count(job.total)}`}…`);
              await new Promise((go) => setTimeout(go, 500));
              job = await get(`api/jobs/${job.id}`);
            }
          } finally {
            words.remove();
          }
          return job;
        }

        // The filter in force, which is the list's: the form may have been changed since without *Filter*.
        function inWords({ all, ...filters }) {
          const names = Object.entries(filters).map(([name, value], place) => [place ? ", " : "", `${name} `, h("strong", {}, foreign(String(value), 80))]);
          return names.length ? ["Of those in the list: ", names] : "No filter is in force: this means all deliveries.";
        }

        // Retry or cancel for everything that a filter finds, after saying how many that are.
        export async function many(verb, selection) {
          const found = await post(`api/deliveries/${verb}`, { ...selection, dry_run: true });
          if (!found.matched) { toast("No delivery matches that can be changed"); return undefined; }
          const number = `${found.more ? "more than " : ""}${count(found.matched)}`;
          const title = `${found.more ? "more than " : ""}${counted(found.matched, "delivery", "deliveries")}`;
          const name = verb === "retry" ? "Retry" : "Cancel";
          const begun = await ask(`${name} ${title}?`, [h("p", { class: "chosen" }, inWords(selection)), h("p", { class: "quiet" }, verb === "retry"
            ? "Waiting, held, dead and cancelled ones become ready at once." : "They will not be tried again unless somebody retries them.")],
            `${name} ${number}`, () => post(`api/deliveries/${verb}`, selection), verb === "cancel");
          if (!begun) return undefined;
          const job = await follow(begun, name);
          if (job.state === "done") toast(`${count(job.done)} changed`);
          else toast(`Job ${job.id} is ${job.state} after ${count(job.done)}${job.problem ? `: ${job.problem}` : ""}`, job.state === "failed");
          return job;
        }

        """#
}
