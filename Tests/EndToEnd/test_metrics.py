"""Metrics as Prometheus' own tools see them: the page, the alert rules, the Grafana dashboard's expressions."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.configuration import plugin
from support.receiver import answer
from support.spool import file_event

REPOSITORY = Path(__file__).resolve().parents[2]
RULES = REPOSITORY / "deploy/prometheus/alerts.yml"
GRAFANA = REPOSITORY / "deploy/grafana/dashboard.json"


@pytest.fixture
def promtool():
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")

    def run(*arguments, text=None, folder=RULES.parent):
        done = subprocess.run(
            [found, *arguments], input=text, capture_output=True, text=True, cwd=folder, timeout=60
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    return run


@pytest.fixture
def page(daemon, receiver):
    """A scrape of a daemon that has delivered, failed and given up, with hostile words on its way."""
    receiver.on("/refuses", answer(400, b'"} 1\nmwdb_webhooks_injected 1\n'))
    daemon.configure(
        plugin("works", receiver.url("/works")) + plugin("refuses", receiver.url("/refuses"))
    ).start()
    daemon.spool.write(file_event(b"MZ", name='x"} 1\nmwdb_webhooks_injected 1\n'), b"no event")
    daemon.wait_state("works", "delivered")
    daemon.wait_state("refuses", "dead")
    daemon.wait_for(lambda: daemon.metrics()["mwdb_webhooks_spool_files_rejected_total"] == 1, "the rejected line")
    return daemon.http("GET", "/metrics").body.decode()


def families(page):
    return set(re.findall(r"^# TYPE (\S+)", page, re.M))


def used(expression):
    """Families that an expression reads."""
    names = re.findall(r"\bmwdb_webhooks_[a-z_]+", expression)
    return {re.sub(r"_(bucket|sum|count)$", "", name) if "_bucket" in name else name for name in names}


def test_the_page_is_what_prometheus_expects(promtool, page):
    said = promtool("check", "metrics", text=page)
    assert not said.strip(), said
    assert "mwdb_webhooks_injected" not in families(page)


def test_labels_are_bounded(page):
    """No id, hash, path or text of a receiver becomes a label."""
    allowed = {"plugin", "state", "outcome", "operation", "status", "le", "version"}
    for line in page.splitlines():
        for label, value in re.findall(r'([a-z_]+)="([^"]*)"', line):
            assert label in allowed and len(value) < 40, line
    plugins = set(re.findall(r'plugin="([^"]*)"', page))
    assert plugins == {"works", "refuses", "mwdb"}


def test_sizes_and_ages_are_counted(page):
    values = dict(line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    assert values["mwdb_webhooks_event_size_bytes_count"] == "1"
    assert float(values["mwdb_webhooks_event_size_bytes_sum"]) > 500
    assert values['mwdb_webhooks_delivery_age_seconds_count{plugin="works"}'] == "1"
    assert values['mwdb_webhooks_delivery_age_seconds_count{plugin="refuses"}'] == "0"


def test_the_alert_rules_are_right(promtool, page):
    promtool("check", "rules", RULES.name)
    promtool("test", "rules", "alerts.test.yml")
    text = RULES.read_text()
    names = used(" ".join(re.findall(r"expr: (?:>-\n)?((?:.|\n)*?)\n +(?:for|labels):", text)))
    assert len(names) > 10 and names - {"mwdb_webhooks_source_heartbeat_seconds"} <= families(page)
    alerts = re.findall(r"- alert: (\w+)", text)
    tested = (RULES.parent / "alerts.test.yml").read_text()
    runbook = (REPOSITORY / "docs/operations.md").read_text()
    for alert in alerts:
        assert f"\n### {alert}\n" in runbook, f"docs/operations.md does not say what to do about {alert}"
        assert f'alertname="{alert}"' in tested, f"no test of {alert}"
        assert f"docs/operations.md#{alert.lower()}\n" in text


def test_the_backlog_of_grafana_is_that_of_status():
    expressions = [t["expr"] for p in json.loads(GRAFANA.read_text())["panels"] for t in p.get("targets", [])]
    backlogs = [e for e in expressions if "|waiting|" in e]
    assert len(backlogs) == 2 and all('state=~"ready|waiting|started|blocked"' in e for e in backlogs), backlogs


def test_the_dashboard_of_grafana_asks_for_what_there_is(promtool, page, tmp_path):
    dashboard = json.loads(GRAFANA.read_text())
    expressions = [t["expr"] for p in dashboard["panels"] for t in p.get("targets", [])]
    assert len(expressions) > 20
    assert set().union(*map(used, expressions)) <= families(page)
    # Rules are the one thing whose expressions promtool parses.
    plain = [e.replace("$__rate_interval", "5m").replace("$plugin", ".*").replace("$instance", ".*") for e in expressions]
    rules = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(plain)]
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", "panels.yml", folder=tmp_path)
    places = [tuple(p["gridPos"][k] for k in "xywh") for p in dashboard["panels"]]
    assert len(set(places)) == len(places) and all(x + w <= 24 for x, _, w, _ in places)
