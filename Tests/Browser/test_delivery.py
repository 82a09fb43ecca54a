"""One delivery and one event: everything that is known of them, and where they lead."""

import json

from daemon import SECRET, TOKEN
from receiver import HOSTILE


def shown(text):
    """Text as it is shown outside of JSON."""
    return text.replace("\u202e", "\\u202e").replace("\u0007", "\\u0007")


def test_each_attempt_in_words(browser, daemon, events):
    browser.go(f"delivery/{events['hostile']}/refuser")
    text = browser.text("section[aria-label=Attempts]")
    assert "#1" in text and "HTTP 422" in text and "dead" == browser.text("main .badge")
    browser.go(f"delivery/{events['plain']}/down")
    assert "HTTP 503" in browser.text("section[aria-label=Attempts]") and "maintenance" in browser.text()
    assert browser.facts("Facts")["Attempts"].isdigit()
    browser.go(f"delivery/{events['blob']}/careful")
    one = daemon.get(f"/api/deliveries/{events['blob']}/careful")
    assert browser.text("main .badge") == "held" and one["reason"] in browser.text()
    assert one["tried"][0]["message"] in browser.text("section[aria-label=Attempts]")


def test_the_time_by_phase_as_a_bar(browser, daemon, events):
    name = f"{events['hostile']}/refuser"
    browser.go("delivery/" + name)
    times = daemon.get(f"/api/deliveries/{name}")["tried"][-1]["timings"]
    bar = browser.one(".timing svg")
    widths = [float(one.get_attribute("width")) for one in bar.find_elements("tag name", "rect")]
    # A phase of nearly no time is two thousandths wide all the same.
    assert 1000 <= sum(widths) + 0.01 <= 1000 + 2 * len(widths)
    words = bar.get_attribute("aria-label")
    names = [name for name in ("DNS", "Connect", "TLS", "Wait", "Answer") if name in words]
    assert len(widths) == len(names) >= 2 and "TLS" not in names and "Wait" in names
    total = f"{times['total'] / 1000:.1f} ms" if times["total"] >= 1000 else f"{times['total']} µs"
    assert words.endswith("total " + total) and total in browser.text(".timing .legend")


def test_the_answer_is_escaped(browser, events):
    browser.go(f"delivery/{events['hostile']}/refuser")
    text = browser.text("section[aria-label=Attempts]")
    assert "no thanks: " + shown(HOSTILE) in text
    assert "x-hostile" in text and '<b onmouseover="window.hacked=4">' in text
    assert not browser.all("main script, main img, main b, main [onerror], main [onmouseover]")


def test_a_binary_answer_is_shown_in_hexadecimal(browser, events):
    browser.go(f"delivery/{events['config']}/binary")
    rows = browser.text("pre.hex").split("\n")
    assert rows[0] == "000000  " + " ".join(f"{byte:02x}" for byte in range(16)) + "  ················"
    assert "30 31 32 33 34 35 36 37 38 39" in rows[3] and rows[3].endswith("0123456789:;<=>?")


def test_the_request_without_secrets(browser, daemon, events, receiver):
    """Headers and body as they are sent, but for what nobody may read."""
    name = f"{events['plain']}/sandbox"
    browser.go("delivery/" + name)
    browser.click_on("details.request summary")
    browser.wait(lambda: "webhook-id" in browser.text("details.request"))
    text = browser.text("details.request")
    sent = next(request for request in receiver.requests("/task") if request.id == events["plain"])
    assert sent.header("authorization") == "Bearer " + TOKEN and sent.header("webhook-signature").startswith("v1,")
    assert "POST " + receiver.url("/task") in text and events["plain"] in text
    rows = [" ".join(row.split()) for row in browser.texts("details.request .headers tr")]
    assert "Authorization Bearer [redacted]" in rows and any(row.startswith("webhook-signature") for row in rows)
    assert sent.header("webhook-signature")[3:] not in text
    assert f"file (file {sent.multipart()[-1].filename}) the sample, SHA-256 {sent.last_part_sha256()}" in rows
    for secret in (TOKEN, SECRET, SECRET.removeprefix("whsec_")):
        assert secret not in browser.driver.page_source and secret not in json.dumps(daemon.get(f"/api/requests/{name}"))
    browser.go(f"delivery/{events['plain']}/hello")
    browser.click_on("details.request summary")
    browser.wait(lambda: "byte by byte" in browser.text("details.request"))
    assert browser.axe() == []


def test_what_was_extracted_is_written_to_mwdb(browser, daemon, events, mwdb):
    browser.go(f"delivery/{events['plain']}/sandbox")
    assert '"task": "task-77777777"' in browser.text("section[aria-label='Extracted from the answer']")
    browser.click_on("section[aria-label^='Other'] a[href$='/sandbox/1']")
    browser.wait(lambda: browser.all("section[aria-label='To be written back']"))
    assert browser.text("main .badge") == "delivered" and "Write-back 1" in browser.text(".head")
    task = browser.text("section[aria-label='To be written back']")
    assert "sandbox" in task and "task-77777777" in task
    sample = daemon.get(f"/api/events/{events['plain']}")["object"]
    written = mwdb.call("GET", f"/file/{sample}/attribute")["attributes"]
    assert [one["value"] for one in written if one["key"] == "sandbox"] == ["task-77777777"]
    # MWDB's own event of it came back, made by the daemon's account.
    found = daemon.get(f"/api/events?hook=on_created_attribute&object={sample}")["events"]
    echo = next(one for one in found if one["actor"] == "webhooks")
    browser.go(f"event/{echo['id']}")
    assert browser.facts("Facts")["Actor"] == "webhooks" and "task-77777777" in browser.text("pre.json")


def test_the_way_to_the_event_and_its_other_deliveries(browser, events):
    name = f"{events['plain']}/refuser"
    browser.go("delivery/" + name)
    siblings = set(browser.links("section[aria-label^='Other'] td:first-child a", "#/delivery/"))
    plugins = ("hello", "down", "misplaced", "sandbox", "sandbox/1")
    assert siblings == {f"{events['plain']}/{plugin}" for plugin in plugins}
    browser.click_on(f"section[aria-label=Facts] a[href='#/event/{events['plain']}']")
    browser.wait(lambda: browser.text("h1") == "on_created_file")
    assert browser.facts("Facts")["Actor"] == "admin" and "invoice.exe" in browser.text("pre.json")
    assert set(browser.links("section[aria-label=Deliveries] td:first-child a", "#/delivery/")) == siblings | {name}
    browser.click_on(f"section[aria-label=Deliveries] a[href='#/delivery/{name}']")
    browser.wait(lambda: browser.text("h1") == "on_created_file → refuser")


def test_the_way_to_the_object_in_mwdb(browser, daemon, events, mwdb):
    """Each kind of object has its page there; the first one is opened."""
    for name, kind in (("plain", "file"), ("config", "config"), ("blob", "blob"), ("hostile", "file")):
        identifier = daemon.get(f"/api/events/{events[name]}")["object"]
        browser.go(f"delivery/{events[name]}/hello")
        link = browser.one("section[aria-label=Facts] a[target=_blank]")
        assert link.get_attribute("href") == f"{mwdb.url}/{kind}/{identifier}"
        assert set(link.get_attribute("rel").split()) == {"noopener", "noreferrer"}
        assert mwdb.call("GET", f"/{kind}/{identifier}")["id"] == identifier
    for name in ("odd", "user"):
        browser.go(f"event/{events[name]}")
        assert not browser.all("main a[href^='http']"), "a strange id, or none, is no link"
    browser.go(f"delivery/{events['plain']}/hello")
    link = browser.one("section[aria-label=Facts] a[target=_blank]")
    address, values = link.get_attribute("href"), daemon.lab.values
    session = mwdb.call("POST", "/auth/login", {"login": values["MWDB_LOGIN"], "password": values["MWDB_PASSWORD"]})
    with browser.elsewhere(link):
        browser.wait(lambda: browser.driver.current_url.startswith(mwdb.url))
        # As MWDB's own pages remember who has logged in.
        browser.driver.execute_script("localStorage.setItem('user', arguments[0])", json.dumps(session))
        browser.driver.get(address)
        browser.wait(lambda: "invoice.exe" in browser.text("body") and browser.driver.current_url == address)


def test_a_delivery_is_live(browser, daemon, mwdb):
    name = daemon.event("on_created_file", mwdb.upload("live.exe", b"MZ live")) + "/down"
    daemon.wait_for(lambda: daemon.delivery(name)["state"] == "waiting" or daemon.state("down") == "suspended", "its fate")
    browser.go("delivery/" + name)
    number, change = browser.facts("Facts")["Attempts"], browser.facts("Facts")["Last change"]
    browser.wait(lambda: browser.facts("Facts")["Last change"] != change)
    daemon.act("/api/deliveries/cancel", {"ids": [name]})
    browser.wait(lambda: browser.text("main .badge") == "cancelled")
    assert browser.facts("Facts")["Attempts"] == number and "Next retry" not in browser.facts("Facts")
