// The one page of the dashboard, and its picture. What is shown in it is made by the scripts.

extension Asset {
    static let page = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>mwdb-webhooks</title>
        <link rel="icon" href="assets/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="assets/style.css">
        <script type="module" src="assets/app.js"></script>
        </head>
        <body>
        <a class="skip" href="#main" id="skip">Skip to content</a>
        <header class="top">
        <a class="brand" href="#/"><img src="assets/icon.svg" alt="" width="26" height="26"><span>mwdb-webhooks</span></a>
        <nav id="nav" aria-label="Pages"></nav>
        <div class="session" id="session"></div>
        </header>
        <div id="notice" class="notice" role="alert" hidden></div>
        <main id="main" tabindex="-1"><p class="quiet">Loading…</p></main>
        <div id="toasts" class="toasts" role="status" aria-live="polite"></div>
        <noscript><p class="quiet">The dashboard needs JavaScript. `mwdb-webhooks status` shows the same in a terminal.</p></noscript>
        </body>
        </html>

        """#

    static let icon = #"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
        <rect width="32" height="32" rx="8" fill="#3b5bdb"/>
        <path d="M7 11h7l4 10h7" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/>
        <circle cx="8" cy="21" r="3" fill="#a5d8ff"/><circle cx="24" cy="11" r="3" fill="#b2f2bb"/>
        </svg>

        """#
}
