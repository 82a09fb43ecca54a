"""Plugins: what is configured and where it is written, what they subscribe to, and a test event with its answer."""

from daemon import SECRET, TOKEN


def settings(browser):
    """Rows of the configuration: key, value, where it is written."""
    cells = browser.texts("section[aria-label=Configuration] tbody td")
    return list(zip(cells[::3], cells[1::3], cells[2::3]))


def test_the_list(browser, daemon, receiver):
    browser.go("plugins")
    rows = {row[0].split()[0]: " ".join(row) for row in browser.table()}
    assert set(rows) >= {plugin["name"] for plugin in daemon.get("/api/plugins")["plugins"]} >= {"hello", "sandbox", "mwdb"}
    assert "POST " + receiver.url("/ok") in rows["hello"] and "A receiver that takes everything" in rows["hello"]
    assert "suspended" in rows["down"] and "misconfigured" in rows["misplaced"] and "slowed" in rows["busy"]
    browser.click_on("a[href='#/plugin/sandbox']")
    browser.wait(lambda: browser.text("h1") == "sandbox")


def test_configuration_with_file_and_line(browser, daemon):
    browser.go("plugin/sandbox")
    written = {key: (value, origin) for key, value, origin in settings(browser)}
    lines = daemon.ini.read_text().splitlines()
    for key, (value, origin) in written.items():
        path, number = origin.rsplit(":", 1)
        assert path == str(daemon.ini)
        name, text = (part.strip() for part in lines[int(number) - 1].split("=", 1))
        assert name == key and (text == value or "[redacted]" in value)
    assert written["extract.task"][0] == "json:/task" and "backoff" not in written
    assert written["secret"][0] == written["auth.token"][0] == "[redacted]"
    assert SECRET not in browser.driver.page_source and TOKEN not in browser.driver.page_source
    browser.click("With defaults")
    browser.wait(lambda: "backoff" in {row[0] for row in settings(browser)})
    assert next(row[2] for row in settings(browser) if row[0] == "backoff") == "default"


def test_subscription_and_filter(browser, receiver):
    browser.go("plugin/hello")
    about = browser.facts("Subscription")
    assert about["Filter"] == "event.type != on_removed_tag" and about["Sends to"] == "POST " + receiver.url("/ok")
    assert about["Author"] == "just me" and about["Version"] == "1.2.0" and about["Hooks"] == "*"
    browser.go("plugin/refuser")
    about = browser.facts("Subscription")
    assert about["Hooks"].split() == ["on_created_file", "on_created_tag"] and about["Filter"].startswith("none")


def test_a_test_event_and_the_answer(browser, daemon, receiver):
    browser.go("plugin/hello")
    before = len(receiver.requests("/ok"))
    browser.one("select[name=hook]").send_keys("on_removed_comment")
    browser.click("Send test event")
    section = "section[aria-label='Test event']"
    browser.wait(lambda: "HTTP 200" in browser.text(section))
    text = browser.text(section)
    assert '{"ok": true}' in text and "delivered" in text and "x-hostile" in text and "Total" in text
    sent = receiver.requests("/ok")[before:]
    assert [request.json()["type"] for request in sent] == ["on_removed_comment"] and sent[0].id in text
    assert daemon.last_action()[1] == "ping"
    browser.go("plugin/refuser")
    browser.click("Send test event")
    browser.wait(lambda: "HTTP 422" in browser.text(section))
    assert "not delivered" in browser.text(section)
    browser.picture("test-event")


def test_a_test_event_with_a_sample(browser, receiver, tmp_path):
    sample = tmp_path / "sample.bin"
    sample.write_bytes(b"MZ chosen by hand")
    browser.go("plugin/sandbox")
    browser.one("input[name=sample]").send_keys(str(sample))
    browser.click("Send test event")
    section = "section[aria-label='Test event']"
    browser.wait(lambda: "HTTP 200" in browser.text(section))
    assert "task-77777777" in browser.text(section) and TOKEN not in browser.text(section)
    assert receiver.requests("/task")[-1].multipart()[-1].body == b"MZ chosen by hand"


def test_drain_rate(browser, daemon, receiver, mwdb):
    """What waits while a plugin is paused, and how fast it goes once it runs again."""
    browser.go("plugin/hello")
    daemon.act("/api/plugins/hello/pause")
    browser.wait(lambda: browser.text("main .badge") == "paused")
    now = lambda name: browser.facts("Now")[name]
    for number in range(3):
        mwdb.upload(f"drain-{number}.exe", b"MZ drain %d" % number)
    browser.wait(lambda: int(now("Pending")) >= 6)
    assert now("Drain rate") in ("0 /s", "–")
    browser.click("Resume")
    browser.wait(lambda: now("Pending") == "0" and now("Drain rate").endswith(("/s", "/min")) and now("Drain rate") != "0 /s")
    assert now("Drains in") == "–" and browser.text("main .badge") == "running"


def test_reload(browser, daemon):
    browser.go("plugins")
    browser.click("Reload configuration")
    browser.wait(lambda: "Reloaded" in browser.text("#toasts"))
    assert daemon.last_action()[1:] == ("reload", "applied")
