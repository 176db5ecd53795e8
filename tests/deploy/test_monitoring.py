"""Alert rules and dashboard are valid, and speak of metrics that there are."""

import json
import re
import shutil
import subprocess

import pytest
import yaml
from prometheus_client import CollectorRegistry

from deploy.folders import PROJECT
from shared import metrics
from shared.metrics import StatusCollector

PROMETHEUS, GRAFANA = PROJECT / "deploy" / "prometheus", PROJECT / "deploy" / "grafana"
PROMTOOL = shutil.which("promtool")


def known() -> set[str]:
    """Every series that Kartu has."""
    import fakeredis

    moment = CollectorRegistry()
    moment.register(StatusCollector(fakeredis.FakeRedis()))
    found = {family.name for family in moment.collect()}
    for metric in vars(metrics).values():
        for family in metric.collect() if hasattr(metric, "collect") and not isinstance(metric, type) else ():
            if family.type == "counter":
                found.add(f"{family.name}_total")
            elif family.type == "histogram":
                found |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
    return {name for name in found if name.startswith("kartu_")}


def named_in(text: str) -> set[str]:
    return set(re.findall(r"\bkartu_\w+", text))


@pytest.mark.skipif(not PROMTOOL, reason="promtool (Debian: prometheus) is not installed")
@pytest.mark.parametrize("command", [("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yml")])
def test_promtool_agrees(command):
    found = subprocess.run([PROMTOOL, *command], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_rules_and_dashboard_speak_of_metrics_that_there_are():
    rules = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"][0]["rules"]
    panels = json.loads((GRAFANA / "kartu.json").read_text())["panels"]
    expressions = [rule["expr"] for rule in rules]
    expressions += [target["expr"] for panel in panels for target in panel["targets"]]
    assert named_in(" ".join(expressions)) <= known()
    # And every metric is looked at somewhere.
    bases = {re.sub(r"_(bucket|sum|count)$", "", name) for name in known()}
    seen = {re.sub(r"_(bucket|sum|count)$", "", name) for name in named_in(" ".join(expressions))}
    assert bases - seen <= {"kartu_attempts_failed_total"}


def test_every_alert_says_what_to_do():
    for rule in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "action"}


def test_panels_lie_beside_each_other():
    panels = json.loads((GRAFANA / "kartu.json").read_text())["panels"]
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len({panel["id"] for panel in panels}) == len(panels)
