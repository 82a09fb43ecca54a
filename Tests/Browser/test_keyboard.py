"""Retry and pause without a mouse: from the login on, nothing but keys."""

from selenium.webdriver.common.keys import Keys


def log_in(browser, daemon):
    browser.driver.get(browser.url)
    browser.wait(lambda: browser.focused().get_attribute("name") == "token")
    browser.press(daemon.token(), Keys.ENTER)
    browser.wait(lambda: browser.text("h1") == "Overview" and browser.all("article"))


def go(browser, text, heading):
    """Follows the link that says `text`."""
    browser.tab_to(text)
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.text("h1") == heading)
    browser.wait(lambda: browser.focused().get_attribute("id") == "main")


def test_pause_and_resume(stranger, daemon):
    log_in(stranger, daemon)
    go(stranger, "Plugins", "Plugins")
    go(stranger, "hello", "hello")
    stranger.tab_to("Pause")
    stranger.press(Keys.ENTER)
    stranger.wait(lambda: stranger.focused().get_attribute("name") == "reason")
    stranger.press("moves to another host", Keys.ENTER)
    stranger.wait(lambda: stranger.text("main .badge") == "paused")
    assert daemon.state("hello") == "paused"
    assert daemon.last_action() == ("operator token from 127.0.0.1", "pause", "hello")
    stranger.wait(lambda: "moves to another host" in stranger.text())
    stranger.picture("plugin-paused")
    stranger.wait(lambda: stranger.said() == "Resume")
    stranger.press(Keys.ENTER)
    stranger.wait(lambda: stranger.text("main .badge") == "running")
    assert daemon.last_action()[1:] == ("resume", "hello")
    stranger.wait(lambda: stranger.said() == "Pause")


def test_retry(stranger, daemon, events):
    dead = daemon.get("/api/deliveries?plugin=binary&state=dead")["deliveries"][0]
    log_in(stranger, daemon)
    stranger.tab_to("Dead letters", starts=True)
    stranger.press(Keys.ENTER)
    stranger.wait(lambda: stranger.text("h1") == "Dead letters")
    group = next(one for one in daemon.get("/api/dead-letters")["groups"] if one["plugin"] == "binary")
    stranger.tab_to(group["reason"][:20], starts=True)
    stranger.press(Keys.ENTER)
    stranger.wait(lambda: stranger.text("h1") == "on_created_config → binary")
    stranger.tab_to("Retry now")
    stranger.press(Keys.ENTER)
    stranger.wait(lambda: f"#{dead['attempts'] + 1}" in stranger.text("section[aria-label=Attempts]"))
    who, what, detail = daemon.last_action()
    assert (who, what) == ("operator token from 127.0.0.1", "retry") and dead["id"] in detail
    stranger.wait(lambda: stranger.said() == "Retry now")
