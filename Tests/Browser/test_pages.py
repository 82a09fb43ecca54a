"""Every page with hostile names in it: what it shows, in two colours and three widths, and for those who cannot see."""

import pytest

from receiver import HOSTILE
from work import RIGHT_TO_LEFT

PAGES = {
    "overview": "",
    "deliveries": "deliveries",
    "dead-only": "deliveries?plugin=refuser&state=dead",
    "delivery": "delivery/{hostile}/refuser",
    "delivery-waiting": "delivery/{plain}/down",
    "delivery-binary": "delivery/{config}/binary",
    "delivery-long": "delivery/{long}/hello",
    "delivery-held": "delivery/{blob}/careful",
    "delivery-odd": "delivery/{odd}/refuser",
    "write-back": "delivery/{plain}/sandbox/1",
    "event": "event/{hostile}",
    "event-without-object": "event/{user}",
    "plugins": "plugins",
    "plugin": "plugin/hello",
    "plugin-hostile": "plugin/down",
    "dead": "dead",
    "held": "dead?state=held",
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


def as_shown(text):
    """Text as the event's JSON is shown on the page."""
    return text.replace('"', '\\"').replace("\u202e", "\\u202e").replace("\u0007", "\\u0007")


# Tag, comment, name of a blob, key and value of an attribute and of a configuration, what is said of a user, and all
# that no MWDB lets through.
@pytest.mark.parametrize("name", ["hostile", "comment", "blob", "value", "attribute", "config", "user", "odd"])
def test_hostile_text_is_text(browser, events, name):
    for page in (f"delivery/{events[name]}/hello", f"event/{events[name]}"):
        browser.go(page)
        assert as_shown(HOSTILE) in browser.text("pre.json")
        assert not browser.all("main script, main img, main [onerror], main [onmouseover]")


def test_text_that_turns_others_around_is_shown_by_its_code(browser, events):
    browser.go(f"delivery/{events['rtl']}/refuser")
    assert as_shown(RIGHT_TO_LEFT) in browser.text("pre.json")


def test_a_number_is_shown_as_it_was_written(browser, events):
    browser.go(f"delivery/{events['config']}/hello")
    assert "9" * 301 in browser.text("pre.json").replace("\n", "")


def test_long_text_is_cut_until_asked_for(browser, events):
    browser.go(f"delivery/{events['long']}/hello")
    assert "A" * 3000 not in browser.text("pre.json").replace("\n", "")
    browser.click_on("pre.json button")
    assert "A" * 10_000 in browser.text("pre.json").replace("\n", "")
