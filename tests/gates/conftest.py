"""One compiled project and one small built company for all gates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale.contract import System, read_contract
from postsale.demo import write_demo
from postsale.demo.canaries import ADDRESS, MARK, NOTE, OWN_WORDS, PERSON
from postsale.landing import land
from tests import harness
from tests.harness import PROJECT

Node = dict[str, Any]


#: Personal data in the exports that the demo company does not write.
WITHOUT_DEMO = {
    "ravenstack/churn_events.csv": [
        {
            "churn_event_id": "E",
            "account_id": "A",
            "churn_date": "2026-01-31",
            "reason_code": "pricing",
            "feedback_text": NOTE,
        }
    ],
    "templates/contract_lines.csv": [
        {
            "contract_line_id": "L",
            "account_id": "001DM0000000000AAA",
            "start_date": "2026-01-01",
            "exclusion_reason": OWN_WORDS,
        }
    ],
    "templates/product_events.csv": [
        {
            "event_id": "V",
            "account_id": "001DM0000000000AAA",
            "user_id": PERSON,
            "occurred_at": "2026-01-31 10:00:00",
        }
    ],
    "templates/loss_reasons.csv": [
        {
            "loss_reason_id": "R",
            "account_id": "001DM0000000000AAA",
            "reason_date": "2026-01-31",
            "reason_raw": OWN_WORDS,
        }
    ],
    "templates/risk_records.csv": [
        {
            "risk_id": "R",
            "account_id": "001DM0000000000AAA",
            "risk_type": "churn",
            "reason_raw": OWN_WORDS,
            "opened_date": "2026-01-31",
        }
    ],
    "templates/opportunities.csv": [
        {
            "opportunity_id": "D",
            "account_id": "001DM0000000000AAA",
            "is_won": "false",
            "close_date": "2026-01-31",
            "loss_reason": OWN_WORDS,
        }
    ],
    "templates/success_objectives.csv": [
        {"objective_id": "O", "plan_id": "P", "owner_id": f"owner.{MARK}", "reason_raw": OWN_WORDS}
    ],
    "templates/skill_assessments.csv": [
        {
            "assessment_id": "S",
            "account_id": "001DM0000000000AAA",
            "user_id": PERSON,
            "skill": "Queries",
            "score": "90",
            "assessed_date": "2026-01-31",
        }
    ],
    "skilljar/user.csv": [{"id": "U", "email": f"robin.{MARK}{ADDRESS}", "account_id": "001DM0000000000AAA"}],
    "templates/survey_invitations.csv": [
        {
            "invitation_id": "I",
            "survey_id": "S",
            "contact_id": f"robin.{MARK}{ADDRESS}",
            "sent_date": "2026-01-21",
        }
    ],
    "templates/survey_responses.csv": [
        {
            "answer_id": "W",
            "account_id": "001DM0000000000AAA",
            "contact_id": f"robin.{MARK}{ADDRESS}",
            "question_kind": "barrier",
            "answer": OWN_WORDS,
            "answered_date": "2026-01-31",
        }
    ],
}


@dataclass(frozen=True)
class Project:
    """The project as dbt understands it, with the columns its relations really have."""

    root: Path
    contract: dict[str, System]
    manifest: dict[str, Any]
    #: columns and DuckDB types of every model, in order
    built: dict[str, dict[str, str]]
    connection: duckdb.DuckDBPyConnection
    out: Path

    @property
    def models(self) -> list[Node]:
        """All models, by name."""
        nodes = (node for node in self.manifest["nodes"].values() if node["resource_type"] == "model")
        return sorted(nodes, key=lambda node: str(node["name"]))

    def parents(self, node: Node) -> list[Node]:
        """Models, seeds and sources that a model reads."""
        known = {**self.manifest["nodes"], **self.manifest["sources"]}
        return [known[key] for key in node["depends_on"]["nodes"]]

    def tests_of(self, node: Node) -> list[Node]:
        """Generic tests on a model."""
        return [
            test for test in self.manifest["nodes"].values() if test.get("attached_node") == node["unique_id"]
        ]

    def text(self, node: Node) -> str:
        """The SQL file of a model."""
        return (self.root / str(node["original_file_path"])).read_text(encoding="utf-8")


def layer(node: Node) -> str:
    """staging, intermediate, marts, seed or source."""
    path, kind = str(node["original_file_path"]), str(node["resource_type"])
    return path.split("/")[1] if kind == "model" else kind


def is_part_of_others(node: Node) -> bool:
    """Whether a model is stored nowhere: its SQL is a part of those that read it."""
    return str(node["config"]["materialized"]) == "ephemeral"


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The whole project with every system switched on, built on a small demo company."""
    folder = tmp_path_factory.mktemp("gates")
    contract = read_contract(PROJECT)
    systems = sorted(contract)
    write_demo(folder / "raw", 80, 30, 1, True, lambda _line: None)
    for name, rows in WITHOUT_DEMO.items():
        harness.write_csv(folder / "raw" / name, rows)
    land(folder / "raw", folder / "out", systems, PROJECT, lambda _line: None)
    connection = harness.run_models(folder / "out", systems, folder / "compiled")
    (path,) = (folder / "compiled").glob("*/manifest.json")
    manifest = json.loads(path.read_text())
    built: dict[str, dict[str, str]] = {}
    for name, column, data_type in connection.execute(
        "select table_name, column_name, data_type from information_schema.columns order by table_name, ordinal_position"
    ).fetchall():
        built.setdefault(name, {})[column] = data_type
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and is_part_of_others(node):
            described = connection.execute(f"describe {node['compiled_code']}").fetchall()
            built[node["name"]] = {name: data_type for name, data_type, *_ in described}
    yield Project(PROJECT, contract, manifest, built, connection, folder / "out")
    connection.close()
