// How the dashboard looks: colours, frame and the parts that every page has.

extension Asset {
    static let style = #"""
        :root {
          color-scheme: light dark;
          --ground: #f5f6f8; --card: #ffffff; --raised: #f0f2f6; --line: #dfe3ea; --ink: #171c26; --soft: #525c6e;
          --accent: #3450c8; --accent-ink: #ffffff; --accent-soft: #e8edff;
          --good: #1a7340; --good-soft: #dff5e6; --good-plot: #38a169; --warn: #8a5300; --warn-soft: #fff0d1;
          --bad: #b3261e; --bad-soft: #fde5e3; --bad-plot: #e5534b; --calm: #3f4b60; --calm-soft: #e7eaf0;
          --info: #1b5fa8; --info-soft: #e0effd; --plot: #5b7cfa; --shade: 0 1px 2px rgb(20 30 50 / .07), 0 3px 12px rgb(20 30 50 / .05);
          --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #0f1319; --card: #171c25; --raised: #1f2631; --line: #2b3442; --ink: #e8ecf3; --soft: #a3aec0;
            --accent: #91a7ff; --accent-ink: #0f1319; --accent-soft: #232f55;
            --good: #6fdc98; --good-soft: #15331f; --good-plot: #3fb26f; --warn: #ffc861; --warn-soft: #3a2b0c;
            --bad: #ff9a92; --bad-soft: #431a18; --bad-plot: #f0655c; --calm: #b9c3d3; --calm-soft: #262e3b;
            --info: #86c2ff; --info-soft: #122c47; --plot: #748ffc; --shade: 0 1px 2px rgb(0 0 0 / .4);
          }
        }
        * { box-sizing: border-box; }
        html { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; background: var(--ground); color: var(--ink); }
        body { margin: 0; min-height: 100vh; }
        h1 { font-size: 1.45rem; line-height: 1.25; margin: 0; letter-spacing: -.01em; }
        h2 { font-size: 1.05rem; margin: 0; }
        h3 { font-size: .95rem; margin: 0; }
        p { margin: .4rem 0; }
        a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 4px; }
        code, pre, .mono { font-family: var(--mono); font-size: .86em; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
        main { max-width: 78rem; margin: 0 auto; padding: 1.4rem 1.2rem 4rem; }
        main:focus { outline: none; }
        [hidden] { display: none !important; }
        .skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: .6rem; z-index: 9; background: var(--card); padding: .4rem .8rem; }
        .top { display: flex; align-items: center; gap: 1.2rem; padding: 0 1.2rem; min-height: 3.4rem; background: var(--card); border-bottom: 1px solid var(--line); position: sticky; top: 0; z-index: 5; }
        .brand { display: flex; align-items: center; gap: .55rem; font-weight: 650; color: var(--ink); text-decoration: none; white-space: nowrap; }
        nav { display: flex; gap: .15rem; overflow-x: auto; flex: 1; scrollbar-width: none; padding: 4px; }
        nav a { padding: .38rem .75rem; border-radius: 8px; color: var(--soft); text-decoration: none; white-space: nowrap; font-weight: 500; }
        nav a:hover { background: var(--raised); color: var(--ink); }
        nav a[aria-current] { background: var(--accent-soft); color: var(--accent); font-weight: 600; }
        nav .count { margin-left: .4rem; padding: 0 .4rem; border-radius: 9px; background: var(--bad-soft); color: var(--bad); font-size: .78rem; font-weight: 650; }
        .session { display: flex; align-items: center; gap: .6rem; color: var(--soft); font-size: .85rem; white-space: nowrap; }
        .notice { background: var(--bad-soft); color: var(--bad); padding: .6rem 1.2rem; font-weight: 550; border-bottom: 1px solid var(--line); }
        .head { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem 1rem; margin-bottom: 1.1rem; }
        .head .grow, .grow { flex: 1 1 12rem; min-width: 0; }
        .lead, .quiet { color: var(--soft); } .lead { margin: .15rem 0 0; }
        .small { font-size: .85rem; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shade); padding: 1.05rem 1.2rem; margin-bottom: 1rem; min-width: 0; }
        .card > h2 { margin-bottom: .7rem; }
        .row { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .7rem; min-width: 0; }
        button, .button { font: inherit; font-weight: 550; font-size: .9rem; padding: .4rem .85rem; border-radius: 8px; border: 1px solid var(--line); background: var(--card); color: var(--ink); cursor: pointer; text-decoration: none; display: inline-block; }
        button:hover:not(:disabled), .button:hover { background: var(--raised); }
        button:disabled { opacity: .5; cursor: not-allowed; } button[aria-busy] { cursor: progress; }
        button.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
        button.primary:hover:not(:disabled) { background: var(--accent); filter: brightness(1.08); }
        button.danger { color: var(--bad); }
        button.plain { border: 0; background: none; padding: .2rem .4rem; color: var(--accent); }
        .segments { display: inline-flex; border: 1px solid var(--line); border-radius: 9px; overflow: hidden; background: var(--card); }
        .segments button { border: 0; border-radius: 0; padding: .32rem .8rem; background: none; color: var(--soft); }
        .segments button[aria-pressed="true"] { background: var(--accent-soft); color: var(--accent); }
        input, select, textarea { font: inherit; font-weight: 400; font-size: .92rem; height: 2.35rem; padding: .38rem .6rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); color: var(--ink); min-width: 0; max-width: 100%; }
        label { display: grid; gap: .2rem; font-size: .82rem; font-weight: 550; color: var(--soft); min-width: 0; }
        label.check { display: flex; align-items: center; gap: .5rem; font-size: .92rem; color: var(--ink); }
        .badge { display: inline-flex; align-items: center; gap: .38rem; padding: .1rem .6rem; border-radius: 99px; font-size: .8rem; font-weight: 600; white-space: nowrap; background: var(--calm-soft); color: var(--calm); }
        .badge::before { content: ""; width: .5rem; height: .5rem; border-radius: 50%; background: currentColor; }
        .badge.good { background: var(--good-soft); color: var(--good); } .badge.warn { background: var(--warn-soft); color: var(--warn); }
        .badge.bad { background: var(--bad-soft); color: var(--bad); } .badge.info { background: var(--info-soft); color: var(--info); }
        .badge.plainer::before { display: none; }
        .foreign { unicode-bidi: isolate; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; } .narrow { display: none; } .inset { padding: 1rem 1.2rem 0; margin-bottom: .5rem; }
        .tight { padding: 0; overflow: hidden; }
        table { border-collapse: collapse; width: 100%; font-size: .91rem; }
        th { text-align: left; font-size: .78rem; font-weight: 600; color: var(--soft); padding: .55rem .8rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
        td { padding: .55rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        tbody tr:last-child td { border-bottom: 0; }
        tbody tr:hover { background: color-mix(in srgb, var(--raised) 55%, transparent); }
        .num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .nowrap { white-space: nowrap; }
        .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(12.5rem, 1fr)); gap: .8rem 1.2rem; margin: 0; }
        .facts div { min-width: 0; } .facts dt { font-size: .78rem; color: var(--soft); font-weight: 550; }
        .facts dd { margin: .1rem 0 0; overflow-wrap: anywhere; }
        .empty { text-align: center; padding: 2.6rem 1rem; color: var(--soft); } .empty strong { display: block; color: var(--ink); font-size: 1.02rem; margin-bottom: .2rem; }
        .problem { border-left: 4px solid var(--bad); background: var(--bad-soft); color: var(--bad); padding: .6rem .9rem; border-radius: 6px; overflow-wrap: anywhere; }
        .toasts { position: fixed; right: 1rem; bottom: 1rem; display: grid; gap: .5rem; z-index: 20; max-width: min(26rem, calc(100vw - 2rem)); }
        .toast { background: var(--ink); color: var(--ground); padding: .6rem .95rem; border-radius: 9px; box-shadow: var(--shade); overflow-wrap: anywhere; }
        .toast.bad { background: var(--bad); color: var(--card); }
        dialog { border: 1px solid var(--line); border-radius: 14px; background: var(--card); color: var(--ink); padding: 1.3rem; width: min(30rem, calc(100vw - 2rem)); box-shadow: 0 12px 50px rgb(0 0 0 / .3); }
        dialog::backdrop { background: rgb(10 14 22 / .5); }
        dialog form { display: grid; gap: .9rem; } dialog .row { justify-content: flex-end; }
        @media (max-width: 46rem) {
          html { font-size: 14.5px; }
          .top { flex-wrap: wrap; gap: 0 .8rem; padding: .5rem .9rem 0; position: static; }
          .brand { flex: 1; } nav { order: 3; flex: 1 0 100%; padding: .4rem 0 .5rem; }
          .session .who { display: none; } .facts { grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); } main { padding: 1rem .9rem 4rem; } .card { padding: .9rem; } .card.tight { padding: 0; }
        }
        @media (prefers-reduced-motion: no-preference) { button, nav a, tbody tr { transition: background-color .12s; } }

        """#
}
