// How the parts look that only some pages have: tiles, plugin cards, plots, attempts, JSON.

extension Asset {
    static let styleOfPages = #"""
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr)); gap: .8rem; margin-bottom: 1.3rem; }
        .tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shade); padding: .8rem 1rem; min-width: 0; }
        .tile .name { font-size: .8rem; color: var(--soft); font-weight: 550; }
        .tile .value { font-size: 1.5rem; line-height: 1.3; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.01em; white-space: nowrap; }
        .tile .note { font-size: .8rem; color: var(--soft); overflow-wrap: anywhere; }
        .tile.bad .value { color: var(--bad); } .tile.warn .value { color: var(--warn); }
        .meter { display: block; width: 100%; height: 6px; border-radius: 3px; margin-top: .4rem; }
        .meter .back { fill: var(--raised); } .meter .fill { fill: var(--plot); } .meter.bad .fill { fill: var(--bad-plot); }
        .plugin-card { display: grid; grid-template-columns: minmax(14rem, 1.2fr) minmax(15rem, 1.15fr) minmax(11rem, 1.2fr) minmax(11rem, 1.2fr); gap: .9rem 1.5rem; align-items: start; }
        .plugin-card .name { font-size: 1.08rem; font-weight: 650; overflow-wrap: anywhere; }
        .plugin-card .why { display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; color: var(--soft); font-size: .87rem; overflow-wrap: anywhere; margin: .35rem 0 .5rem; }
        .figures { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .55rem .9rem; margin: 0; }
        .figures dt { font-size: .76rem; color: var(--soft); font-weight: 550; } .figures dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .figures dd.late { color: var(--warn); } .figures dd.bad { color: var(--bad); }
        .plot { min-width: 0; } .plot .caption { display: flex; justify-content: space-between; gap: .5rem; font-size: .78rem; color: var(--soft); font-weight: 550; }
        .plot .caption strong { color: var(--ink); font-weight: 650; font-variant-numeric: tabular-nums; }
        .plot svg { display: block; width: 100%; height: 56px; margin: .25rem 0 .1rem; border-bottom: 1px solid var(--line); }
        .plot.large svg { height: 110px; }
        .plot .axis { display: flex; justify-content: space-between; font-size: .72rem; color: var(--soft); }
        .plot .ok { fill: var(--good-plot); } .plot .fail { fill: var(--bad-plot); } .plot .gap { fill: var(--raised); } .plot .wait { fill: var(--plot); }
        .plot .median { fill: none; stroke: var(--plot); stroke-width: 1.8; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
        .plot .high { fill: none; stroke: var(--plot); stroke-width: 1.2; stroke-dasharray: 2 3; vector-effect: non-scaling-stroke; opacity: .8; }
        .filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: .7rem .9rem; align-items: end; }
        .filters .actions { display: flex; gap: .5rem; flex-wrap: wrap; }
        .list .object { font-family: var(--mono); font-size: .84em; } .list .object .foreign { white-space: nowrap; }
        .list .why { color: var(--soft); font-size: .87rem; max-width: 34rem; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere; }
        .more { padding: .8rem; text-align: center; border-top: 1px solid var(--line); }
        .attempts { list-style: none; margin: 0; padding: 0; display: grid; gap: .6rem; }
        .attempts details, .fold { border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
        summary { cursor: pointer; padding: .6rem .9rem; border-radius: 10px; } summary:hover { background: var(--raised); }
        .attempts summary .row { display: inline-flex; max-width: calc(100% - 1.5rem); vertical-align: top; }
        .inside { display: grid; gap: .9rem; min-width: 0; padding-top: .6rem; } .attempts .inside { padding: .3rem .9rem .9rem; } .inside > * { min-width: 0; }
        .timing svg { display: block; width: 100%; height: 18px; border-radius: 5px; }
        .timing .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .45rem 0 0; padding: 0; list-style: none; font-size: .83rem; color: var(--soft); }
        .timing .legend li { display: flex; align-items: center; gap: .4rem; } .timing .legend strong { color: var(--ink); font-variant-numeric: tabular-nums; }
        .timing .legend svg { width: 10px; height: 10px; border-radius: 3px; }
        .phase0 { fill: #868e96; } .phase1 { fill: #f08c00; } .phase2 { fill: #9c5fd6; } .phase3 { fill: #3b82d6; } .phase4 { fill: #2f9e5f; }
        pre { margin: 0; padding: .8rem .95rem; background: var(--raised); border-radius: 9px; overflow: auto; max-height: 32rem; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; unicode-bidi: isolate; }
        pre.hex { white-space: pre; overflow-wrap: normal; }
        .json .key { color: var(--accent); } .json .string { color: var(--good); } .json .number { color: var(--warn); } .json .word { color: var(--info); }
        .control { background: var(--warn-soft); color: var(--warn); border-radius: 3px; font-size: .85em; font-family: var(--mono); }
        .headers td:first-child { font-family: var(--mono); font-size: .85em; white-space: nowrap; color: var(--soft); } .headers td { padding: .25rem .7rem; font-size: .87rem; }
        .headers td:last-child { font-family: var(--mono); font-size: .85em; overflow-wrap: anywhere; }
        .request { padding: 0; } .request > summary { font-size: 1.05rem; font-weight: 700; padding: .95rem 1.2rem; } .request > .inside { padding: 0 1.2rem 1.1rem; }
        .sub { display: block; font-size: .8rem; color: var(--soft); font-weight: 550; margin-bottom: .3rem; }
        .config td:first-child { font-family: var(--mono); font-size: .86em; font-weight: 600; } .config td { overflow-wrap: anywhere; }
        .config .origin { color: var(--soft); font-size: .84rem; }
        .chips { display: flex; flex-wrap: wrap; gap: .3rem; } .chip { font-family: var(--mono); font-size: .8rem; padding: .05rem .5rem; border-radius: 6px; background: var(--raised); overflow-wrap: anywhere; }
        .three { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 1rem 1.5rem; }
        .two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1rem; align-items: start; }
        .heat td.num { min-width: 4.2rem; } .heat .h1 { background: color-mix(in srgb, var(--plot) 8%, transparent); } .heat .h2 { background: color-mix(in srgb, var(--plot) 16%, transparent); } .heat .h3 { background: color-mix(in srgb, var(--plot) 26%, transparent); }
        .login { max-width: 25rem; margin: 9vh auto 0; } .login form { display: grid; gap: .9rem; margin-top: 1rem; } .login input { font-family: var(--mono); }
        .verdict { font-weight: 600; } .crumbs { font-size: .87rem; color: var(--soft); margin-bottom: .35rem; }
        @media (max-width: 70rem) { .plugin-card { grid-template-columns: 1fr 1fr; } }
        @media (max-width: 46rem) {
          .plugin-card { grid-template-columns: minmax(0, 1fr); } .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .6rem; } .tile { padding: .65rem .8rem; } .tile .value { font-size: 1.22rem; }
          .filters { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .55rem .7rem; } .filters .actions { grid-column: 1 / -1; }
          .list thead { display: none; } .list tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .15rem .7rem; padding: .65rem .9rem; border-bottom: 1px solid var(--line); } .list td { border: 0; padding: 0; min-width: 0; } .list .wide { grid-column: 1 / -1; } .list td:empty { display: none; } .narrow { display: inline; } .list td.num { text-align: left; } .config td { grid-column: 1 / -1; }
        }

        """#
}
