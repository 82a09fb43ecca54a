"""The overview: what is late and why, at a glance, and as it happens."""

from conftest import logged_in


def card(browser, plugin):
    """The figures of a plugin's card, and all its words."""
    within = f"article[aria-label='Plugin {plugin}']"
    return dict(zip(browser.texts(within + " dt"), browser.texts(within + " dd"))), browser.text(within)


def tile(browser, name):
    """The words of one of the tiles on top."""
    return next(one for one in browser.texts(".tile") if one.startswith(name + "\n")).split("\n")[1:]


def pending(plugin):
    """What waits, of a plugin's status."""
    return sum(plugin["deliveries"].get(state, 0) for state in ("ready", "waiting", "started", "blocked"))


def test_each_plugin_has_its_state_and_why(browser, daemon):
    browser.go("")
    for plugin, state, why in (
        ("hello", "running", ""),
        ("busy", "slowed", ""),
        ("down", "suspended", "last failure: HTTP 503"),
        ("misplaced", "misconfigured", "HTTP 404"),
    ):
        browser.wait(lambda: state in card(browser, plugin)[1] and why in card(browser, plugin)[1])
    statuses = {plugin["name"]: plugin for plugin in daemon.get("/api/status")["plugins"]}
    assert pending(statuses["down"]) > 30 and statuses["busy"]["reason"] in card(browser, "busy")[1]
    figures, _ = card(browser, "down")
    assert figures["Pending"] == str(pending(statuses["down"])) and figures["Drains in"] == "not draining"
    assert figures["Oldest"].endswith((" s", " min")) and figures["Next retry"].startswith(("in ", "now"))
    assert card(browser, "refuser")[0]["Dead"] == str(statuses["refuser"]["deliveries"]["dead"])
    assert card(browser, "hello")[0]["Pending"] == "0" and card(browser, "hello")[0]["Oldest"] == "–"


def test_tiles_say_how_the_daemon_is(browser, daemon):
    browser.go("")
    status = daemon.get("/api/status")
    accepted = f"{status['intake']['accepted']:,} since start"
    browser.wait(lambda: tile(browser, "Intake")[-1] == accepted)
    assert tile(browser, "Pending")[0] == str(sum(map(pending, status["plugins"])))
    assert tile(browser, "Oldest waiting")[1] == "since it was accepted"
    assert tile(browser, "Outbox")[0].endswith((" kB", " MB")) and "of " in tile(browser, "Disk left")[1]
    assert tile(browser, "Rejected")[0] == "0" and tile(browser, "Rejected")[1].startswith("MWDB was heard ")
    assert browser.text(".lead").endswith("plugins need a look")


def test_plots_of_an_hour_and_a_day(browser, daemon):
    daemon.wait_for(lambda: any(sum(filter(None, line["failed"])) for line in history(daemon)), "failures in the history")
    browser.go("")
    for choice in ("1 h", "24 h"):
        browser.click(choice)
        browser.wait(lambda: browser.button(choice).get_attribute("aria-pressed") == "true")
        plots = f"article[aria-label='Plugin down'] .plot svg"
        words = lambda: [one.get_attribute("aria-label") for one in browser.all(plots)]
        browser.wait(lambda: words()[0].startswith("Attempts: 0 delivered, ") and words()[0].endswith("success 0 %"))
        assert words()[1].startswith("Latency: median ")
        assert browser.all(plots + " .fail") and browser.all(plots + " .median[d^=M]")


def history(daemon):
    return daemon.get("/api/history?minutes=60")["plugins"]


def test_it_is_live(browser, daemon, mwdb):
    """What MWDB does is seen without anybody touching the page."""
    browser.go("")
    dead = lambda: int(card(browser, "refuser")[0]["Dead"])
    before = browser.wait(dead)
    intake = tile(browser, "Intake")[-1]
    browser.driver.execute_script("window.stays = 1")
    mwdb.upload("one-more.exe", b"MZ one more")
    browser.wait(lambda: dead() == before + 1)
    browser.wait(lambda: tile(browser, "Intake")[-1] != intake and tile(browser, "Intake")[0] != "0 /s")
    total = sum(plugin["deliveries"].get("dead", 0) for plugin in daemon.get("/api/status")["plugins"])
    browser.wait(lambda: browser.text("#nav-dead .count") == str(total))
    assert browser.driver.execute_script("return window.stays") == 1


def test_pause_and_resume_on_a_card(browser, daemon, receiver, mwdb):
    browser.go("")
    within = "article[aria-label='Plugin hello']"
    browser.click("Pause", within)
    browser.click("Pause", "dialog")
    browser.wait(lambda: "paused" in card(browser, "hello")[1] and browser.button("Resume", within))
    event = daemon.event("on_created_file", mwdb.upload("while-paused.exe", b"MZ while paused"))
    browser.wait(lambda: int(card(browser, "hello")[0]["Pending"]) > 0)
    figures, _ = card(browser, "hello")
    assert figures["Drains in"] == "paused" and event not in receiver.ids("/ok")
    browser.click("Resume", within)
    browser.wait(lambda: card(browser, "hello")[0]["Pending"] == "0" and "running" in card(browser, "hello")[1])
    assert event in receiver.ids("/ok")
    assert daemon.last_action()[1:] == ("resume", "hello")


def test_rejected_files_are_counted(driver, other_daemon):
    other_daemon.spool.write(b"this is no event")
    other_daemon.wait_for(other_daemon.spool.rejected, "the rejected line")
    with logged_in(driver, other_daemon) as browser:
        browser.wait(lambda: tile(browser, "Rejected") == ["1", "line, in 1 spool file"])


def test_no_plugin_yet(driver, other_daemon):
    with logged_in(driver, other_daemon) as browser:
        browser.wait(lambda: "No plugin yet" in browser.text())
        assert tile(browser, "Rejected")[1] == "MWDB never wrote here" and browser.axe() == []
