"""Scorecard pages: static HTML from the published marts.

`reports/queries/*.sql` select, `reports/pages/*.html` show, and this module carries the rows from one to the
other. No metric is computed here. The pages hold their style and charts, no script, and load nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml
from markupsafe import Markup

from postsale import charts, disk, formats
from postsale.customer_pages import CustomerPages
from postsale.theme_pages import ORDERS, ThemePages, place

REPORTS = Path(__file__).resolve().parents[1] / "reports"
ROOT_DIMENSIONS = {
    "segment": "Segment",
    "region": "Region",
    "channel": "Channel",
    "product_family": "Product family",
    "tenure_band": "Length of relationship",
}
BREAKDOWN = ("net_revenue_retention", "gross_revenue_retention", "customer_retention_rate")
MOVEMENTS = {
    "opening": ("Opening", None),
    "new": ("New", "new_arr"),
    "reactivation": ("Reactivation", "reactivation_arr"),
    "expansion": ("Expansion", "expansion_arr"),
    "contraction": ("Contraction", "contraction_arr"),
    "churn": ("Churn", "churned_arr"),
    "fx_impact": ("Currency", "fx_impact_arr"),
    "closing": ("Closing", None),
}
SERVICE_MOVEMENTS = {
    "opening": ("Opening", None),
    "attached": ("Attached", "service_revenue_bridge"),
    "reinstated": ("Reinstated", "service_revenue_bridge"),
    "expanded": ("Expanded", "service_revenue_bridge"),
    "contracted": ("Contracted", "service_revenue_bridge"),
    "lost": ("Lost", "service_revenue_bridge"),
    "closing": ("Closing", None),
}
#: Bridges by their metric: what they are of, whose rows the totals open, and their movements in order.
BRIDGES: dict[str, tuple[str, str, Mapping[str, tuple[str, str | None]]]] = {
    "recurring_revenue_movements": ("recurring revenue", "recurring_revenue_rate", MOVEMENTS),
    "service_revenue_bridge": ("recurring service revenue", "service_revenue_bridge", SERVICE_MOVEMENTS),
}
CUSTOMER_PAGES = 1000
TENURE_ORDER = ("<1", "1-2", "1–2", "2-3", "2–3", "3-5", "3–5", "5+")

Row = dict[str, Any]
Rows = list[Row]


class RenderError(Exception):
    """The warehouse file or the report folder cannot be read."""


def read_marts(
    database: Path, reports: Path = REPORTS, customer_pages: int = CUSTOMER_PAGES
) -> tuple[dict[str, Rows], list[str]]:
    """Rows of every query by its name, and the marts or columns that the warehouse does not have.

    The ``customer_pages`` customers with most recurring revenue are read for pages of their own.

    Raises RenderError where the file is missing or no DuckDB file, or a query fails.
    """
    if not database.is_file():
        raise RenderError(f"There is no warehouse at {database}. Build and publish it first.")
    wanted: dict[str, dict[str, str]] = yaml.safe_load((reports / "marts.yml").read_text(encoding="utf-8"))
    absent: list[str] = []
    # Readers never write; the file is attached under its own name because views in it carry that name.
    with duckdb.connect(":memory:") as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set variable customer_pages = {customer_pages:d}")
        catalog = _quoted(database.stem if database.stem not in ("memory", "temp", "system") else "published")
        try:
            connection.execute(
                f"attach '{str(database).replace(chr(39), chr(39) * 2)}' as {catalog} (read_only)"
            )
        except duckdb.Error as error:
            raise RenderError(f"{database} cannot be read as a DuckDB file: {error}") from error
        present: dict[str, set[str]] = defaultdict(set)
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() "
            "where database_name = ? and schema_name = 'marts'",
            [catalog.strip('"')],
        ).fetchall():
            present[table].add(column)
        connection.execute("create schema marts")
        for table, columns in wanted.items():
            have = present.get(table, set())
            absent += [f"{table}.{column}" for column in columns if column not in have] if have else [table]
            cells = ", ".join(
                f"cast({_quoted(column) if column in have else 'null'} as {kind}) as {_quoted(column)}"
                for column, kind in columns.items()
            )
            source = f"from {catalog}.marts.{_quoted(table)}" if have else "where false"
            connection.execute(f"create view marts.{_quoted(table)} as select {cells} {source}")
        rows: dict[str, Rows] = {}
        for path in sorted((reports / "queries").glob("*.sql")):
            try:
                result = connection.execute(path.read_text(encoding="utf-8"))
                names = [column[0] for column in result.description or ()]
                rows[path.stem] = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
            except duckdb.Error as error:
                raise RenderError(f"Report query {path.name} failed: {error}") from error
    return rows, absent


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _grouped(rows: Iterable[Row], *keys: str) -> dict[Any, Rows]:
    groups: dict[Any, Rows] = defaultdict(list)
    for row in rows:
        groups[row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys)].append(row)
    return dict(groups)


def _reasons(row: Row) -> str:
    """Why a published figure changed, in words; empty where no restatement says."""
    kinds = [kind for kind in ("data", "policy") if row[f"has_{kind}_reason"]]
    return " and the ".join(kinds)


class Scorecard:
    """What the templates need, arranged from the rows of the queries."""

    def __init__(self, rows: dict[str, Rows], absent: list[str], reports: Path) -> None:
        self.rows, self.absent = rows, absent
        self.context: Row = next(
            iter(rows["context"]), {"as_of_date": None, "reporting_currency": None, "policy_hash": None}
        )
        self.currency = str(self.context["reporting_currency"] or "USD")
        self.catalogue = self._catalogue()
        self.values: dict[str, Row] = {row["metric_key"]: row for row in rows["metric_values"]}
        self.history = _grouped(rows["metric_history"], "metric_key")
        self.members = _grouped(rows["metric_members"], "metric_key", "dimension")
        self.layout: list[Row] = yaml.safe_load((reports / "tiles.yml").read_text(encoding="utf-8"))
        self.themes: list[Row] = yaml.safe_load((reports / "themes.yml").read_text(encoding="utf-8"))
        self.subjects = {
            tile["metric_key"]: tile["subject"]
            for row in self.layout
            for tile in row["tiles"]
            if "subject" in tile
        } | {key: words for theme in self.themes for key, words in theme.get("subjects", {}).items()}
        self.customers = CustomerPages(rows, self.currency)
        self.drills = self._drills()
        self.effects = {(row["metric_key"], row["dimension"], row["member"]): row for row in rows["effects"]}

    def _catalogue(self) -> dict[str, Row]:
        """Catalogue by metric key: the headline row where a key stands in several rows."""
        catalogue: dict[str, Row] = {}
        for row in self.rows["metrics"]:
            known = catalogue.get(row["metric_key"])
            if known is None or (row["is_headline"] and not known["is_headline"]):
                catalogue[row["metric_key"]] = row
        return catalogue

    def metric(self, key: str) -> Row:
        """Catalogue row of a metric, with bare defaults for a key that the catalogue does not have."""
        bare: Row = dict.fromkeys(
            ("row_id", "question", "definition", "unit", "direction", "format", "subject", "needs", "theme")
        )
        return self.catalogue.get(key) or bare | {"metric_key": key, "title": formats.words(key)}

    def label(self, key: str, dimension: str, member: Any) -> str:
        """A member of a metric in words; rules of risk have words of their own."""
        if key == "risk_reason_mix" and member in self.customers.rules:
            return self.customers.reason(member)
        return formats.member(dimension, member)

    def own_members(self, key: str, only: str | None = None) -> Rows:
        """Members of a metric along dimensions of its own, such as reason or status: in the order of the dimension, else largest first."""
        rows = [
            row | {"label": self.label(key, dimension, row["member"])}
            for (name, dimension), found in self.members.items()
            if name == key and dimension not in ROOT_DIMENSIONS and only in (None, dimension)
            for row in found
        ]
        if key in BRIDGES:
            order = list(BRIDGES[key][2])
            return sorted(
                rows, key=lambda row: order.index(row["member"]) if row["member"] in order else len(order)
            )
        return sorted(
            rows,
            key=lambda row: (
                row["dimension"],
                place(ORDERS.get(row["dimension"], ()), row["member"]),
                -(row["value"] or 0),
                row["member"],
            ),
        )

    def _drills(self) -> list[str]:
        """Metrics with a page of their rows: all of a theme with a page or of a tile that have a value."""
        themes = {"retention"} | {theme["theme"] for theme in self.themes}
        keys = [row["metric_key"] for row in self.rows["metrics"] if row["theme"] in themes]
        keys += [tile["metric_key"] for row in self.layout for tile in row["tiles"]] + list(BREAKDOWN)
        return [key for key in dict.fromkeys(keys) if key in self.values or self.own_members(key)]

    def drill_file(self, key: str) -> str | None:
        """File of the rows behind a metric, relative to the pages folder; None where there is no figure."""
        return f"drill/{formats.slug(key)}.html" if key in self.drills else None

    def group_file(self, key: str, dimension: str, member: str) -> str | None:
        """File and place of the rows behind a metric of one group; the whole file where it has no such place."""
        file = self.drill_file(key)
        return f"{file}#{formats.slug(dimension, member)}" if file and key in BREAKDOWN else file

    def spark(self, key: str, points: int = 12) -> Markup:
        """Sparkline of the last periods of a metric."""
        rows = self.history.get(key, [])[-points:]
        known = [row for row in rows if row["value"] is not None]
        if len(known) < 2:
            return Markup("")
        metric, value = self.metric(key), self.values[key]
        show = partial(
            formats.number, unit=metric["unit"], style=metric["format"], currency=self.currency, compact=True
        )
        label = (
            f"Trend of {metric['title']} over {len(rows)} periods: {show(known[0]['value'])} in "
            f"{formats.month(known[0]['period_end'])}, {show(known[-1]['value'])} in "
            f"{formats.month(known[-1]['period_end'])}; lowest {show(min(row['value'] for row in known))}, "
            f"highest {show(max(row['value'] for row in known))}."
        )
        target = None if value["target"] is None else float(value["target"])
        return charts.sparkline(
            [None if r["value"] is None else float(r["value"]) for r in rows], target, "", label
        )

    def message(self, key: str) -> str:
        """The figure as a sentence: value, and its distance to the target or to the year before."""
        metric, row = self.metric(key), self.values.get(key)
        name = self.subjects.get(key) or metric["title"]
        if row is None or row["value"] is None:
            return f"{name}: {formats.verdict(row, metric['subject'])}"
        unit, style = metric["unit"], metric["format"]
        text = f"{name} is {formats.number(row['value'], unit, style, self.currency, compact=True)}"
        for column, above, below, level in (
            ("target_variance", "above target", "below target", "on target"),
            (
                "prior_year_change",
                "up on a year before",
                "down on a year before",
                "unchanged on a year before",
            ),
        ):
            if row[column] is not None:
                gap = formats.distance(row[column], unit, style, self.currency)
                if not any(digit in gap for digit in "123456789"):
                    return f"{text}, {level}"
                return f"{text}, {gap} {above if row[column] > 0 else below}"
        return text

    def things(self, key: str) -> str:
        """What n counts: the subjects of a metric, in the plural; nothing of one whose only subject is the company."""
        subject = self.metric(key).get("subject") or "company"
        return "" if subject == "company" else f"{subject.replace('_', ' ')}s"

    def tiles(self) -> list[Row]:
        """Rows of tiles of the home page, live or grey."""
        rows = []
        for line in self.layout:
            tiles = []
            for tile in line["tiles"]:
                key = tile["metric_key"]
                known = self.catalogue.get(key)
                title = (known and known["title"]) or tile["title"]
                value = self.values.get(key)
                tiles.append(
                    {
                        "key": key,
                        "metric": self.metric(key),
                        "title": title,
                        "question": (known and known["question"]) or tile["question"],
                        "needs": (known and known["needs"]) or tile["needs"],
                        "things": tile.get("things") or self.things(key),
                        "value": value,
                        "message": self.message(key) if value else title,
                        "href": (tile.get("page") or self.drill_file(key)) if value else None,
                        "spark": self.spark(key) if value else "",
                    }
                )
            rows.append({"row": line["row"], "question": line["question"], "tiles": tiles})
        return rows

    def bridge(self, key: str = "recurring_revenue_movements") -> Row | None:
        """Waterfall of annual recurring revenue, of all or of services: steps, chart and the sentence above it."""
        subject, total_key, movements = BRIDGES[key]
        found = {
            row["member"]: row
            for row in self.rows["bridge"]
            if row["metric_key"] == key and row["arr_amount"] is not None
        }
        if not {"opening", "closing"} <= set(found):
            return None
        steps, table = [], []
        for member, (label, drill) in movements.items():
            row = found.get(member)
            if row is None or (member == "fx_impact" and not row["arr_amount"]):
                continue
            total = drill is None
            show = formats.number if total else formats.change
            text = show(row["arr_amount"], "money", None, self.currency, True)
            if total or row["arr_amount"]:
                steps.append(charts.Step(label, row["arr_amount"], text, total))
            behind = self.values.get(drill or total_key)
            # a movement that nobody made has no rows of this period, only older ones
            is_same = behind is None or behind["period_end"] == row["period_end"]
            href = self.drill_file(drill or total_key) if is_same else None
            table.append({**row, "label": label, "href": href, "is_total": total})
        opening, closing = found["opening"]["arr_amount"], found["closing"]["arr_amount"]
        period = formats.period(found["closing"]["period_grain"], found["closing"]["period_end"])
        full = partial(formats.money, currency=self.currency, compact=True)
        verb = "grew" if closing > opening else "fell" if closing < opening else "stayed level"
        by = f" by {full(abs(closing - opening))}" if closing != opening else ""
        steps_text = ", ".join(f"{step.label} {step.text}" for step in steps)
        return {
            "title": f"{subject.capitalize()} {verb}{by} to {full(closing)}",
            "period": period,
            "table": table,
            "chart": charts.waterfall(steps, f"Bridge of annual {subject}, {period}: {steps_text}."),
        }

    def drivers(self) -> str:
        """What moved net revenue retention, in points of opening revenue, largest first."""
        parts = [
            (abs(row["opening_share"]), f"{row['member']} {formats.change(row['opening_share'], 'ratio')}")
            for row in self.rows["bridge"]
            if row["metric_key"] == "recurring_revenue_movements"
            and row["member"] in ("expansion", "contraction", "churn")
            and row["opening_share"]
        ]
        return ", ".join(text for _, text in sorted(parts, reverse=True))

    def lines(self, names: Mapping[str, str], subject: str, prefix: str) -> Markup | None:
        """Metrics over their periods under short names, targets dashed; None where there are not three periods.

        What is known of too few to show is a gap.
        """
        rows: Rows = []
        for key, name in names.items():
            rows += [
                {
                    "date": row["period_end"].isoformat(),
                    "value": float(row["value"]),
                    "series": name,
                    "text": formats.number(row["value"], "ratio"),
                }
                for row in self.history.get(key, [])
                if row["value"] is not None and row["verdict"] != "low_coverage"
            ]
        if len({row["date"] for row in rows}) < 3:
            return None
        targets = {
            name: (float(self.values[key]["target"]), formats.number(self.values[key]["target"], "ratio"))
            for key, name in names.items()
            if key in self.values
            and self.values[key]["target"] is not None
            and any(row["series"] == name for row in rows)
        }
        dates = sorted(row["date"] for row in rows)
        ends = {row["series"]: row for row in rows}
        # A line that ends in a gap does not stand there now.
        newest = {name: self.history[key][-1]["period_end"] for key, name in names.items() if name in ends}
        label = f"{subject}, from {dates[0][:7]} to {dates[-1][:7]}: " + ", ".join(
            f"{name} {'now' if end['date'] == newest[name].isoformat() else 'in ' + end['date'][:7]} {end['text']}"
            + (f" against a target of {targets[name][1]}" if name in targets else "")
            for name, end in ends.items()
        )
        return charts.trend(rows, targets, label + ".", prefix)

    def trend(self) -> Row | None:
        """Net and gross revenue retention by month-end."""
        chart = self.lines(
            {"net_revenue_retention": "Net", "gross_revenue_retention": "Gross"},
            "Net and gross revenue retention, trailing 12 months",
            "trend",
        )
        if chart is None:
            return None
        ends = sorted(
            {row["period_end"] for key in BREAKDOWN for row in self.history.get(key, [])}, reverse=True
        )
        by_date = {key: {row["period_end"]: row for row in self.history.get(key, [])} for key in BREAKDOWN}
        return {
            "chart": chart,
            "table": [{"period_end": d, **{k: by_date[k].get(d) for k in BREAKDOWN}} for d in ends],
        }

    def breakdown(self, keys: Sequence[str] = BREAKDOWN, tenure: str = " at the opening") -> list[Row]:
        """Metrics by segment, region, channel, product family and length of relationship; n of the first that has one."""
        groups = []
        for dimension, name in ROOT_DIMENSIONS.items():
            found = {
                key: {row["member"]: row for row in self.members.get((key, dimension), [])} for key in keys
            }
            # a group nobody belongs to is no group
            names = dict.fromkeys(member for key in keys for member, row in found[key].items() if row["n"])
            order = sorted(
                names,
                key=lambda m: (
                    TENURE_ORDER.index(m) if m in TENURE_ORDER else 99,
                    m == "unknown",
                    m.lower(),
                    m,
                ),
            )
            if order:
                groups.append(
                    {
                        "dimension": dimension,
                        "name": name + tenure if dimension == "tenure_band" else name,
                        "members": [
                            {
                                "member": member,
                                "label": formats.member(dimension, member),
                                "n": next(
                                    (found[key][member]["n"] for key in keys if member in found[key]), None
                                ),
                                **{key: found[key].get(member) for key in keys},
                            }
                            for member in order
                        ],
                    }
                )
        return groups

    def weakest(self, key: str = "net_revenue_retention", otherwise: str = "Retention by group") -> str:
        """The member of a known group that does worst in a metric, in words."""
        rows = [
            (row["value"], ROOT_DIMENSIONS[dimension].split(" ")[0].lower(), formats.words(row["member"]))
            for (name, dimension), rows in self.members.items()
            if name == key and dimension in ("segment", "region", "channel")
            for row in rows
            if row["value"] is not None and row["verdict"] == "ok" and row["member"] != "unknown"
        ]
        if not rows:
            return otherwise
        metric = self.metric(key)
        is_high = metric["direction"] == "lower_is_better"
        value, dimension, member = max(rows) if is_high else min(rows)
        figure = formats.number(value, metric["unit"], metric["format"], self.currency, compact=True)
        name = self.subjects.get(key) or metric["title"]
        return f"{name} is {'highest' if is_high else 'lowest'} in {dimension} {member}: {figure}"

    def reasons(self) -> Row | None:
        """Reasons for losses, largest first."""
        rows = [row for row in self.own_members("loss_reason_mix") if row["value"] is not None]
        if not rows:
            return None
        rows.sort(key=lambda row: (-row["value"], row["member"]))
        data = [
            {
                "name": formats.words(row["member"]),
                "value": float(row["value"]),
                "short": formats.number(row["value"], "ratio"),
                "text": formats.number(row["value"], "ratio"),
            }
            for row in rows
        ]
        label = (
            "Reasons for losses, share of recurring revenue lost: "
            + ", ".join(f"{d['name']} {d['text']}" for d in data)
            + "."
        )
        unknown = next((row for row in rows if row["member"] == "unknown"), None)
        title = (
            f"Reason unknown for {formats.number(unknown['value'], 'ratio')} of revenue lost"
            if unknown
            else ""
        )
        top = next((row for row in rows if row["member"] not in ("unknown", "other")), None)
        if top:
            named = f"Main named reason for losses: {formats.words(top['member']).lower()}"
            title = f"{named}, {formats.number(top['value'], 'ratio')}" + (f". {title}" if title else "")
        return {
            "title": title or "Reasons for losses",
            "table": rows,
            "chart": charts.bars(data, label, "reasons"),
            "period": formats.period(rows[0]["period_grain"], rows[0]["period_end"]),
        }

    def cohorts(self) -> Row | None:
        """Revenue retention by start quarter and months since the start."""
        if not self.rows["cohorts"]:
            return None
        months = sorted({row["months_since_start"] for row in self.rows["cohorts"]})
        lines = [
            {
                "cohort": cohort,
                "customer_count": rows[0]["customer_count"],
                "cells": {r["months_since_start"]: r for r in rows},
            }
            for cohort, rows in sorted(_grouped(self.rows["cohorts"], "cohort_quarter").items())
        ]
        return {"months": months, "lines": lines}

    def survival(self) -> Row | None:
        """Survival curve of relationships."""
        rows = self.rows["survival"]
        if len(rows) < 2:
            return None
        # read off the curve: the first month at which no more than half are left
        median = next((row["tenure_month"] for row in rows if row["survival_rate"] <= Decimal("0.5")), None)
        data = [
            {
                "month": row["tenure_month"],
                "rate": float(row["survival_rate"]),
                "low": float(row["survival_rate"] if row["ci_low"] is None else row["ci_low"]),
                "high": float(row["survival_rate"] if row["ci_high"] is None else row["ci_high"]),
            }
            for row in rows
        ]
        marks = [row for row in rows if row["tenure_month"] % 12 == 0 and row["tenure_month"] > 0]
        label = "Survival of customer relationships: " + ", ".join(
            f"{formats.number(row['survival_rate'], 'ratio')} after {row['tenure_month']} months"
            for row in marks
        )
        first = next((row for row in rows if row["tenure_month"] == 12), None)
        half = (
            f"half of all relationships end within {median} months"
            if median is not None
            else f"more than half still last after {rows[-1]['tenure_month']} months"
        )
        start = (
            f"{formats.number(first['survival_rate'], 'ratio')} of customers stay at least a year; "
            if first
            else ""
        )
        title = start + half
        return {
            "title": title[0].upper() + title[1:],
            "median": median,
            "chart": charts.survival(data, median, label + "."),
            "table": [rows[0], *marks],
        }

    def restatements(self) -> Row:
        """What was published of closed periods and has changed since: the sentence, its figures and what is behind them."""
        counts = self.rows["restatement_counts"][0]
        names = _grouped(self.rows["restatement_subjects"], "metric_key", "period_end")
        figures = [
            row
            | {
                "metric": self.metric(row["metric_key"]),
                "why": _reasons(row),
                "subjects": [
                    subject
                    for subject in names.get((row["metric_key"], row["period_end"]), [])
                    if subject["version"] == row["version"]
                ],
            }
            for row in self.rows["restated_headlines"]
        ]
        changed, kept = counts["changed_headline_count"], counts["headline_count"]
        if changed:
            title = f"{changed:,} of {kept:,} published headline figures changed since {'their' if kept > 1 else 'its'} period closed"
        else:
            title = "No published headline figure has changed since its period closed"
        return {
            "title": title,
            "counts": counts,
            "figures": figures,
            "largest": self._restatement_sentence(figures[0]) if figures else "",
            "chart": self._restated_retention(),
            "publications": self.rows["publications"],
            "versions": [
                {
                    "version": version,
                    **{
                        name: [row for row in self.rows[f"restatement_{name}"] if row["version"] == version]
                        for name in ("products", "moves", "records")
                    },
                }
                for version in sorted(
                    {
                        row["version"]
                        for name in ("products", "moves", "records")
                        for row in self.rows[f"restatement_{name}"]
                    },
                    reverse=True,
                )
            ],
        }

    def _restatement_sentence(self, row: Row) -> str:
        """The largest change in words: what, then and now, why and by whom."""
        metric = row["metric"]
        then, now = (
            formats.number(row[column], metric["unit"], metric["format"], self.currency, compact=True)
            for column in ("first_value", "last_value")
        )
        text = f"Largest: {metric['title']}, {formats.period(row['period_grain'], row['period_end'])}, {then} → {now}"
        if row["delta_since_close"] is not None:
            gap = formats.change(row["delta_since_close"], metric["unit"], metric["format"], self.currency)
            text += f" ({gap})"
        if row["why"]:
            text += f", because the {row['why']} changed"
        if row["subjects"]:
            count = row["subjects"][0]["subject_count"]
            text += f"; {count:,} customer{'s are' if count > 1 else ' is'} behind it"
        return f"{text}."

    def _restated_retention(self) -> Markup:
        """Net revenue retention as first published and as of now; nothing where the two are the same."""
        known = [
            row
            for row in self.rows["restated_retention"]
            if row["first_value"] is not None and row["last_value"] is not None
        ]
        if len(known) < 2 or all(row["first_value"] == row["last_value"] for row in known):
            return Markup("")
        rows: Rows = [
            {
                "date": row["period_end"].isoformat(),
                "value": float(row[column]),
                "series": name,
                "text": formats.number(row[column], "ratio"),
            }
            for column, name in (("last_value", "Now"), ("first_value", "Published then"))
            for row in known
        ]
        moved = [row for row in known if row["first_value"] != row["last_value"]]
        label = (
            f"Net revenue retention as first published and now: {len(moved)} of {len(known)} month-ends differ, from "
            f"{formats.month(moved[0]['period_end'])} to {formats.month(moved[-1]['period_end'])}."
        )
        return charts.trend(rows, {}, label, "restated")

    def metric_rows(self, theme: str) -> list[Row]:
        """Every row of the catalogue in a theme, with its value or the members of its mix."""
        return [
            {
                "metric": row,
                "value": self.values.get(row["metric_key"]),
                "members": self.own_members(row["metric_key"]),
                "spark": self.spark(row["metric_key"]),
            }
            for row in self.rows["metrics"]
            if row["theme"] == theme
        ]

    def drill(self, key: str) -> Row:
        """One page of the rows behind a metric: total, what is left out, largest rows, groups, history."""
        rows = [row for row in self.rows["contributions"] if row["metric_key"] == key]
        counts = [row for row in self.rows["contribution_counts"] if row["metric_key"] == key]
        sections = []
        for group in self.breakdown() if key in BREAKDOWN else ():
            dimension = group["dimension"]
            for line in group["members"]:
                if dimension == "product_family":
                    found = self.rows["family_customers"] if key != "customer_retention_rate" else []
                    found = [row for row in found if row["product_family"] == line["member"]]
                else:
                    found = [
                        r
                        for r in rows
                        if r["is_included"]
                        and r[dimension] == line["member"]
                        and r[f"{dimension}_rank"] <= 10
                    ]
                sections.append(
                    {
                        "dimension": group["name"],
                        "member": line["label"],
                        "value": line.get(key),
                        "rows": found,
                        "anchor": formats.slug(dimension, line["member"]),
                    }
                )
        return {
            "key": key,
            "metric": self.metric(key),
            "value": self.values.get(key),
            "members": self.own_members(key),
            "rows": [
                row | {"label": None if row["member"] in (None, "all") else formats.member("", row["member"])}
                for row in rows
                if row["metric_rank"] <= 50
            ],
            "counts": counts,
            "included_count": sum(c["subject_count"] for c in counts if c["is_included"]),
            "row_count": sum(c["subject_count"] for c in counts),
            "sections": sections,
            "history": list(reversed(self.history.get(key, []))),
        }


def environment(reports: Path, currency: str) -> jinja2.Environment:
    """Templates with escaping always on and the formats as filters."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(reports / "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def number(value: Any, metric: Row | None = None, compact: bool = False, unit: str | None = None) -> str:
        return formats.number(
            value, unit or (metric or {}).get("unit"), (metric or {}).get("format"), currency, compact
        )

    def change(value: Any, metric: Row | None = None, unit: str | None = None, compact: bool = True) -> str:
        return formats.change(
            value, unit or (metric or {}).get("unit"), (metric or {}).get("format"), currency, compact
        )

    def money(value: Any, compact: bool = False) -> str:
        return formats.number(value, "money", None, currency, compact)

    env.filters |= {
        "number": number,
        "change": change,
        "money": money,
        "amount": formats.amount,
        "day": formats.day,
        "month": formats.month,
        "quarter": formats.quarter,
        "words": formats.words,
        "known": formats.known,
        "plural": formats.plural,
        "slug": formats.slug,
        "sentence": lambda text: text[:1].upper() + text[1:],
    }
    env.globals |= {
        "period": formats.period,
        "verdict": formats.verdict,
        "good": formats.good,
        "status_words": formats.STATUS,
        "classes": formats.CLASSES,
        "dash": formats.DASH,
        "grains": formats.GRAINS,
        "heat": heat,
        "css": Markup((reports / "pages" / "style.css").read_text(encoding="utf-8")),
    }
    return env


def heat(value: Decimal | None) -> str:
    """Background of a heat map cell: white at 100 %, red below, green above, pale enough for dark text."""
    if value is None:
        return "transparent"
    strength = min(abs(float(value) - 1) / 0.5, 1.0)
    end = (233, 148, 138) if value < 1 else (126, 196, 154)
    return "#" + "".join(f"{round(255 + (channel - 255) * strength):02x}" for channel in end)


def pages(scorecard: Scorecard, env: jinja2.Environment, data_docs: bool = False) -> dict[str, str]:
    """Every page by its path under the pages folder; ``data_docs`` says that there are some to link to."""
    site = {
        "context": scorecard.context,
        "currency": scorecard.currency,
        "absent_marts": scorecard.absent,
        "data_docs": data_docs,
        "scorecard": scorecard,
        "pages": [
            ("index.html", "Scorecard"),
            ("retention.html", "Retention"),
            *((f"{layout['theme']}.html", layout["title"]) for layout in scorecard.themes),
            ("customers/index.html", "Customers"),
            ("definitions.html", "Definitions"),
        ],
    }
    files: dict[str, str] = {}

    def page(name: str, template: str, **values: Any) -> None:
        root = "../" if "/" in name else ""
        files[name] = env.get_template(template).render(site | {"root": root, "page": name} | values)

    customers = scorecard.customers

    quality = next(iter(scorecard.rows["quality"]), {})
    restatements = scorecard.restatements()
    page("index.html", "index.html", rows=scorecard.tiles(), quality=quality, restatements=restatements)
    page("restatements.html", "restatements.html", restatements=restatements)
    page(
        "retention.html",
        "retention.html",
        headline=scorecard.values.get("net_revenue_retention"),
        message=scorecard.message("net_revenue_retention"),
        drivers=scorecard.drivers(),
        bridge=scorecard.bridge(),
        trend=scorecard.trend(),
        breakdown=scorecard.breakdown(),
        weakest=scorecard.weakest(),
        changes=_grouped(scorecard.rows["revenue_changes"], "effect"),
        reasons=scorecard.reasons(),
        cohorts=scorecard.cohorts(),
        survival=scorecard.survival(),
        metrics=scorecard.metric_rows("retention"),
    )
    themes = ThemePages(scorecard)
    for layout in scorecard.themes:
        theme = themes.theme(layout)
        if layout["theme"] == "health":
            health = themes.health()
            page("health.html", "health.html", theme=theme | {"message": health["message"]}, health=health)
        else:
            page(f"{layout['theme']}.html", "theme.html", theme=theme)
    if lab := themes.lab():
        page("lab.html", "lab.html", lab=lab)
    page(
        "customers/index.html",
        "customers.html",
        customers=list(customers.customers.values()),
        customer_count=customers.customer_count,
        total_count=len(customers.customers),
    )
    for customer_id in customers.customers:
        page(str(customers.file(customer_id)), "customer.html", customer=customers.page(customer_id))
    page(
        "definitions.html",
        "definitions.html",
        quality=quality,
        themes=_grouped(scorecard.rows["metrics"], "theme"),
        **{
            name: scorecard.rows[name]
            for name in (
                "policy",
                "targets",
                "exports",
                "missing_columns",
                "row_accounting",
                "rejected_rows",
                "rejected_places",
                "expectations",
            )
        },
        findings=_grouped(scorecard.rows["findings"], "finding"),
    )
    for key in scorecard.drills:
        page(f"drill/{formats.slug(key)}.html", "drill.html", drill=scorecard.drill(key))
    page("drill/losses.html", "losses.html", reasons=_grouped(scorecard.rows["losses"], "loss_reason"))
    page(
        "drill/cohorts.html",
        "cohorts.html",
        cohorts=_grouped(scorecard.rows["cohort_customers"], "cohort_quarter"),
    )
    return files


def data_docs(database: Path) -> dict[str, str]:
    """The pages that the audit wrote beside a published file, by their path under the pages folder."""
    return {
        path.relative_to(database.parent).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((database.parent / "data_docs").rglob("*.html"))
    }


def render(
    database: Path,
    out: Path,
    echo: Callable[[str], None] = print,
    reports: Path = REPORTS,
    customer_pages: int = CUSTOMER_PAGES,
) -> Path:
    """Writes the scorecard pages of a published warehouse file to `out/pages` and returns the home page.

    The ``customer_pages`` customers with most recurring revenue get a page each.

    ``pages`` is a link that one step points at the finished folder: a reader never meets a half-written or mixed
    scorecard, and none is missing at any moment. Raises RenderError; OSError leaves the pages of before.
    """
    rows, absent = read_marts(database, reports, customer_pages)
    scorecard = Scorecard(rows, absent, reports)
    docs = data_docs(database)
    files = pages(scorecard, environment(reports, scorecard.currency), bool(docs))
    target, fresh, old = out / "pages", out / ".pages.a", out / ".pages.b"
    if target.is_symlink() and target.readlink().name == fresh.name:
        fresh, old = old, fresh
    disk.remove(fresh)
    try:
        for name, text in (files | docs).items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError:
        disk.remove(fresh)
        raise
    if target.is_dir() and not target.is_symlink():
        disk.remove(target)  # a folder that was put here otherwise
    disk.point(target, fresh)
    disk.remove(old)
    live = sum(
        1 for line in scorecard.layout for tile in line["tiles"] if tile["metric_key"] in scorecard.values
    )
    echo(
        f"{len(files)} pages, {live} of {sum(len(line['tiles']) for line in scorecard.layout)} tiles live: "
        f"{target / 'index.html'}"
    )
    for name in absent:
        echo(f"  not in this warehouse, left grey: {name}")
    return target / "index.html"
