// Scripts: which page is shown, what stands around it, and when it is brought up to date.

extension Asset {
    static let app = #"""
        // The frame: pages by the address's fragment, navigation, login, and one clock that updates the page that is shown.

        import { h, replace } from "./dom.js";
        import { get, post, session } from "./api.js";
        import { problem, retime } from "./parts.js";
        import { heardTime } from "./format.js";
        import { showLogin } from "./login.js";
        import { overview } from "./overview.js";
        import { deliveries } from "./deliveries.js";
        import { delivery, event } from "./delivery.js";
        import { plugins } from "./plugins.js";
        import { plugin } from "./plugin.js";
        import { dead } from "./dead.js";
        import { audit } from "./audit.js";
        import { ages } from "./ages.js";

        const PAGES = {
          "": { name: "Overview", show: overview }, deliveries: { name: "Deliveries", show: deliveries },
          plugins: { name: "Plugins", show: plugins }, dead: { name: "Dead letters", show: dead },
          ages: { name: "Ages", show: ages }, audit: { name: "Audit", show: audit },
          delivery: { show: delivery, under: "deliveries" }, event: { show: event, under: "deliveries" }, plugin: { show: plugin, under: "plugins" },
        };
        const PERIOD = 2000;
        const main = document.getElementById("main"), nav = document.getElementById("nav"), notice = document.getElementById("notice");
        let turn = 0, current = null, isReady = false;

        function address() {
          const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
          const parts = path.split("/");
          const decode = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
          return { page: PAGES[parts[0]] ?? PAGES[""], name: parts[0] in PAGES ? parts[0] : "", parts: parts.slice(1).map(decode),
            query: Object.fromEntries(new URLSearchParams(query ?? "")) };
        }

        function drawNav() {
          const { page, name } = address();
          const active = page.under ?? name;
          replace(nav, Object.entries(PAGES).filter(([, one]) => one.name).map(([key, one]) =>
            h("a", { href: `#/${key}`, "aria-current": key === active ? "page" : null, id: `nav-${key || "overview"}` }, one.name)));
          // On a narrow screen the current page's name must not stay out of sight.
          revealCurrent();
        }

        function revealCurrent() {
          const chosen = nav.querySelector("[aria-current]");
          if (chosen) nav.scrollLeft = Math.max(0, chosen.offsetLeft - nav.offsetLeft - (nav.clientWidth - chosen.offsetWidth) / 2);
        }

        async function show(moveFocus) {
          turn += 1;
          const mine = turn;
          const where = address();
          const content = h("div", {});
          drawNav();
          document.title = `${where.page.name ?? where.parts[0] ?? ""} – mwdb-webhooks`;
          try {
            const live = await where.page.show(content, where);
            if (mine !== turn) return;
            current = live ?? null;
            replace(main, content);
          } catch (error) {
            if (mine !== turn || error.status === 401) return;
            current = null;
            replace(main, problem(error), h("p", {}, h("button", { type: "button", onclick: () => show(true) }, "Try again")));
          }
          main.dataset.shown = location.hash || "#/";
          if (moveFocus) { main.focus({ preventScroll: true }); scrollTo(0, 0); }
        }

        // The status that every page has: whether events are accepted, and the numbers in the navigation.
        async function tick() {
          const mine = turn;
          if (!isReady || document.hidden) return;
          try {
            const status = await get("api/status");
            if (mine !== turn || !isReady) return;
            heardTime(status.now);
            tell(status.ready ? "" : `Events are not accepted: ${status.not_ready_because ?? "not ready"}`);
            const deadOnes = status.plugins.reduce((total, plugin) => total + (plugin.deliveries.dead ?? 0), 0);
            count(document.getElementById("nav-dead"), deadOnes);
            await current?.(status);
            retime(main);
          } catch (error) {
            if (isReady && error.status !== 401) tell(error.message);
          }
        }

        function tell(text) {
          if (notice.textContent !== text) notice.textContent = text;
          notice.hidden = !text;
        }

        function count(link, number) {
          if (!link) return;
          const shown = number ? number.toLocaleString("en") : "";
          let badge = link.querySelector(".count");
          if (!shown) { badge?.remove(); return; }
          if (!badge) link.append(badge = h("span", { class: "count" }));
          if (badge.textContent !== shown) badge.textContent = shown;
        }

        function drawSession() {
          const isToken = session.name.includes("token");
          replace(document.getElementById("session"), h("span", { class: "who" }, isToken ? session.role : "local", ` · ${session.version}`),
            isToken ? h("button", { type: "button", class: "plain", onclick: async () => { await post("logout"); location.reload(); } }, "Log out") : null);
        }

        async function begin() {
          try {
            Object.assign(session, await get("api/session"));
          } catch (error) {
            if (error.status === 401) return;
            replace(main, problem(error), h("p", {}, h("button", { type: "button", onclick: begin }, "Try again")));
            return;
          }
          isReady = true;
          nav.hidden = false;
          drawSession();
          await show(false);
          tick();
        }

        document.addEventListener("login-needed", () => {
          if (document.querySelector(".login")) return;
          isReady = false;
          turn += 1;
          current = null;
          tell("");
          nav.hidden = true;
          document.querySelectorAll("dialog").forEach((dialog) => dialog.remove());
          replace(document.getElementById("session"));
          showLogin(main, begin);
        });
        document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
        document.addEventListener("visibilitychange", tick);
        addEventListener("resize", revealCurrent);
        addEventListener("hashchange", () => { if (isReady) show(true).then(tick); });
        // One request at a time: a slow answer delays the next question instead of piling up.
        (async () => { for (;;) { await new Promise((go) => setTimeout(go, PERIOD)); await tick(); } })();
        begin();

        """#
}
