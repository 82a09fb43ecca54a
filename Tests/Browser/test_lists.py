"""Deliveries with each filter and page by page, the age table, the audit log."""

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

FILTERED = ["plugin=refuser", "state=dead", "hook=on_created_tag", "status=503", "plugin=hello&hook=on_created_comment"]
COLUMNS = {"hook": 1, "state": 2, "plugin": 3, "status": 5}


def rows(browser):
    """The deliveries listed, as EVENT/PLUGIN."""
    return browser.links("tbody td:first-child a", "#/delivery/")


def found(daemon, query):
    return [one["id"] for one in daemon.get(f"/api/deliveries?limit=50&{query}")["deliveries"]]


@pytest.mark.parametrize("query", FILTERED)
def test_filters_by_form(browser, daemon, query):
    """Chosen in the form, a filter is in the address, and every row matches."""
    browser.go("deliveries")
    wanted = dict(part.split("=") for part in query.split("&"))
    for name, value in wanted.items():
        field = browser.one(f"form.filters [name={name}]")
        if name in ("plugin", "state"):
            Select(field).select_by_value(value)
            browser.wait(lambda: f"{name}={value}" in browser.shown())
        else:
            field.send_keys(value, Keys.ENTER)
    browser.wait(lambda: browser.shown() == "#/deliveries?" + query)
    assert rows(browser) == found(daemon, query) != []
    for name, value in wanted.items():
        cells = browser.texts(f"tbody td:nth-child({COLUMNS[name]})")
        assert all(value in cell for cell in cells), (name, cells)
    browser.click_on("form.filters a.button")
    browser.wait(lambda: browser.shown() == "#/deliveries")


def test_filter_by_object(browser, daemon, events):
    identifier = daemon.get(f"/api/events/{events['plain']}")["object"]
    browser.go("deliveries")
    browser.one("input[name=object]").send_keys(identifier, "\n")
    browser.wait(lambda: browser.shown() == f"#/deliveries?object={identifier}")
    assert f"{events['plain']}/refuser" in rows(browser)
    assert all(daemon.get(f"/api/deliveries/{name}")["object"] == identifier for name in rows(browser))
    browser.one("input[name=object]").clear()
    browser.one("input[name=object]").send_keys("0" * 64, "\n")
    browser.wait(lambda: "None match these filters" in browser.text())


def test_filter_by_time(browser, daemon, events):
    """The form counts minutes, the address milliseconds."""
    browser.go("deliveries")
    for name, hour, expected in (("until", -1, "None match"), ("since", 1, "None match"), ("since", -1, "on_created_file")):
        browser.go("deliveries")
        browser.driver.execute_script(
            "const when = new Date(Date.now() + arguments[1] * 3600000);"
            "document.querySelector(`input[name=${arguments[0]}]`).value ="
            " new Date(when - when.getTimezoneOffset() * 60000).toISOString().slice(0, 16)", name, hour)
        browser.click("Filter")
        browser.wait(lambda: f"{name}=" in browser.shown())
        assert expected in browser.text()
        assert browser.one(f"input[name={name}]").get_attribute("value"), "the form shows what the address says"
    moment = daemon.get(f"/api/events/{events['blob']}")["accepted_at"]
    browser.go(f"deliveries?plugin=hello&since={moment}")
    every_page(browser)
    assert f"{events['blob']}/hello" in rows(browser) and f"{events['plain']}/hello" not in rows(browser)
    browser.go(f"deliveries?plugin=hello&until={moment}")
    every_page(browser)
    assert f"{events['plain']}/hello" in rows(browser) and f"{events['odd']}/hello" not in rows(browser)


def every_page(browser):
    """Turns pages to the last one; how many rows there were on the way."""
    numbers = [len(rows(browser))]
    while button := browser.button("Older deliveries"):
        button.click()
        browser.wait(lambda: len(rows(browser)) > numbers[-1] or not browser.button("Older deliveries"))
        numbers.append(len(rows(browser)))
    return numbers


def test_page_by_page(browser, daemon):
    browser.go("deliveries?plugin=hello")
    numbers = every_page(browser)
    assert numbers[:2] == [50, 100] and numbers == sorted(numbers)
    shown = rows(browser)
    assert len(set(shown)) == len(shown) and shown == every(daemon, "plugin=hello")


def every(daemon, query):
    """All deliveries of a query, by the API."""
    names, after = [], ""
    while after is not None:
        page = daemon.get(f"/api/deliveries?limit=500&{query}" + (f"&after={after}" if after else ""))
        names += [one["id"] for one in page["deliveries"]]
        after = page["next"]
    return names


def test_focus_goes_on_with_the_next_page(browser):
    browser.go("deliveries?plugin=hello")
    browser.click("Older deliveries")
    browser.wait(lambda: len(rows(browser)) == 100)
    focused = browser.driver.switch_to.active_element.get_attribute("href")
    assert focused.endswith(rows(browser)[50])


def test_ages(browser, daemon):
    browser.go("ages")
    heads = browser.texts("th")
    assert heads[:2] == ["Plugin", "All"] and heads[-1] == "older"
    answer = daemon.get("/api/ages")
    assert len(heads) == len(answer["limits_seconds"]) + 3
    lines = {name: counts for name, *counts in browser.table()}
    assert {row["plugin"] for row in answer["rows"]} == set(lines) - {"All"} >= {"down", "misplaced", "busy"}
    for row in answer["rows"]:
        shown = [int(cell.replace("·", "0")) for cell in lines[row["plugin"]]]
        assert shown[0] == sum(row["counts"]) == sum(shown[1:])
        counted = daemon.get(f"/api/plugins/{row['plugin']}")["status"]["deliveries"]
        assert shown[0] == counted.get("waiting", 0) + counted.get("ready", 0)
    total = [int(cell.replace("·", "0")) for cell in lines["All"]]
    assert total[0] == sum(sum(row["counts"]) for row in answer["rows"])
    browser.click_on("a[href='#/deliveries?plugin=down']")
    browser.wait(lambda: browser.text("h1") == "Deliveries" and all(name.endswith("/down") for name in rows(browser)))


def test_audit_log_page_by_page(browser, daemon):
    for number in range(101):
        daemon.act("/api/plugins/hello/resume")
    browser.go("audit")
    entries = daemon.get("/api/audit?limit=3")["entries"]
    assert [row[1:] for row in browser.table()[:3]] == [[one["who"], one["what"], one["detail"]] for one in entries]
    assert len(browser.table()) == 100
    browser.click("Older entries")
    browser.wait(lambda: len(browser.table()) > 101)
    assert browser.said().startswith(("Older entries", "When")), "focus stays with the list"
    assert "operator token from 127.0.0.1" in browser.text() and "login" in browser.text()
