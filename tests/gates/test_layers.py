"""The layers and the style of the models: see ``layer_rules.py`` for the rules, ``exceptions.yml`` for what is excused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.gates.conftest import Project
from tests.gates.layer_rules import RULES, Rule

TODAY = datetime.now(UTC).date()
EXCEPTIONS: list[dict[str, Any]] = (
    yaml.safe_load(Path(__file__).with_name("exceptions.yml").read_text()) or []
)


def excused(rule: str) -> set[str]:
    """What is excused from a rule today."""
    return {
        str(entry["model"]) for entry in EXCEPTIONS if entry["rule"] == rule and entry["expires_on"] >= TODAY
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(project: Project, rule: Rule) -> None:
    broken = [f"{what}: {how}" for what, how in rule(project) if what not in excused(rule.__name__)]
    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize("entry", EXCEPTIONS, ids=lambda entry: f"{entry.get('rule')}-{entry.get('model')}")
def test_exception_is_complete_current_and_needed(project: Project, entry: dict[str, Any]) -> None:
    assert set(entry) == {"rule", "model", "reason", "owner", "expires_on"} and all(entry.values())
    assert isinstance(entry["expires_on"], date), "expires_on is no date"
    assert entry["expires_on"] >= TODAY, f"expired: {entry['reason']}"
    rules = {rule.__name__: rule for rule in RULES}
    assert entry["rule"] in rules, "no such rule"
    assert entry["model"] in {what for what, _ in rules[entry["rule"]](project)}, (
        "no longer needed: delete it"
    )
