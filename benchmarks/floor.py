"""The statements of a finished build, in the order in which they ran, in one bare DuckDB process: no build can be faster."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb
import yaml

from tests.harness import statement_of

#: From the contract lines of a company to the movement of every customer in every month: what peers are compared with.
ANSWER = (
    "fct_recurring_revenue_months",
    "fct_product_family_months",
    "fct_customer_months",
    "fct_retention_by_product_family",
    "fct_retention",
)
PROJECT = Path(__file__).resolve().parents[1]


def main() -> None:
    out = Path(sys.argv[1])
    target = out / "build" / "target"
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    ran = [result["unique_id"] for result in json.loads((target / "run_results.json").read_text())["results"]]
    folder = out / "floor"
    folder.mkdir(exist_ok=True)
    database = folder / "postsale.duckdb"
    database.unlink(missing_ok=True)
    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text())["postsale"]["outputs"]["duckdb"]
    options = {
        "threads": profile["threads"],
        "memory_limit": "6GB",
        "temp_directory": str(folder / "tmp"),
        "preserve_insertion_order": False,
    }
    seconds: dict[str, float] = {}
    wall: dict[str, float] = {}
    with duckdb.connect(str(database), config=options) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for schema in sorted({nodes[key]["schema"] for key in ran}):
            connection.execute(f'create schema if not exists "{schema}"')
        for key in ran:
            if key not in nodes or nodes[key]["resource_type"] == "operation":
                continue  # hooks of the run
            statement = statement_of(nodes[key])
            began, processor = time.monotonic(), time.process_time()
            if statement.materialized == "test":
                connection.execute(statement.sql).fetchall()
            else:
                connection.execute(
                    f'create {statement.materialized} "{statement.schema}"."{statement.name}" as ({statement.sql}\n)'
                )
            seconds[statement.name] = time.process_time() - processor
            wall[statement.name] = time.monotonic() - began
        rows = sum(
            connection.execute(f"select count(*) from marts.{name}").fetchall()[0][0] for name in ANSWER
        )
    database.unlink()
    slowest = sorted(seconds.items(), key=lambda item: (-item[1], item[0]))[:8]
    print(
        json.dumps(
            {
                "answer_seconds": sum(wall[name] for name in ANSWER),
                "answer_rows": rows,
                "slowest": [{"name": name, "seconds": value} for name, value in slowest],
            }
        )
    )


if __name__ == "__main__":
    main()
