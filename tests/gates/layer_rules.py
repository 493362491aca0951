"""The rules of the house. Each yields what breaks it as (what, how); ``exceptions.yml`` may excuse a pair, for a time."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from tests.gates.conftest import Node, Project, is_part_of_others, layer

Violation = tuple[str, str]
Rule = Callable[[Project], Iterator[Violation]]

#: Seeds that hold facts of the world and no company's configuration: staging may read them.
REFERENCE_SEEDS = frozenset({"currency_exponents"})

CLOCK = re.compile(
    r"\b(current_date|current_timestamp|current_time|localtime|localtimestamp|getdate|sysdate|now\s*\(|today\s*\(|unix_timestamp\s*\(\s*\)"
    r"|get_current_timestamp|run_started_at|modules\.datetime|random\s*\(|rand\s*\(|gen_random_uuid|uuid\s*\()",
    re.IGNORECASE,
)
COMMENTS = re.compile(r"--[^\n]*|\{#.*?#\}|/\*.*?\*/", re.DOTALL)
LEADING_CONFIG = re.compile(r"\A(?:\s*\{\{-?\s*config\(.*?\)\s*-?\}\})*\s*", re.DOTALL)

INTEGERS = ("BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "TINYINT")
#: The first pattern that fits decides.
TYPES_BY_NAME: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"^(is|has)_"), ("BOOLEAN",)),
    (re.compile(r"^(tenure|fiscal)_month$"), INTEGERS),
    (re.compile(r"_amount$"), ("DECIMAL",)),
    (re.compile(r"_rate$"), ("DECIMAL",)),
    (re.compile(r"_date$|_month$|^month_end$|^period_end$"), ("DATE",)),
    (re.compile(r"_at$"), ("TIMESTAMP",)),
    (re.compile(r"_count$"), INTEGERS),
)


def system_of(name: str) -> str | None:
    """The system in a name such as int_customers__stripe or stg_stripe__customer."""
    if name.startswith("int_"):
        return name.split("__")[1] if "__" in name else None
    return name.split("_", 1)[1].split("__")[0]


def is_contract_entity(node: Node) -> bool:
    """Entities that all systems feed: the union models."""
    return layer(node) == "intermediate" and "union_systems(" in node["raw_code"]


def is_published(node: Node) -> bool:
    """Models whose columns others rely on: contract entities and marts."""
    return layer(node) == "marts" or is_contract_entity(node)


def is_base(node: Node) -> bool:
    return str(node["name"]).startswith("base_")


def models_read_their_own_layer_or_the_one_before(project: Project) -> Iterator[Violation]:
    allowed = {
        "staging": {"staging", "source"},
        "intermediate": {"intermediate", "staging", "seed"},
        "marts": {"marts", "intermediate", "seed"},
    }
    for node in project.models:
        for parent in project.parents(node):
            if layer(parent) in allowed[layer(node)] or parent["name"] in REFERENCE_SEEDS:
                continue
            if str(node["name"]).startswith("dq_") and (layer(parent) == "source" or is_base(parent)):
                continue
            yield node["name"], f"reads {layer(parent)} {parent['name']}"


def staging_stays_within_its_system(project: Project) -> Iterator[Violation]:
    """A base model reads its own export alone, and landing's list of files; nothing with a system in its name reads another system's models."""
    for node in project.models:
        if layer(node) == "marts":
            continue
        for parent in project.parents(node):
            name = str(parent["name"])
            if layer(parent) == "source":
                is_list_of_files = is_base(node) and (parent["source_name"], name) == ("landing", "files")
                if not is_list_of_files and node["name"] != f"base_{parent['source_name']}__{name}":
                    yield node["name"], f"reads the source {parent['source_name']}.{name}"
                continue
            if layer(parent) == "seed" or "__" not in name:
                continue
            is_bound = layer(parent) == "staging" or "__" in node["name"]
            if is_bound and system_of(node["name"]) != system_of(name):
                yield node["name"], f"reads {name} of another system"


def names_match_their_folder(project: Project) -> Iterator[Violation]:
    systems = "|".join(project.contract)
    for node in project.models:
        folders = str(node["original_file_path"]).split("/")[2:-1]
        if layer(node) == "staging":
            system = folders[0]
            pattern = (
                rf"base_{system}__[a-z0-9_]+" if folders[1:] == ["base"] else rf"stg_{system}__[a-z0-9_]+"
            )
        elif layer(node) == "intermediate":
            pattern = rf"int_[a-z0-9]+(_[a-z0-9]+)*(__({systems}))?"
        else:
            pattern = r"dq_[a-z0-9_]+" if folders == ["data_quality"] else r"(dim|fct|bdg)_[a-z0-9_]+"
        if not re.fullmatch(pattern, node["name"]):
            yield node["name"], f"does not belong in {'/'.join(folders)}"


def marts_know_no_vendor(project: Project) -> Iterator[Violation]:
    vendors = re.compile(
        "|".join(system for system in project.contract if system != "templates"), re.IGNORECASE
    )
    for path in sorted((project.root / "models" / "marts").rglob("*")):
        if path.suffix not in (".sql", ".yml") or path.parent.name == "data_quality":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if found := vendors.search(line):
                yield path.stem, f"line {number} names {found.group()}"


def models_and_seeds_are_described(project: Project) -> Iterator[Violation]:
    for node in project.manifest["nodes"].values():
        if node["resource_type"] in ("model", "seed") and not node["description"].strip():
            yield node["name"], "has no description"


def columns_are_described(project: Project) -> Iterator[Violation]:
    """Every column that the relation has, of staging, contract entities, marts and seeds."""
    for node in project.manifest["nodes"].values():
        if node["resource_type"] == "seed" or (
            node["resource_type"] == "model" and (str(node["name"]).startswith("stg_") or is_published(node))
        ):
            described = {name for name, column in node["columns"].items() if column["description"].strip()}
            for column in project.built[node["name"]]:
                if column not in described:
                    yield node["name"], f"column {column} has no description"


def described_columns_exist(project: Project) -> Iterator[Violation]:
    """A column that the YAML lists is a column of the model."""
    for node in project.models:
        for column in node["columns"]:
            if column not in project.built[node["name"]]:
                yield node["name"], f"has no column {column}, but its YAML describes one"


def contract_columns_stand_in_the_order_of_the_yaml(project: Project) -> Iterator[Violation]:
    for node in project.models:
        if is_published(node) and list(node["columns"]) != list(project.built[node["name"]]):
            yield node["name"], "builds other columns, or another order, than its YAML lists"


def contracts_are_enforced(project: Project) -> Iterator[Violation]:
    for node in project.models:
        if is_published(node):
            if not node["config"]["contract"]["enforced"]:
                yield node["name"], "has no enforced contract"
            for name, column in node["columns"].items():
                if not column["data_type"]:
                    yield node["name"], f"column {name} has no data type"


def grains_are_tested(project: Project) -> Iterator[Violation]:
    """A key of several columns by unique_key, a key of one column by unique and not_null or by unique_key."""
    for node in project.models:
        if is_base(node) or is_part_of_others(node):
            continue
        tests: dict[str, set[str]] = {}
        for test in project.tests_of(node):
            if metadata := test.get("test_metadata"):
                tests.setdefault(metadata["name"], set()).add(metadata["kwargs"].get("column_name", ""))
        if "unique_key" not in tests and not tests.get("unique", set()) & tests.get("not_null", set()):
            yield node["name"], "has no test of its grain"


def grains_are_stated(project: Project) -> Iterator[Violation]:
    for node in project.models:
        if not re.match(r"-- grain: \S", LEADING_CONFIG.sub("", project.text(node), count=1)):
            yield node["name"], "does not begin with `-- grain: …`"


def base_models_are_one_call(project: Project) -> Iterator[Violation]:
    for node in project.models:
        if is_base(node):
            system, table = str(node["name"]).removeprefix("base_").split("__")
            lines = project.text(node).strip().splitlines()
            if len(lines) != 2 or lines[1] != f"{{{{ base_export('{system}', '{table}') }}}}":
                yield node["name"], "is more than its grain and one call of base_export"


def nothing_reads_the_clock(project: Project) -> Iterator[Violation]:
    """Neither the clock nor chance: the same exports give the same numbers."""
    for folder in ("models", "macros", "analyses", "tests/dbt", "reports/queries"):
        for path in sorted((project.root / folder).rglob("*.sql")):
            text = COMMENTS.sub("", path.read_text(encoding="utf-8"))
            for found in CLOCK.finditer(text):
                yield path.stem, f"{path.relative_to(project.root)} calls {found.group()}"


def names_say_types(project: Project) -> Iterator[Violation]:
    """Money is decimal, dates are dates, counts are whole numbers."""
    for node in project.models:
        if is_base(node):
            continue
        for column, data_type in project.built[node["name"]].items():
            types = next((types for pattern, types in TYPES_BY_NAME if pattern.search(column)), ())
            if types and not data_type.startswith(types):
                yield node["name"], f"column {column} is {data_type}"
            if data_type == "BOOLEAN" and not column.startswith(("is_", "has_")):
                yield node["name"], f"boolean column {column} is not named is_ or has_"
            if re.search("mrr|arr|revenue", column) and data_type in ("DOUBLE", "FLOAT", "REAL"):
                yield node["name"], f"column {column} is {data_type}"


def export_columns_are_described_and_typed(project: Project) -> Iterator[Violation]:
    for source in project.manifest["sources"].values():
        name = f"{source['source_name']}.{source['name']}"
        if not source["description"].strip() or not source["source_description"].strip():
            yield name, "has no description"
        if source["source_name"] in project.contract and not source["columns"]:
            yield name, "lists no columns"
        for column in source["columns"].values():
            if not column["description"].strip():
                yield name, f"column {column['name']} has no description"
            if not column["data_type"]:
                yield name, f"column {column['name']} has no data type"


def every_export_has_its_base_and_staging_model(project: Project) -> Iterator[Violation]:
    names = {node["name"] for node in project.models}
    for system in project.contract.values():
        for table in system.tables:
            for name in (f"base_{system.name}__{table}", f"stg_{system.name}__{table}"):
                if name not in names:
                    yield f"{system.name}.{table}", f"has no model {name}"


def the_list_of_exports_is_the_contract(project: Project) -> Iterator[Violation]:
    text = (project.root / "macros" / "exports.sql").read_text(encoding="utf-8")
    found = re.search(r"set exports = (\{.*?\}) -?%\}", text, re.DOTALL)
    assert found, "macros/exports.sql has no list of exports"
    listed = {
        (system, table) for system, tables in ast.literal_eval(found.group(1)).items() for table in tables
    }
    contract = {(system.name, table) for system in project.contract.values() for table in system.tables}
    for system, table in sorted(listed ^ contract):
        yield (
            f"{system}.{table}",
            "is listed, but no export" if (system, table) in listed else "is an export, but not listed",
        )


def models_end_in_final(project: Project) -> Iterator[Violation]:
    for node in project.models:
        if not is_base(node) and not re.search(r"\n\nselect \* from final\s*\Z", project.text(node)):
            yield node["name"], "does not end in `select * from final`"


RULES: tuple[Rule, ...] = (
    models_read_their_own_layer_or_the_one_before,
    staging_stays_within_its_system,
    names_match_their_folder,
    marts_know_no_vendor,
    models_and_seeds_are_described,
    columns_are_described,
    described_columns_exist,
    contract_columns_stand_in_the_order_of_the_yaml,
    contracts_are_enforced,
    grains_are_tested,
    grains_are_stated,
    base_models_are_one_call,
    nothing_reads_the_clock,
    names_say_types,
    export_columns_are_described_and_typed,
    every_export_has_its_base_and_staging_model,
    the_list_of_exports_is_the_contract,
    models_end_in_final,
)
