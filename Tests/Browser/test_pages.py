"""Every page with hostile names in it: what it shows, in two colours and three widths, and for those who cannot see."""

import pytest

PAGES = {
    "overview": "",
    "deliveries": "deliveries",
    "dead-only": "deliveries?plugin=refuser&state=dead",
    "delivery": "delivery/{hostile}/refuser",
    "delivery-waiting": "delivery/{plain}/down",
    "delivery-binary": "delivery/{config}/binary",
    "delivery-long": "delivery/{long}/hello",
    "delivery-odd": "delivery/{odd}/refuser",
    "event": "event/{hostile}",
    "plugins": "plugins",
    "plugin": "plugin/hello",
    "plugin-hostile": "plugin/down",
    "dead": "dead",
    "ages": "ages",
    "audit": "audit",
}


@pytest.mark.parametrize("name", PAGES)
def test_page(browser, events, name):
    browser.go(PAGES[name].format(**events))
    browser.wait(lambda: browser.all("main h1"))
    assert not browser.all("main .problem[role=alert]"), browser.text()
    browser.picture(name)
    assert browser.axe() == []
    browser.dark(True)
    browser.picture(name + "-dark")
    assert browser.axe() == []
    for width in (768, 360):
        browser.size(width, 780)
        assert browser.overflow() <= 0, width
    browser.picture(name + "-360", 360, 780)


def test_overview_says_what_is_wrong(browser):
    browser.go("")
    browser.wait(lambda: "suspended" in browser.text() and "misconfigured" in browser.text())
    browser.wait(lambda: "last failure: HTTP 503" in browser.text("article[aria-label='Plugin down']"))
    text = browser.text()
    for word in ("Intake", "Pending", "Oldest waiting", "Outbox", "Disk left", "Rejected", "Next retry", "Drains in"):
        assert word in text, word
    assert browser.all(".plot svg[aria-label^='Attempts']") and browser.all(".plot svg[aria-label^='Latency']")


def test_overview_is_live(browser, daemon):
    browser.go("")
    before = browser.wait(lambda: browser.text("article[aria-label='Plugin refuser'] dd.bad"))
    daemon.event(file_name="one-more.exe")
    browser.wait(lambda: browser.text("article[aria-label='Plugin refuser'] dd.bad") != before)
    browser.wait(lambda: browser.all(".plot .fail"), 30)


def test_hostile_text_is_text(browser, events):
    browser.go(f"delivery/{events['hostile']}/refuser")
    text = browser.text()
    assert "<script>window.hacked=1</script>" in text
    assert "\\u202e" in text and "\\u0007" in text, "what turns text around is shown by its code"
    assert not browser.all("main script, main img, main [onerror], main [onmouseover]")
    browser.go(f"delivery/{events['rtl']}/refuser")
    assert "\\u202egnp.exe" in browser.text()


def test_a_number_is_shown_as_it_was_written(browser, events):
    browser.go(f"delivery/{events['number']}/hello")
    assert "9" * 301 in browser.text("pre.json").replace("\n", "")


def test_long_text_is_cut_until_asked_for(browser, events):
    browser.go(f"delivery/{events['long']}/hello")
    assert "A" * 3000 not in browser.text("pre.json").replace("\n", "")
    browser.one("pre.json button").click()
    assert "A" * 10_000 in browser.text("pre.json").replace("\n", "")


def test_a_delivery_in_full(browser, events):
    browser.go(f"delivery/{events['hostile']}/refuser")
    text = browser.text()
    for word in ("HTTP 422", "x-hostile", "Answer's body", "Other deliveries", "Total"):
        assert word in text, word
    assert browser.one(".timing svg").get_attribute("aria-label")
    browser.go(f"delivery/{events['config']}/binary")
    assert "00 01 02 03" in browser.text("pre.hex")
    browser.go(f"delivery/{events['plain']}/hello")
    link = browser.one("a[href^='https://mwdb.example/file/']")
    assert "noopener" in link.get_attribute("rel")
    browser.go(f"delivery/{events['odd']}/refuser")
    assert not browser.all("a[href^='https://mwdb.example']"), "a strange id is no link"


def test_request_as_it_would_be_sent(browser, events):
    browser.go(f"delivery/{events['plain']}/hello")
    browser.one("details.request summary").click()
    browser.wait(lambda: "webhook-id" in browser.text("details.request"))
    text = browser.text("details.request")
    assert "POST http://127.0.0.1" in text and events["plain"] in text and "byte by byte" in text
    assert browser.axe() == []


def test_write_back(browser, events):
    browser.go(f"delivery/{events['plain']}/sandbox")
    assert "task-77777777" in browser.text("section[aria-label='Extracted from the answer']")
    browser.one("section[aria-label^='Other'] a[href$='/sandbox/1']").click()
    browser.wait(lambda: "To be written back" in browser.text())


def test_filters_and_pages(browser, events):
    browser.go("deliveries?plugin=refuser")
    rows = browser.wait(lambda: browser.all("tbody tr"))
    assert all("refuser" in row.text for row in rows)
    browser.go("deliveries?status=503")
    assert all("HTTP 503" in row.text for row in browser.all("tbody tr")) and browser.all("tbody tr")
    browser.go("deliveries")
    assert len(browser.all("tbody tr")) == 50
    browser.button("Older deliveries").click()
    browser.wait(lambda: len(browser.all("tbody tr")) == 100)
    field = browser.one("input[name=object]")
    field.send_keys("0" * 64, "\n")
    browser.wait(lambda: "No deliveries" in browser.text())
    assert "object=" + "0" * 64 in browser.driver.current_url


def test_configuration_with_its_origin(browser):
    browser.go("plugin/sandbox")
    text = browser.text("section[aria-label=Configuration]")
    assert "webhooks.ini:" in text and "extract.task" in text and "backoff" not in text
    browser.button("With defaults").click()
    assert "backoff" in browser.text("section[aria-label=Configuration]")
