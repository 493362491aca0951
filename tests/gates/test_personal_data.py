"""Personal data stays in staging: it is tagged where it comes in, and seeded with marks that turn up nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from postsale.demo.canaries import MARK
from tests.gates.conftest import Node, Project, is_part_of_others, layer
from tests.gates.layer_rules import is_base

#: How columns are called that tell of people, or in which people write what they like.
SOUNDS_PERSONAL = re.compile(
    r"name$|mail|login|phone|mobile|fax|street|address|city|postal|zip|latitude|longitude|birth|gender|photo|avatar|(^|_)ip(_|$)|agent"
    r"|about|title|signature|description|comment|note|memo|feedback|message|body|subject|text|reason|next_step|metadata|custom_field"
)
NOT_PERSONAL: dict[str, str] = {
    column: entry["reason"]
    for entry in yaml.safe_load(Path(__file__).with_name("not_personal.yml").read_text()) or []
    for column in entry["columns"]
}


def tagged(node: Node) -> set[str]:
    return {
        str(name)
        for name, column in node["columns"].items()
        if column["config"].get("meta", {}).get("personal")
    }


def personal_exports(project: Project) -> dict[str, set[str]]:
    """Tagged columns by ``system.table``."""
    return {
        f"{source['source_name']}.{source['name']}": tagged(source)
        for source in project.manifest["sources"].values()
        if tagged(source)
    }


def marked_columns(project: Project, node: Node) -> set[str]:
    """Columns of a model in which the mark stands, in whatever case. In rejected rows values may stand in columns not theirs."""
    columns = list(project.built[node["name"]])
    counts = ", ".join(
        f"count(*) filter (where contains(lower(cast(\"{column}\" as varchar)), '{MARK}'))"
        for column in columns
    )
    rows = "where _row_status <> 'rejected'" if is_base(node) else ""
    row = project.connection.execute(
        f'select {counts} from "{node["schema"]}"."{node["name"]}" {rows}'
    ).fetchone()
    assert row is not None
    return {column for column, count in zip(columns, row, strict=True) if count}


def marked_when_landed(project: Project, system: str, table: str) -> set[str]:
    """The same of an export of events as it landed: its base model keeps sums, which lack most columns."""
    names = [
        column.name
        for column in project.contract[system].tables[table].columns
        if column.data_type in ("text", "json")
    ]
    counts = ", ".join(f"count(*) filter (where contains(\"{name}\", '{MARK}'))" for name in names)
    files = project.out / "landed" / system / table / "*.parquet"
    row = project.connection.execute(
        f"select {counts} from read_parquet('{files}', union_by_name = true)"
    ).fetchone()
    assert row is not None
    return {name for name, count in zip(names, row, strict=True) if count}


def test_columns_that_sound_personal_are_tagged_or_excused(project: Project) -> None:
    open_columns = [
        f"{system.name}.{table.name}.{column.name}"
        for system in project.contract.values()
        for table in system.tables.values()
        for column in table.columns
        if column.data_type in ("text", "json")
        and SOUNDS_PERSONAL.search(column.name)
        and not column.name.endswith("_id")
        and not column.is_personal
    ]
    assert sorted(open_columns) == sorted(NOT_PERSONAL), (
        "tag them personal, or say in not_personal.yml why they are not"
    )


def test_every_tagged_column_of_every_export_holds_a_canary(project: Project) -> None:
    """So that no search for the mark finds nothing because nothing was there."""
    exports = personal_exports(project)
    assert {
        "salesforce.user",
        "stripe.customer",
        "zuora.subscription",
        "ravenstack.churn_events",
        "templates.loss_reasons",
    } <= set(exports)
    models = {node["name"]: node for node in project.models}
    for export, columns in exports.items():
        system, table = export.split(".")
        if project.contract[system].tables[table].rollup:
            assert columns <= marked_when_landed(project, system, table), export
            continue
        # Salesforce spells fields of one's own in two ways; an export has one of them.
        seeded = {
            column.replace("__c", "_c")
            for column in marked_columns(project, models[f"base_{export.replace('.', '__')}"])
        }
        assert {column.replace("__c", "_c") for column in columns} <= seeded, export


def test_what_carries_personal_data_in_staging_says_so(project: Project) -> None:
    exports = personal_exports(project)
    for node in project.models:
        if layer(node) == "staging":
            known = (
                exports.get(node["name"].removeprefix("base_").replace("__", ".", 1), set())
                if is_base(node)
                else tagged(node)
            )
            assert marked_columns(project, node) <= known, node["name"]


def test_no_personal_data_goes_beyond_staging(project: Project) -> None:
    """But for the text of rejected rows, which is kept in the build and not published."""
    beyond = {
        f"{node['name']}.{column}"
        for node in project.models
        if layer(node) in ("intermediate", "marts") and not is_part_of_others(node)
        for column in marked_columns(project, node)
    }
    assert beyond == {"dq_rejected_rows.raw_text"}
    assert "raw_text" in tagged(project.manifest["nodes"]["model.postsale.dq_rejected_rows"])


def test_only_tables_hold_hashed_keys_as_a_view_would_lack_the_salt(project: Project) -> None:
    hashing = [node for node in project.models if "getvariable(" in node["compiled_code"]]
    assert hashing, "nothing is hashed: is the macro still needed?"
    assert [
        node["name"] for node in hashing if node["config"]["materialized"] not in ("table", "incremental")
    ] == []


def test_a_hashed_key_is_the_sha_256_of_salt_bar_and_text(project: Project) -> None:
    """The salt is empty here; the key is that of ``printf '|not used' | sha256sum``."""
    assert project.connection.execute(
        "select loss_reason from intermediate.int_loss_reason_map where reason_key = 'a5aa49fd4936074d775e5d98661212e3680491f13285c2d32dc503e6a5d6311d'"
    ).fetchall() == [("not_used",)]
