"""Who gets in over TCP, and what no page of somebody else can do."""

import http.client
import json
import os
import pwd
import stat

from selenium.webdriver.common.keys import Keys


def tcp(daemon, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, names)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text


def bearer(token):
    return {"authorization": "Bearer " + token}


def session(daemon, token, **headers):
    body = json.dumps({"token": token})
    status, headers, _ = tcp(daemon, "POST", "/login", body, x_mwdb_webhooks="1", **headers)
    assert status == 200
    return headers["set-cookie"]


def test_the_tokens_are_the_owners(daemon):
    path = daemon.folder / "outbox" / "token"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert daemon.token() in path.read_text() and daemon.token("--viewer") in path.read_text()


def test_without_a_token_there_are_pages_and_probes(daemon):
    for path in ("/", "/assets/app.js", "/healthz", "/readyz", "/metrics"):
        assert tcp(daemon, "GET", path)[0] == 200, path
    for path in ("/api/status", "/api/events", "/api/audit", "/api/session", "/api/openapi.json"):
        status, headers, _ = tcp(daemon, "GET", path)
        assert status == 401 and headers["www-authenticate"] == "Bearer", path
    assert tcp(daemon, "POST", "/api/events", b"{}", content_type="application/json")[0] == 401


def test_pages_let_nothing_in(daemon):
    for path in ("/", "/assets/app.js", "/assets/style.css"):
        _, headers, text = tcp(daemon, "GET", path)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
        assert tcp(daemon, "GET", path, if_none_match=headers["etag"])[0] == 304
        assert b"http://" not in text.replace(b"http://www.w3.org/", b"") and b"innerHTML" not in text


def test_roles(daemon):
    viewer, operator = bearer(daemon.token("--viewer")), bearer(daemon.token())
    assert tcp(daemon, "GET", "/api/status", **viewer)[0] == 200
    for path in ("/api/plugins/hello/pause", "/api/deliveries/retry", "/api/reload", "/api/events"):
        assert tcp(daemon, "POST", path, b"{}", content_type="application/json", **viewer)[0] == 403, path
    assert tcp(daemon, "POST", "/api/plugins/hello/resume", **operator)[0] == 200


def test_cookie(daemon):
    cookie = session(daemon, daemon.token())
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie
    value = cookie.split(";")[0]
    assert tcp(daemon, "GET", "/api/status", cookie=value)[0] == 200
    assert "Secure" in session(daemon, daemon.token(), origin="https://mwdb.example", sec_fetch_site="same-origin")
    for forged in (value[:-1] + ("0" if value[-1] != "0" else "1"), value.replace("operator.", "operator.9"), "mwdb_webhooks=operator.1.00"):
        assert tcp(daemon, "GET", "/api/status", cookie=forged)[0] == 401, forged
    viewer = session(daemon, daemon.token("--viewer")).split(";")[0]
    assert tcp(daemon, "GET", "/api/status", cookie=viewer.replace("viewer.", "operator."))[0] == 401


def test_other_pages_cannot_act(daemon):
    cookie = session(daemon, daemon.token()).split(";")[0]
    act = lambda **headers: tcp(daemon, "POST", "/api/plugins/hello/resume", b"", cookie=cookie, **headers)[0]
    here = f"http://127.0.0.1:{daemon.port}"
    assert act(x_mwdb_webhooks="1", origin=here) == 200
    assert act(x_mwdb_webhooks="1", origin=here, sec_fetch_site="same-origin") == 200
    assert act(origin=here) == 403, "a form of our own origin that sends no header"
    assert act(x_mwdb_webhooks="1", origin="http://evil.example") == 403
    assert act(x_mwdb_webhooks="1", sec_fetch_site="cross-site") == 403
    assert act(x_mwdb_webhooks="1", sec_fetch_site="same-site") == 403
    assert tcp(daemon, "GET", "/api/status", cookie=cookie, sec_fetch_site="cross-site")[0] == 403
    assert tcp(daemon, "GET", "/", sec_fetch_site="cross-site", sec_fetch_mode="navigate")[0] == 200, "a link"


def test_names_that_are_not_ours(daemon):
    assert tcp(daemon, "GET", "/api/status", host="evil.example", **bearer(daemon.token()))[0] == 421
    act = lambda **headers: daemon.http("POST", "/api/plugins/hello/resume", b"", headers).status
    forged = {"host": "evil.example", "origin": "http://evil.example", "x-mwdb-webhooks": "1"}
    assert act(**forged) == 421, "a forwarded socket is no way around"
    assert daemon.http("GET", "/api/events/export", None, {"host": "evil.example:8080"}).status == 421
    assert act(origin="http://evil.example") == 403


def test_over_the_socket_the_user_is_known(daemon):
    daemon.act("/api/plugins/hello/resume")
    who = daemon.get("/api/audit?limit=1")["entries"][0]["who"]
    assert who == f"unix:{os.getuid()} ({pwd.getpwuid(os.getuid()).pw_name})"


def test_a_prefix_that_a_proxy_takes_away(stranger, daemon):
    """Addresses on the page are relative, and the cookie gets the folder of the login."""
    text = tcp(daemon, "GET", "/")[2].decode()
    assert 'src="/' not in text and 'href="/' not in text
    assert "Path=" not in session(daemon, daemon.token())


def test_viewer_in_the_browser(stranger, daemon):
    stranger.login(daemon.token("--viewer"))
    stranger.go("plugin/hello")
    assert not stranger.wait(lambda: stranger.button("Pause")).is_enabled()
    assert not stranger.button("Send test event").is_enabled()
    stranger.click("Log out")
    stranger.wait(lambda: stranger.all("input[name=token]"))


def test_login_form(stranger, daemon):
    stranger.driver.get(stranger.url)
    field = stranger.wait(lambda: stranger.one("input[name=token]"))
    assert stranger.axe() == []
    stranger.picture("login")
    field.send_keys("wrong", Keys.ENTER)
    stranger.wait(lambda: "wrong" in stranger.text(".problem"))
    stranger.one("input[name=token]").send_keys(Keys.CONTROL, "a")
    stranger.one("input[name=token]").send_keys(daemon.token(), Keys.ENTER)
    stranger.wait(lambda: stranger.text("h1") == "Overview")


def test_rotation_ends_sessions(stranger, daemon):
    old = daemon.token()
    stranger.login(old)
    new = daemon.token("--rotate")
    assert new != old and tcp(daemon, "GET", "/api/status", **bearer(new))[0] == 200
    stranger.wait(lambda: stranger.all("input[name=token]"))
    assert tcp(daemon, "GET", "/api/status", **bearer(old))[0] == 401


def test_attempts_are_limited(other_daemon):
    daemon = other_daemon
    cookie = session(daemon, daemon.token()).split(";")[0]
    answers = [tcp(daemon, "GET", "/api/status", **bearer(f"mwo_{number:040}")) for number in range(30)]
    assert answers[-1][0] == 429 and int(answers[-1][1]["retry-after"]) >= 1
    assert tcp(daemon, "GET", "/api/status", **bearer(daemon.token()))[0] == 200, "behind a proxy all come from one address"
    assert tcp(daemon, "GET", "/api/status", cookie=cookie)[0] == 200, "who is in stays in"
    assert daemon.get("/api/status")["ready"], "the socket is not concerned"
