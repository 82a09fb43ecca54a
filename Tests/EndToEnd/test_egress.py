"""Where a plugin may connect to is checked on the connected address."""

import pytest

from support.configuration import plugin
from support.spool import file_event


@pytest.mark.parametrize(
    "lines",
    [
        "deny_addresses = 127.0.0.0/8",
        "allow_addresses = 10.0.0.0/8\ndeny_addresses = 0.0.0.0/0",
        "allow_addresses = 192.0.2.0/24",
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1"])
def test_a_denied_address_gets_no_request(daemon, receiver, lines, host):
    daemon.configure(
        plugin("denied", f"http://{host}:{receiver.port}/denied", lines, hooks="*")
        + plugin("good", receiver.url("/good"), hooks="*")
    ).start()
    daemon.spool.write(file_event())
    receiver.wait(1, "/good")
    row = daemon.wait_for(
        lambda: next((r for r in daemon.deliveries(plugin="denied") if r["state"] in ("waiting", "dead")), None),
        "an attempt was refused",
    )
    assert "addresses" in str(daemon.show(row["id"])), "the reason names the setting"
    assert not receiver.requests("/denied")


def test_link_local_is_denied_by_default(daemon, receiver):
    daemon.configure(
        plugin("cloud", "http://169.254.169.254/latest/", "connect_timeout = 2s\ntimeout = 3s", hooks="*")
    ).start()
    daemon.spool.write(file_event())
    row = daemon.wait_for(
        lambda: next((r for r in daemon.deliveries(plugin="cloud") if r["state"] in ("waiting", "dead")), None),
        "an attempt was refused",
    )
    assert "169.254" in str(daemon.show(row["id"]))


def test_a_more_specific_allowance_wins(daemon, receiver):
    lines = "allow_addresses = 127.0.0.1/32\ndeny_addresses = 127.0.0.0/8"
    daemon.configure(plugin("allowed", receiver.url("/allowed"), lines, hooks="*")).start()
    daemon.spool.write(file_event())
    receiver.wait(1, "/allowed")


def test_proxies_of_the_environment_are_ignored(daemon, receiver):
    daemon.configure(plugin("direct", receiver.url("/direct"), hooks="*"))
    proxy = "http://127.0.0.1:9"
    daemon.start(environment={"http_proxy": proxy, "HTTP_PROXY": proxy, "ALL_PROXY": proxy})
    daemon.spool.write(file_event())
    receiver.wait(1, "/direct")
