"""What operators do on the pages, with mouse and keyboard, and what the audit log says of it."""

from selenium.webdriver.common.keys import Keys


def last_action(daemon):
    entry = daemon.get("/api/audit?limit=1")["entries"][0]
    return entry["who"], entry["what"], entry["detail"]


def state(daemon, plugin):
    return daemon.get(f"/api/plugins/{plugin}")["status"]["state"]


def test_pause_and_resume_by_keyboard_alone(browser, daemon):
    browser.go("plugin/hello")
    browser.wait(lambda: browser.button("Pause"))
    browser.tab_to("Pause")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.all("dialog[open]"))
    browser.press("moves to another host", Keys.ENTER)
    browser.wait(lambda: browser.text("main .badge") == "paused")
    assert state(daemon, "hello") == "paused"
    assert last_action(daemon) == ("operator token from 127.0.0.1", "pause", "hello")
    browser.wait(lambda: "moves to another host" in browser.text())
    browser.picture("plugin-paused")
    browser.wait(lambda: browser.button("Resume"))
    browser.one("#skip").send_keys("")
    browser.tab_to("Resume")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.text("main .badge") == "running")
    assert last_action(daemon)[1:] == ("resume", "hello")


def test_retry_by_keyboard_alone(browser, daemon, events):
    name = f"{events['plain']}/refuser"
    before = daemon.get(f"/api/deliveries/{name}")["attempts"]
    browser.go(f"delivery/{name}")
    browser.tab_to("Retry now")
    browser.press(Keys.ENTER)
    browser.wait(lambda: f"#{before + 1}" in browser.text())
    assert last_action(daemon)[1] == "retry" and name in last_action(daemon)[2]


def test_a_dialog_is_left_by_escape(browser, daemon):
    browser.go("plugin/hello")
    browser.wait(lambda: browser.button("Pause")).click()
    browser.wait(lambda: browser.all("dialog[open]"))
    assert browser.axe() == []
    browser.picture("dialog")
    browser.press(Keys.ESCAPE)
    browser.wait(lambda: not browser.all("dialog"))
    assert state(daemon, "hello") == "running"


def test_cancel_and_replay(browser, daemon, events):
    name = f"{events['plain']}/misplaced"
    browser.go(f"delivery/{name}")
    browser.button("Cancel").click()
    browser.wait(lambda: browser.button("Cancel delivery", "dialog")).click()
    browser.wait(lambda: browser.text("main .badge") == "cancelled")
    assert daemon.get(f"/api/deliveries/{name}")["state"] == "cancelled"
    assert last_action(daemon)[1] == "cancel"
    browser.go(f"delivery/{events['config']}/hello")
    browser.button("Replay…").click()
    browser.wait(lambda: browser.one("dialog select[name=plugin]")).send_keys("sandbox")
    browser.button("Replay", "dialog").click()
    browser.wait(lambda: "On its way" in browser.text("#toasts"))
    assert daemon.until(lambda: daemon.get(f"/api/deliveries/{events['config']}/sandbox"))
    assert last_action(daemon)[1] == "replay"


def test_dead_letters_by_reason(browser, daemon):
    browser.go("dead")
    groups = daemon.get("/api/dead-letters")["groups"]
    refused = next(group for group in groups if group["plugin"] == "refuser")
    assert refused["count"] >= 30, "one reason, though each event has its own"
    row = next(row for row in browser.all("tbody tr") if "refuser" in row.text)
    row.find_element("tag name", "button").click()
    browser.wait(lambda: browser.button("Retry", "dialog")).click()
    browser.wait(lambda: "will be tried at once" in browser.text("#toasts"))
    who, what, detail = last_action(daemon)
    assert what == "retry" and "refuser" in detail and str(refused["count"]) in detail


def test_many_at_once_say_how_many(browser, daemon):
    browser.go("deliveries?plugin=misplaced")
    browser.button("Retry matching…").click()
    browser.wait(lambda: browser.all("dialog[open]"))
    assert any(character.isdigit() for character in browser.text("dialog h2"))
    browser.one("dialog button[type=submit]").click()
    browser.wait(lambda: "changed" in browser.text("#toasts"))
    assert last_action(daemon)[1] == "retry"


def test_test_event(browser, daemon, receiver):
    browser.go("plugin/hello")
    browser.button("Send test event").click()
    browser.wait(lambda: "HTTP 200" in browser.text("section[aria-label='Test event']"))
    text = browser.text("section[aria-label='Test event']")
    assert "webhook-id" in text and '{"ok": true}' in text and "delivered" in text
    assert last_action(daemon)[1] == "ping"
    browser.go("plugin/refuser")
    browser.button("Send test event").click()
    browser.wait(lambda: "HTTP 422" in browser.text("section[aria-label='Test event']"))
    assert "not delivered" in browser.text("section[aria-label='Test event']")
    browser.picture("test-event")


def test_reload(browser, daemon):
    browser.go("plugins")
    browser.button("Reload configuration").click()
    browser.wait(lambda: "Reloaded" in browser.text("#toasts"))
    assert last_action(daemon)[1:] == ("reload", "applied")


def test_audit_log(browser, daemon):
    browser.go("audit")
    assert "operator token from 127.0.0.1" in browser.text() and "login" in browser.text()
