"""What operators do with deliveries, and what the audit log says of it."""


def waiting(daemon, query):
    return [one["id"] for one in daemon.get(f"/api/deliveries?limit=500&{query}")["deliveries"]]


def test_retry(browser, daemon, events):
    name = f"{events['hostile']}/refuser"
    before = daemon.get(f"/api/deliveries/{name}")["attempts"]
    browser.go(f"delivery/{name}")
    browser.click("Retry now")
    browser.wait(lambda: f"#{before + 1}" in browser.text("section[aria-label=Attempts]"))
    browser.wait(lambda: "Will be tried at once" in browser.text("#toasts"))
    assert daemon.last_action()[1] == "retry" and name in daemon.last_action()[2]


def test_cancel(browser, daemon, events):
    name = f"{events['plain']}/misplaced"
    browser.go(f"delivery/{name}")
    browser.click("Cancel")
    browser.click("Cancel delivery", "dialog")
    browser.wait(lambda: browser.text("main .badge") == "cancelled")
    assert daemon.get(f"/api/deliveries/{name}")["state"] == "cancelled"
    assert daemon.last_action()[1] == "cancel" and name in daemon.last_action()[2]


def test_replay_to_another_plugin(browser, daemon, events, receiver):
    browser.go(f"delivery/{events['config']}/hello")
    browser.click("Replay…")
    browser.wait(lambda: browser.one("dialog select[name=plugin]")).send_keys("refuser")
    browser.click("Replay", "dialog")
    browser.wait(lambda: "On its way" in browser.text("#toasts"))
    assert daemon.delivery(f"{events['config']}/refuser", state="dead")["status"] == 422
    assert events["config"] in receiver.ids("/refuse")
    assert daemon.last_action()[1] == "replay"
    browser.wait(lambda: browser.all(f"section[aria-label^=Other] a[href='#/delivery/{events['config']}/refuser']"))


def test_a_dialog_is_left_by_escape(browser, daemon):
    browser.go("plugin/hello")
    browser.click("Pause")
    browser.wait(lambda: browser.all("dialog[open]"))
    assert browser.axe() == []
    browser.picture("dialog")
    browser.press("\ue00c")
    browser.wait(lambda: not browser.all("dialog"))
    assert daemon.state("hello") == "running"


def test_dead_letters_by_reason(browser, daemon):
    """One reason, though each event has its own, and one more try for all that share it."""
    browser.go("dead")
    group = next(one for one in daemon.get("/api/dead-letters")["groups"] if one["plugin"] == "refuser")
    names = waiting(daemon, "plugin=refuser&state=dead")
    assert group["count"] == len(names) >= 36
    attempts = {name: daemon.get(f"/api/deliveries/{name}")["attempts"] for name in names}
    row = " ".join(next(row for row in browser.table() if "refuser" in row))
    assert str(group["count"]) in row and "HTTP 422" in row and "no thanks" in row
    browser.click_on("tbody tr:has(a[href*='plugin=refuser']) button")
    browser.wait(lambda: f"Retry {group['count']} deliveries?" == browser.text("dialog h2"))
    browser.click("Retry", "dialog")
    browser.wait(lambda: f"{group['count']} will be tried at once" in browser.text("#toasts"))
    who, what, detail = daemon.last_action()
    assert what == "retry" and "refuser" in detail and str(group["count"]) in detail
    for name in names:
        daemon.delivery(name, state="dead", attempts=attempts[name] + 1)


def test_what_is_held_waits_for_a_decision(browser, daemon, events):
    browser.go("dead")
    browser.click("Held")
    browser.wait(lambda: "careful" in browser.text("tbody"))
    assert browser.button("Held").get_attribute("aria-pressed") == "true" and "refuser" not in browser.text("tbody")
    name = f"{events['blob']}/careful"
    before = daemon.get(f"/api/deliveries/{name}")["attempts"]
    browser.click("Retry all")
    browser.click("Retry", "dialog")
    browser.wait(lambda: "1 will be tried at once" in browser.text("#toasts"))
    daemon.delivery(name, state="held", attempts=before + 1)


def test_retry_matching_says_how_many(browser, daemon):
    # One that is being probed at this moment would not be retried.
    daemon.act("/api/plugins/misplaced/pause")
    try:
        daemon.wait_for(lambda: daemon.get("/api/plugins/misplaced")["status"]["in_flight"] == 0, "the probe's end")
        number = len(waiting(daemon, "plugin=misplaced&state=waiting"))
        browser.go("deliveries?plugin=misplaced&state=waiting")
        browser.click("Retry matching…")
        browser.wait(lambda: f"Retry {number} deliveries?" == browser.text("dialog h2"))
        browser.click_on("dialog button[type=submit]")
        browser.wait(lambda: f"{number} changed" in browser.texts(".toast"))
        assert daemon.last_action()[1] == "job retry"
    finally:
        daemon.act("/api/plugins/misplaced/resume")


def test_cancel_matching_says_how_many(browser, daemon, events, mwdb):
    sample = daemon.get(f"/api/events/{events['rtl']}")["object"]
    query = f"plugin=down&hook=on_created_tag&object={sample}"
    browser.go("deliveries?" + query)
    browser.click("Cancel matching…")
    browser.wait(lambda: browser.text("dialog h2") == "Cancel 1 delivery?")
    chosen = browser.text("dialog .chosen")
    assert chosen == f"Of those in the list: plugin down, hook on_created_tag, object {sample}"
    browser.click("Cancel 1", "dialog")
    browser.wait(lambda: "1 changed" in browser.text("#toasts") and "cancelled" in browser.text("tbody"))
    assert waiting(daemon, query + "&state=cancelled") == [f"{events['rtl']}/down"]
    assert daemon.last_action()[1] == "job cancel"
    browser.click("Cancel matching…")
    browser.wait(lambda: "No delivery matches that can be changed" in browser.text("#toasts"))
