"""Reads the scorecard as a hostile auditor would: every total on every page is traced to rows, and three customers on to the exports.

Pages are read from their HTML alone, figures are recomputed from rows (``audit_books``). A section that shows figures and that nobody
here knows how to trace fails, and so does a figure of a known section that was not looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from postsale import formats
from postsale.render import REPORTS, render
from tests.python.audit_books import (
    COVERAGE_OF_OTHERS,
    COVERAGES,
    LIFETIMES,
    MEDIANS,
    METHODS,
    N_OF_OTHERS,
    RULES,
    SURVIVAL,
    WAITS,
    YEAR,
    Books,
    Key,
    Line,
    survival,
    wilson,
)
from tests.python.audit_exports import Customer
from tests.python.audit_pages import Cell, Node, Page, Picture, Section, Table, numbers, opened
from tests.python.demo_company import CLEAN, company_folder

THEMES: dict[str, dict[str, Any]] = {
    theme["theme"]: theme for theme in yaml.safe_load((REPORTS / "themes.yml").read_text(encoding="utf-8"))
}
TILES: dict[str, dict[str, Any]] = {
    tile["metric_key"]: tile
    for row in yaml.safe_load((REPORTS / "tiles.yml").read_text(encoding="utf-8"))
    for tile in row["tiles"]
}
#: Heads of groups, as they stand on the pages.
GROUPS = {
    "Segment": "segment",
    "Region": "region",
    "Channel": "channel",
    "Product family": "product_family",
    "Length of relationship": "tenure_band",
    "Length of relationship at the opening": "tenure_band",
}
RETENTION = ("net_revenue_retention", "gross_revenue_retention", "customer_retention_rate")
QUERY = re.compile(
    r"metric_key = '(?P<metric>\w+)' and contributions\.period_grain = '(?P<grain>\w+)'"
    r" and contributions\.period_end = date '(?P<end>[\d-]+)'"
)
#: Annual recurring revenue of every customer and month-end, from its products.
REVENUE = "select customer_id, month_end, 12 * sum(mrr_amount) as arr from marts.fct_recurring_revenue_months group by 1, 2"
BACK = {"month": 1, "t12m": 1, "quarter": 3, "year": 12}


class Drills:
    """The pages of rows by metric; key, grain and end of the period stand in the query that each prints."""

    def __init__(self, folder: Path) -> None:
        self.pages: dict[str, Page] = {}
        self.periods: dict[str, tuple[str, date]] = {}
        self.keys: dict[str, str] = {}
        for path in sorted(folder.glob("*.html")):
            page = Page(path)
            if match := QUERY.search(page.query or ""):
                assert path.stem == formats.slug(match["metric"]), "the query of a page is that of its metric"
                self.keys[path.stem] = match["metric"]
                self.pages[match["metric"]] = page
                self.periods[match["metric"]] = (match["grain"], date.fromisoformat(match["end"]))


class Audit:
    """What was traced of the pages, and what was found wrong."""

    def __init__(self, pages: Path, drills: Drills, books: Books) -> None:
        self.pages, self.books = pages, books
        self.wrong: list[str] = []
        self.traced: Counter[str] = Counter()
        self.used: set[tuple[str, str]] = set()
        self.place = ""
        self.drills, self.periods, self.keys = drills.pages, drills.periods, drills.keys
        self.titles: dict[str, str] = dict(books.tuples("select title, metric_key from marts.dim_metrics"))

    # comparing

    def fail(self, what: str) -> None:
        """Notes what is wrong here."""
        self.wrong.append(f"{self.place}: {what}")

    def text(self, text: str, *exact: float | None) -> None:
        """Compares the numbers of a text with exact ones, in their order; a dash states nothing."""
        found = numbers(text)
        if not found and formats.DASH in text:
            return
        if len(found) != len(exact):
            self.fail(f"“{text}” has {len(found)} figures, {len(exact)} are traced")
            return
        for shown, number in zip(found, exact, strict=True):
            self.traced[self.place.partition(" ")[0]] += 1
            if number is None or not shown.agrees(number):
                self.fail(f"“{text}” shows {shown.text}, rows say {number}")

    def cell(self, cell: Cell, *exact: float | None, small: Sequence[float | None] = ()) -> None:
        """Compares a cell, and the small print below its figure where that has numbers."""
        cell.is_traced = True
        self.text(cell.text, *exact) if numbers(cell.text) else None
        if small:
            self.text(" ".join(cell.small), *small)

    def picture(self, picture: Picture, named: Sequence[tuple[str, Sequence[float | None]]]) -> None:
        """Compares a picture's words, name after name, and what stands beside its marks with its words."""
        words = picture.words.partition(": ")[2]
        figures: list[str] = []
        for name, _exact in named:
            before, found, words = words.partition(name)
            if not found:
                self.fail(f"a picture does not name {name}: {picture.words[:90]}")
                return
            figures.append(before)
        figures.append(words)
        self.text_or_none(figures[0])
        for (_name, exact), text in zip(named, figures[1:], strict=True):
            self.text(text, *exact)
        sums = [sum(number or 0 for number in exact) for _name, exact in named]
        for number in [number for mark in picture.marks for number in numbers(mark)]:
            if number.text not in picture.words and not any(number.agrees(total) for total in sums):
                self.fail(
                    f"a picture writes {number.text} beside a mark: it is neither in its words nor their sum"
                )

    def text_or_none(self, text: str) -> None:
        """A text that may state nothing."""
        if numbers(text):
            self.fail(f"“{text}” is traced to nothing")

    # what pages say of a metric

    def line(self, metric: str, dimension: str = "all", member: str = "all", back: int = 0) -> Line | None:
        """The figure of a metric, or as it was months ago."""
        grain, end = self.periods[metric]
        return self.books.line(Key(metric, grain, month_end(end, back), dimension, member))

    def value(self, metric: str, dimension: str = "all", member: str = "all", back: int = 0) -> float | None:
        """The value of a metric."""
        line = self.line(metric, dimension, member, back)
        return line and line.value

    def target(self, metric: str) -> float | None:
        """What was agreed on."""
        grain, end = self.periods[metric]
        found = self.books.tuples(
            f"select target from marts.dim_targets where metric_key = '{metric}' and dimension = 'all' and period_grain = $grain"
            " and period_start <= $end order by period_start desc limit 1",
            grain=grain,
            end=end,
        )
        return float(found[0][0]) if found else None

    def counts(self, metric: str, dimension: str = "all", member: str = "all") -> tuple[float | None, float]:
        """n, where it is no number of rows, and coverage of what is within subjects."""
        n, coverage = self.books.tuples(
            COVERAGES[metric], end=self.periods[metric][1], dimension=dimension, member=member
        )[0]
        return (None if n is None else float(n)), float(coverage)

    def n_cell(self, cell: Cell, metric: str, dimension: str = "all", member: str = "all") -> None:
        """Compares n, unless it counts what no row tells."""
        cell.is_traced = True
        line = self.line(metric, dimension, member)
        counted = self.counts(metric, dimension, member)[0] if metric in COVERAGES else None
        if metric not in N_OF_OTHERS and line is not None:
            self.text(cell.text, line.n if counted is None else counted)

    def coverage_cell(self, cell: Cell, metric: str) -> None:
        """Compares coverage, unless it counts what no row tells."""
        cell.is_traced = True
        line = self.line(metric)
        if metric in COVERAGES:
            self.text(cell.text, self.counts(metric)[1])
        elif metric not in COVERAGE_OF_OTHERS and line is not None and line.coverage is not None:
            self.text(cell.text, line.coverage)

    def key(self, cell: Cell) -> str | None:
        """The metric whose rows a cell opens."""
        return self.keys.get(cell.opens or "")

    def named(self, metric: str, label: str, only: str | None = None) -> tuple[str, str]:
        """Dimension and member that a label on a page means."""
        grain, end = self.periods[metric]
        for dimension, member in self.books.members(metric, grain, end):
            if only in (None, dimension) and self.words(metric, dimension, member) == label.lower():
                return dimension, member
        return "", label

    def words(self, metric: str, dimension: str, member: str) -> str:
        """How a page calls a member, in lower case."""
        if metric == "risk_reason_mix":
            rules = dict(self.books.tuples("select rule_key, reason from marts.dim_risk_rules"))
            if member in rules:
                return str(rules[member]).lower()
        return formats.member(dimension, member).lower()

    def root(self, dimension: str, label: str) -> str:
        """The member of a dimension of customers that a label means."""
        column = {"tenure_band": "fct_customer_months", "product_family": "dim_products"}.get(
            dimension, "dim_customers"
        )
        members = [
            str(row[0]) for row in self.books.tuples(f"select distinct {dimension} from marts.{column}")
        ]
        return next((name for name in members if formats.member(dimension, name) == label), label.lower())

    # sections

    def section(self, kind: str, section: Section) -> None:
        """Traces a section by its rule in the register; whatever of it was not looked at is wrong."""
        self.place = f"{kind} {section.label}"
        name = (
            re.sub(r"^h-[a-z0-9_]+$", "h", re.sub(r"-\d+(?=-|$)", "", section.label))
            if kind == "lab"
            else section.label
        )
        name = re.sub(r"-\d+$", "", name)
        rule = (kind, name) if (kind, name) in REGISTER else ("", name)
        trace = REGISTER.get(rule)
        has_figures = any(
            cell.is_figure and numbers(cell.text)
            for table in section.tables
            for row in table.rows
            for cell in row
        )
        if trace is None:
            if has_figures or section.pictures:
                self.fail(
                    f"nobody knows how to trace “{section.heading}”: {[table.caption for table in section.tables]}"
                )
            return
        trace(self, kind, section)
        self.used.add(rule)
        for table in section.tables:
            for row in table.rows:
                for cell in row:
                    if cell.is_figure and numbers(cell.text) and not cell.is_traced:
                        self.fail(
                            f"“{cell.text}” of “{row[0].text}” in “{table.caption}” is traced to nothing"
                        )

    def spark(self, metric: str, picture: Picture) -> None:
        """First and last, lowest and highest of the periods that a small picture shows."""
        grain, end = self.periods[metric]
        match = re.search(r"over (\d+) periods: ", picture.words)
        assert match, picture.words
        step = {"quarter": 3, "year": 12}.get(grain, 1)
        ends = [month_end(end, step * back) for back in range(int(match[1]) - 1, -1, -1)]
        lines = [self.books.line(Key(metric, grain, at)) for at in ends]
        shown = [line.value for line in lines if line is not None and line.value is not None]
        words = picture.words[match.end() :]
        found = numbers(words)
        if len(found) != 4:
            self.fail(f"“{words}” has {len(found)} figures")
            return
        self.text(found[1].text, shown[-1])
        if len(shown) == int(match[1]):
            for number, exact in zip(found, (shown[0], shown[-1], min(shown), max(shown)), strict=True):
                self.text(number.text, exact)

    def glance(self, _kind: str, section: Section) -> None:
        """Leading figures: value, target, differences, n, coverage and trend."""
        pictures = iter(section.pictures)
        for row in section.tables[0].rows:
            metric = self.key(row[1]) or self.titles[row[0].text]
            line, target = self.line(metric), self.target(metric)
            self.cell(row[1], line and line.value)
            if row[2].small:
                self.text(row[2].small[0], target)
            for cell, back in ((row[4], BACK[self.periods[metric][0]]), (row[5], 12)):
                before = self.value(metric, back=back)
                now = line and line.value
                self.cell(cell, None if before is None or now is None else now - before)
            self.n_cell(row[6], metric)
            self.coverage_cell(row[7], metric)
            if row[3].node.all("svg"):
                self.spark(metric, next(pictures))

    def groups(self, kind: str, section: Section) -> None:
        """Figures by segment, region, channel, product family and length of relationship."""
        metrics = list(THEMES[kind]["groups"]) if kind in THEMES else list(RETENTION)
        dimension = ""
        for row in section.tables[0].rows:
            if len(row) == 1:
                dimension = GROUPS[row[0].text]
                continue
            member = self.root(dimension, row[0].text)
            lines = [self.line(metric, dimension, member) for metric in metrics]
            for cell, metric, line in zip(row[1:-1], metrics, lines, strict=True):
                assert self.key(cell) in (None, metric)
                self.cell(cell, line and line.value)
            first = next((metric for metric in metrics if (metric, dimension) in self.books.dimensions), None)
            if first:
                self.n_cell(row[-1], first, dimension, member)

    def all_metrics(self, _kind: str, section: Section) -> None:
        """Every metric of a theme, or the members of its mix."""
        for row in section.tables[0].rows:
            metric, text = self.titles[row[1].node.text("small")], row[2]
            key = self.key(text) or metric
            if text.text == "Details":
                text.is_traced = True
                self.mix_members(key, text.small)
                first = None
            else:
                first = self.line(key) if text.opens else None
                self.cell(text, first and first.value)
            row[4].is_traced = row[5].is_traced = first is None
            if first is not None:
                self.n_cell(row[4], key)
                self.coverage_cell(row[5], key)

    def mix_members(self, metric: str, texts: Sequence[str]) -> None:
        """Members of a mix, each with its share in one text; of equal names in two dimensions each is used once."""
        is_money = self.books.metrics[metric]["unit"] == "money"
        left = [
            (self.words(metric, *pair), line.numerator if is_money else line.value)
            for pair, line in self.books.members(metric, *self.periods[metric]).items()
        ]
        for text in texts:
            named = [
                (name, value)
                for name, value in left
                if text.lower().startswith(f"{name} ") and value is not None
            ]
            found = (
                next((pair for pair in named if numbers(text[len(pair[0]) :])[-1].agrees(pair[1])), None)
                if named
                else None
            )
            if found:
                left.remove(found)
                self.text(text[len(found[0]) :], found[1])
            elif not text.endswith(formats.DASH):
                self.fail(f"“{text}” is no member of {metric}: {named}")

    def bars(self, metric: str, picture: Picture, dimension: str | None = None) -> None:
        """Members of a metric in a picture of bars, each with its value, and none left out but the smallest."""
        grain, end = self.periods[metric]
        words = picture.words.partition(": ")[2].removesuffix(".")
        members = {
            self.words(metric, pair[0], pair[1]): line
            for pair, line in self.books.members(metric, grain, end).items()
            if dimension in (None, pair[0]) and line.value is not None
        }
        shown = 0
        for part in re.split(r", (?=[^\d])", words) if words else ():
            label = next(
                (
                    name
                    for name in sorted(members, key=len, reverse=True)
                    if part.lower().startswith(f"{name} ")
                ),
                None,
            )
            if label is None:
                self.fail(f"“{part}” is no member of {metric}")
                continue
            self.text(part[len(label) :], members[label].value)
            shown += 1
        missing = len([line for line in members.values() if line.value]) - shown
        if missing > 0 and shown < 15:
            self.fail(f"{missing} members of {metric} are not in the picture")

    def mix(self, kind: str, section: Section) -> None:
        """Members of a metric as bars."""
        metric = next(self.keys[page] for link in section.links if (page := opened(link)))
        layout = THEMES[kind]
        dimensions: dict[str, str | None] = {
            **{entry.partition("/")[0]: entry.partition("/")[2] or None for entry in layout.get("mixes", ())},
            **layout.get("rankings", {}),
            "revenue_at_risk": "renews_within",
        }
        self.bars(metric, section.pictures[0], dimensions[metric])

    def trend(self, kind: str, section: Section) -> None:
        """Lines over time: where they stand now, and their targets; on the page of retention every month."""
        names: dict[str, str] = (
            THEMES[kind]["trend"]
            if kind in THEMES
            else {"net_revenue_retention": "Net", "gross_revenue_retention": "Gross"}
        )
        words = section.pictures[0].words.partition(": ")[2]
        for metric, name in names.items():
            if match := re.search(rf"{name} now (.*?)(?:,|\.$)", words):
                target = self.target(metric)
                self.text(match[1], self.value(metric), *([target] if " target " in match[1] else []))
        for table in section.tables:
            for row in table.rows:
                end = named_month(row[0].text)
                lines = [self.books.line(Key(metric, "t12m", end)) for metric in RETENTION]
                for cell, line in zip(row[1:4], lines, strict=True):
                    self.cell(cell, line and line.value)
                self.cell(row[4], lines[0] and lines[0].n)

    def heat(self, kind: str, section: Section) -> None:
        """Shares of several metrics by segment."""
        table, layout = section.tables[0], THEMES[kind]["heat"]
        for row, metric in zip(table.rows, layout["metrics"], strict=True):
            for cell, head in zip(row[1:], table.head[1:], strict=True):
                self.cell(cell, self.value(metric, "segment", self.root("segment", head)))

    def grid(self, kind: str, section: Section) -> None:
        """A share by region and channel at once, with each by itself at the edges."""
        table, metric = section.tables[0], THEMES[kind]["grid"]["metric"]
        for row in table.rows:
            for cell, head in zip(row[1:], table.head[1:], strict=True):
                region, channel = self.root("region", row[0].text), self.root("channel", head)
                pair = ("region_channel", f"{region}|{channel}")
                if head == "All":
                    pair = ("region", region)
                if row[0].text == "All":
                    pair = ("all", "all") if head == "All" else ("channel", channel)
                line = self.line(metric, *pair)
                self.cell(
                    cell,
                    line and line.value,
                    small=[line.n] if line and cell.text != formats.DASH and "n" in str(cell.small) else (),
                )

    def bridge(self, kind: str, section: Section) -> None:
        """From opening to closing: each movement from its rows, and all of them together lead to the closing."""
        metric = THEMES[kind]["bridge"] if kind in THEMES else "recurring_revenue_movements"
        times = 1 if kind in THEMES else 12
        names = {"currency": "fx_impact"}
        sums: dict[str, float] = {}
        opening = self.line(metric, "movement", "opening")
        assert opening and opening.numerator
        for row in section.tables[0].rows:
            member = names.get(row[0].text.lower(), row[0].text.lower())
            line = self.line(metric, "movement", member)
            sums[member] = times * (line.numerator if line and line.numerator else 0.0)
            self.cell(row[1], sums[member])
            self.cell(row[2], sums[member] / times / opening.numerator)
            opened = self.key(row[1])
            if opened and opened != metric and opened.endswith("_arr"):
                linked = self.value(opened)
                if linked is None or abs(abs(linked) - abs(sums[member])) > 0.01:
                    self.fail(f"{row[0].text} is {sums[member]}, the rows it opens make {linked}")
        if abs(sum(sums.values()) - 2 * sums["closing"]) > 0.01:
            self.fail(f"the bridge does not add up: {sums}")
        named = [
            (row[0].text, [sums[names.get(row[0].text.lower(), row[0].text.lower())]])
            for row in section.tables[0].rows
            if row[0].text in section.pictures[0].words
        ]
        self.picture(section.pictures[0], named)

    def calendar(self, _kind: str, section: Section) -> None:
        """Contracts that fall due, month by month, from every contract."""
        for table, picture in zip(section.tables, section.pictures, strict=True):
            kind = table.caption.split()[0].lower()
            named = []
            for row in table.rows:
                found = self.books.tuples(
                    "with states as (select renewals.*, is_open and not is_renewed and coalesce(risk_class in ('defecting', 'reducing'), false)"
                    " as is_at_risk from marts.fct_contract_renewals as renewals left join marts.fct_health_months as health"
                    " on renewals.customer_id = health.customer_id and health.month_end = (select max(month_end) from marts.fct_health_months))"
                    " select count(*), sum(available_amount), sum(renewed_amount) filter (where is_renewed),"
                    " sum(available_amount) filter (where is_open and not is_renewed and not is_at_risk),"
                    " sum(available_amount) filter (where is_at_risk), sum(available_amount) filter (where not is_open and not is_renewed)"
                    " from states where contract_kind = $kind and month_end = $end",
                    kind=kind,
                    end=named_month(row[0].text),
                )[0]
                exact = [float(number or 0) for number in found]
                for cell, number in zip(row[1:], exact, strict=True):
                    self.cell(cell, number)
                named.append((row[0].text, exact[2:5]))
            self.picture(picture, named)

    def profit_lines(self, kind: str, section: Section) -> None:
        """What each service line earned and cost, with all of them below."""
        metrics = list(THEMES[kind]["profit_lines"]["metrics"])
        for row in section.tables[0].rows:
            is_total = row[0].text == "All services"
            for cell, metric in zip(row[1:], metrics, strict=True):
                pair = ("all", "all") if is_total else self.named(metric, row[0].text, "service_line")
                if not is_total and not pair[0]:
                    pair = ("service_line", row[0].text.lower().replace(" ", "_"))
                self.cell(cell, self.value(metric, *pair))

    def indirect(self, _kind: str, section: Section) -> None:
        """Influenced and incremental revenue."""
        for row, metric in zip(
            section.tables[0].rows, ("service_influenced_revenue", "service_indirect_revenue"), strict=True
        ):
            line = self.line(metric)
            self.cell(row[1], line and line.value)
            low, high = self.interval(metric)
            self.cell(row[2], low, high)
            self.n_cell(row[3], metric)

    def interval(
        self, metric: str, dimension: str = "all", member: str = "all"
    ) -> tuple[float | None, float | None]:
        """The ends of an interval, from the shares themselves or from the mart that the statistic comes from."""
        grain, end = self.periods[metric]
        if self.books.metrics[metric]["kind"] != "statistic" or metric == "resource_win_rate":
            line = self.books.line(Key(metric, grain, end, dimension, member))
            return (line.ci_low, line.ci_high) if line else (None, None)
        found = self.books.tuples(
            "select ci_low, ci_high from marts.fct_metric_statistics where metric_key = $metric and period_grain = $grain"
            " and period_end = $end and dimension = $dimension and member = $member",
            metric=metric, grain=grain, end=end, dimension=dimension, member=member,
        )  # fmt: skip
        low, high = found[0] if found else (None, None)
        return (None if low is None else float(low)), (None if high is None else float(high))

    def scenarios(self, _kind: str, section: Section) -> None:
        """What one more dollar goes with: the slope and the ends of its interval."""
        revenues = {
            "Direct revenue": "direct",
            "Influenced revenue": "indirect",
            "Revenue of both kinds": "all",
        }
        for row in section.tables[0].rows:
            low, middle, high = self.books.tuples(
                "select ci_low, slope, ci_high from marts.fct_marginal_service_revenue where revenue = $revenue"
                " order by period_end desc limit 1",
                revenue=revenues[row[0].text],
            )[0]
            for cell, exact in zip(row[1:4], (low, middle, high), strict=True):
                self.cell(cell, exact)

    def chain(self, _kind: str, section: Section) -> None:
        """From a visit to a case that was not needed, from every visit."""
        end = self.periods["deflection_rate"][1]
        visits, entitled, found, intended, solved = (
            float(number)
            for number in self.books.tuples(
                "select count(*), count(*) filter (where is_entitled), avg(cast(is_answer_found as integer)),"
                " avg(cast(is_case_intended as integer)) filter (where is_answer_found),"
                " avg(cast(is_nothing_further_needed as integer)) filter (where is_answer_found and is_case_intended)"
                " from marts.fct_self_service_sessions where month_end <= $end and month_end > last_day($end - interval 12 month)",
                end=end,
            )[0]
        )
        self.picture(
            section.pictures[0],
            [
                ("Visits", [visits]),
                ("By customers who may open a case", [entitled, entitled / visits]),
                ("Answer found", [entitled * found, found]),
                ("Would have been a case", [entitled * found * intended, intended]),
                ("Nothing further needed", [entitled * found * intended * solved, solved]),
            ],
        )

    def funnel(self, kind: str, section: Section) -> None:
        """How far quotes have come, from every quote."""
        steps = ("created", "configured", "proposal", "accepted", "booked", "scheduled")
        names = ("Created", "Configured", "Proposed", "Accepted", "Booked", "Scheduled")
        counts = self.books.tuples(
            "select " + ", ".join(f"count({step}_date)" for step in steps) + " from marts.fct_service_quotes"
            " where created_date <= $end and created_date > last_day($end - interval 12 month)",
            end=self.periods[THEMES[kind]["lead"]][1],
        )[0]
        self.picture(
            section.pictures[0], [(name, [count]) for name, count in zip(names, counts, strict=True)]
        )

    def programs(self, _kind: str, section: Section) -> None:
        """Service offers by buyers, from every purchase."""
        end = self.periods["program_purchase_rank"][1]
        rows = self.books.tuples(
            "with year as (select * from marts.fct_program_purchases where month_end <= $end and month_end > last_day($end - interval 12 month)),"
            " buyers as (select sale_kind, count(distinct customer_id) as buyers from year group by 1)"
            " select sale_kind, offer_name, count(distinct customer_id), any_value(buyers), count(distinct deal_key), sum(service_amount),"
            " row_number() over (partition by sale_kind order by count(distinct customer_id) desc, sum(service_amount) desc nulls last, offer_id)"
            " from year inner join buyers using (sale_kind) inner join marts.dim_service_offers using (offer_id) group by sale_kind, offer_id, offer_name",
            end=end,
        )
        by_name = {({"new": "New", "renewal": "Renewed"}[kind], name): rest for kind, name, *rest in rows}
        table = section.tables[0]
        if len(table.rows) != len(rows):
            self.fail(f"{len(table.rows)} programs are shown, {len(rows)} were bought")
        for row in table.rows:
            buyers, every, orders, amount, rank = by_name[row[0].small[0], row[0].text]
            self.cell(row[1], rank)
            self.cell(row[2], buyers, every)
            self.cell(row[3], orders)
            self.cell(row[4], amount)

    def win_rates(self, kind: str, section: Section) -> None:
        """Deals won by message and resource, ranked from ten deals on."""
        metrics = {name: key for key, name in THEMES[kind]["win_rates"].items()}
        for row in section.tables[0].rows:
            metric = metrics[row[0].small[0]]
            pair = self.named(metric, row[0].text)
            line = self.line(metric, *pair)
            assert line, f"{metric} {row[0].text}"
            grain, end = self.periods[metric]
            rivals = [
                (other.value, name)
                for (dimension, name), other in self.books.members(metric, grain, end).items()
                if dimension == pair[0] and other.n >= 10 and other.value is not None
            ]
            better = sum(1 for value, name in rivals if (-value, name) < (-(line.value or 0), pair[1]))
            self.cell(row[1], better + 1)
            self.cell(row[2], line.value)
            self.cell(row[3], line.ci_low, line.ci_high)
            self.cell(row[4], line.n)

    def practices(self, _kind: str, section: Section) -> None:
        """What we say we do beside what the records of every customer show."""
        keys = {
            formats.known(column.removesuffix("_state")): column
            for (column,) in self.books.tuples(
                "select column_name from (describe marts.fct_activity_months) where column_name like '%_state'"
            )
        }
        for row in section.tables[0].rows:
            column = keys[row[0].text]
            due, known, done = self.books.tuples(
                f"select count(*) filter (where {column} <> 'not_due'), count(*) filter (where {column} in ('done', 'missing')),"
                f" count(*) filter (where {column} = 'done') from marts.fct_activity_months where month_end ="
                " (select max(month_end) from marts.fct_activity_months where not is_provisional)"
            )[0]
            self.cell(row[2], done / known if known else None, small=(done, known))
            self.cell(row[3], due)

    def releases(self, _kind: str, section: Section) -> None:
        """Defect cases of each release, from every case."""
        rows = self.books.tuples(
            "with newest as (select max(month_end) as month_end from marts.fct_release_defects where not is_provisional),"
            " cases as (select release_name, product_family, count(*) as n from marts.fct_case_events, newest where event = 'opened'"
            " and case_reason = 'defect' and fct_case_events.month_end = newest.month_end group by 1, 2)"
            " select coalesce(release_label, release_name), defect_case_count, sold_quantity, coalesce(n, 0) from marts.fct_release_defects"
            " inner join newest using (month_end) left join cases using (release_name, product_family) where sold_quantity > 0"
        )
        by_name = {name: (count, seats, counted) for name, count, seats, counted in rows}
        words = section.pictures[0].words.partition(": ")[2].removesuffix(".")
        for name, (count, seats, counted) in by_name.items():
            if f"{name} " in words:
                text = words.partition(f"{name} ")[2].partition("\u00a0case")[0]
                self.text(text, 100 * float(count) / float(seats), count)
                if count != counted:
                    self.fail(f"{name} has {count} defect cases, {counted} were opened")

    def durations(self, _kind: str, section: Section) -> None:
        """Medians, and within how long nine of ten are done."""
        metric = ""
        for row in section.tables[0].rows:
            if row[0].node.has_class("part"):
                dimension, _, label = row[0].text.partition(": ")
                pair = self.named(metric, label, dimension.lower().replace(" ", "_"))
            else:
                metric, pair = self.titles[row[0].text], ("all", "all")
            line, high = self.line(metric, *pair), None
            grain, end = self.periods[metric]
            if f"{metric}_p90" in self.books.metrics:
                high = self.books.line(Key(f"{metric}_p90", grain, end, *pair))
            self.cell(row[1], line and line.value)
            self.cell(row[2], high and high.value)
            self.cell(row[3], line and line.n)

    def value_chain(self, _kind: str, section: Section) -> None:
        """What became of customers by adoption and success together, from every customer."""
        end = self.periods["value_chain_matrix"][1]
        cells = {
            (formats.member("adoption_band", adoption), formats.member("success_band", success)): rest
            for adoption, success, *rest in self.books.tuples(
                "select adoption_band, success_band, count(*), count(*) filter (where is_active_at_closing),"
                " 12 * sum(opening_mrr_amount) filter (where is_amount_known), 12 * sum(closing_mrr_amount) filter (where is_amount_known)"
                " from marts.fct_success_windows where period_grain = 't12m' and period_end = $end group by 1, 2",
                end=end,
            )
        }
        table, shown = section.tables[0], 0
        for row in table.rows:
            for cell, head in zip(row[1:], table.head[1:], strict=True):
                if not cell.small:
                    continue
                count, kept, opening, closing = cells[row[0].text, head]
                shown += count
                ratio = [float(closing) / float(opening)] if opening else []
                self.cell(cell, kept / count, small=[kept, count, opening, *ratio])
        if shown != sum(count for count, *_ in cells.values()):
            self.fail(
                f"{shown} customers are in the cells, {sum(count for count, *_ in cells.values())} were there"
            )

    def bands(self, kind: str, section: Section) -> None:
        """What followed by the band that customers were in."""
        table = section.tables[0]
        layout = next(band for band in THEMES[kind]["bands"] if band["head"] == table.caption)
        names = {name: metric for metric, name in layout["metrics"].items()}
        for row in table.rows:
            for at, name in enumerate(table.head):
                if name in names:
                    metric = names[name]
                    pair = self.named(metric, row[0].text)
                    self.cell(row[at], self.value(metric, *pair))
                    self.n_cell(row[at + 1], metric, *pair)

    def evidence(self, kind: str, section: Section) -> None:
        """Effects and correlations: value, interval, n and number compared with, as their mart has them."""
        table = section.tables[0]
        metric = section.label.removeprefix("h-") if kind == "lab" else ""
        for row in table.rows:
            is_total = bool(row[0].small) or row is table.rows[0]
            metric = self.titles[row[0].text] if is_total else self.key(row[1]) or metric
            pair = ("all", "all") if is_total else self.named(metric, row[0].text)
            line = self.line(metric, *pair)
            at = dict(zip(table.head, row, strict=True))
            self.cell(row[1], line and line.value)
            self.cell(at["95 % interval"], *self.interval(metric, *pair))
            self.n_cell(at["n"], metric, *pair)
            more = self.effect(metric, *pair)
            for head, columns in (
                ("Plain gap", ("raw_gap",)),
                ("The time before", ("placebo_ci_low", "placebo_ci_high")),
                ("Compared with", ("n_control",)),
            ):
                if head in at:
                    self.cell(at[head], *(more.get(column) for column in columns))
        for picture in section.pictures:
            for row in table.rows:
                name = row[0].text
                if (
                    row[1].text != formats.DASH
                    and f"{name} {row[1].text}, " not in picture.words
                    and numbers(row[2].text)
                ):
                    self.fail(f"the picture and the table differ in {name}")
            shown = Counter(
                number.text for row in table.rows for cell in row[1:3] for number in numbers(cell.text)
            )
            drawn = Counter(number.text for number in numbers(picture.words.partition("intervals: ")[2]))
            if drawn - shown:
                self.fail(f"the picture has {drawn - shown}, which the table has not")

    def act(self, _kind: str, section: Section) -> None:
        """Customers to act on: all that are at risk, each with the revenue of its products."""
        rows = self.books.tuples(
            f"with revenue as ({REVENUE}) select coalesce(customer_name, customer_id), sum(arr) from marts.fct_health_months as health"
            " left join revenue using (customer_id, month_end) left join marts.dim_customers using (customer_id)"
            " where risk_class in ('defecting', 'reducing') and month_end = (select max(month_end) from marts.fct_customer_profiles)"
            " group by health.customer_id, customer_name"
        )
        self.amounts(section.tables[0], 1, rows)
        self.text(section.node.all("p")[0].text(), len(rows))

    def amounts(self, table: Table, at: int, rows: Sequence[tuple[Any, ...]]) -> None:
        """A list of customers with an amount each: none is wrong, missing or too many. Other cells with numbers are days."""
        left: dict[str, list[float]] = {}
        for name, amount in rows:
            left.setdefault(name, []).append(float(amount or 0))
        if len(table.rows) != len(rows):
            self.fail(f"{len(table.rows)} rows are shown in “{table.caption}”, {len(rows)} are there")
        for cells in table.rows:
            amounts = left.get(cells[0].text, [])
            shown = numbers(cells[at].text)
            # who never paid has no amount
            found = next(
                (amount for amount in amounts if (shown[0].agrees(amount) if shown else not amount)), None
            )
            if found is None:
                self.fail(f"“{cells[at].text}” of {cells[0].text} is none of {amounts}")
            else:
                amounts.remove(found)
                self.cell(cells[at], found)
            for cell in cells:
                cell.is_traced = cell.is_traced or not numbers(cell.text)

    def classes(self, _kind: str, section: Section) -> None:
        """Customers by class, counted one by one, with the revenue of their products."""
        rows = self.books.tuples(
            f"with revenue as ({REVENUE}) select risk_class, count(distinct customer_id), sum(arr) from marts.fct_health_months"
            " left join revenue using (customer_id, month_end) where month_end = (select max(month_end) from marts.fct_customer_profiles)"
            " group by 1"
        )
        self.picture(
            section.pictures[0],
            sorted(
                ((formats.CLASSES[name][0], [count, float(arr or 0)]) for name, count, arr in rows),
                key=lambda pair: section.pictures[0].words.index(pair[0]),
            ),
        )

    def backtest(self, _kind: str, section: Section) -> None:
        """What was foretold against what happened, from every customer and month."""
        end = self.periods["risk_precision"][1]
        found = {
            (formats.CLASSES[name][0], outcome): rest
            for name, outcome, *rest in self.books.tuples(
                "with months as (select risk_class, customer_id, unnest(['left', 'left or spent less']) as outcome,"
                " unnest([churn_probability, loss_probability]) as foretold, unnest([has_churned, has_churned_or_contracted]) as happened"
                f" from marts.fct_risk_backtest where {YEAR}) select risk_class, outcome, avg(foretold), avg(cast(happened as integer)),"
                " count(*), count(distinct customer_id) from months where foretold is not null group by 1, 2",
                end=end,
            )
        }
        for row in section.tables[0].rows:
            foretold, happened, count, customers = found[row[0].text, row[1].text]
            self.cell(row[2], foretold)
            self.cell(row[3], happened)
            self.cell(row[4], *wilson(happened * customers, customers))
            self.cell(row[5], count)
        named = [
            (row[0].text, found[row[0].text, row[1].text][:2])
            for row in section.tables[0].rows
            if row[1].text == "left"
        ]
        self.picture(section.pictures[0], named)
        for name, paragraph in zip(
            ("defecting", "defecting_or_reducing"), section.node.all("p")[1:3], strict=True
        ):
            precision, recall, lift = (
                self.value(metric, "class", name) or 0.0
                for metric in ("risk_precision", "risk_recall", "risk_lift")
            )
            self.text(paragraph.text(), 100, 100 * precision, 100, 100 * recall, lift)

    def changes(self, _kind: str, section: Section) -> None:
        """The largest gains and losses of single months, from revenue before and after each."""
        end = self.periods["net_revenue_retention"][1]
        for table, sign in zip(section.tables, ("", "-"), strict=True):
            rows = self.books.tuples(
                "select coalesce(customer_name, customer_id), 12 * (closing_mrr_amount - opening_mrr_amount) as change"
                " from marts.fct_revenue_changes left join marts.dim_customers using (customer_id)"
                f" where {YEAR} and {sign}(closing_mrr_amount - opening_mrr_amount) > 0"
                f" order by {sign}(closing_mrr_amount - opening_mrr_amount) desc, customer_id, month_end limit 10",
                end=end,
            )
            self.amounts(table, 2, rows)

    def reasons(self, _kind: str, section: Section) -> None:
        """Why revenue was lost: every loss under its reason."""
        metric = "loss_reason_mix"
        for row in section.tables[0].rows:
            line = self.line(metric, *self.named(metric, row[0].text))
            assert line
            self.cell(row[1], line.value)
            self.cell(row[2], line.numerator)
            self.n_cell(row[3], metric, *self.named(metric, row[0].text))
        self.bars(metric, section.pictures[0])

    def cohorts(self, _kind: str, section: Section) -> None:
        """Revenue kept and grown by start quarter, from every customer's first month on."""
        found = {
            (formats.quarter(quarter), months): (count, rate)
            for quarter, months, count, rate in self.books.tuples(
                "with months as (select *, min(month_end) filter (where mrr_amount > 0) over (partition by customer_id) as first"
                " from marts.fct_customer_months where not is_provisional), starts as (select *, date_trunc('quarter', first) as start_quarter,"
                " first_value(mrr_amount) over (partition by customer_id order by month_end) as opening,"
                " date_diff('month', first, month_end) as age from months where month_end >= first)"
                " select cast(start_quarter as date), age, count(*), sum(mrr_amount) / sum(opening) from starts where age % 3 = 0 group by 1, 2"
            )
        }
        heads = [int(numbers(head)[0].value) for head in section.tables[0].head[2:]]
        for row in section.tables[0].rows:
            self.text(row[1].text, found[row[0].text, 0][0])
            for cell, months in zip(row[2:], heads, strict=True):
                if numbers(cell.text):
                    self.cell(cell, 100 * found[row[0].text, months][1])

    def survival(self, _kind: str, section: Section) -> None:
        """How long relationships last, from the lifetime of every customer."""
        curve = {month: rest for month, *rest in survival(row[2:] for row in self.books.tuples(LIFETIMES))}
        for row in section.tables[0].rows:
            at_risk, left, rate = curve[int(row[0].text)]
            self.cell(row[1], rate)
            self.cell(row[2], *self.interval("relationship_survival_rate", "tenure_month", row[0].text))
            self.cell(row[3], at_risk)
            self.cell(row[4], left)
        words = section.pictures[0].words
        for text, month in re.findall(r"([\d.]+\u00a0%) after (\d+) months", words):
            self.text(text, curve[int(month)][2])

    # home, headings, lists

    def message(self, text: str, metric: str) -> None:
        """A sentence: the value, and how far it is from the target or from the year before."""
        value, target, before = self.value(metric), self.target(metric), self.value(metric, back=12)
        found = numbers(text)
        if not found or value is None:
            return
        self.text(found[0].text, value)
        if len(found) > 1:
            reference = before if target is None else target
            times = (
                100
                if found[1].text.endswith("points") and self.books.metrics[metric]["unit"] == "ratio"
                else 1
            )
            self.text(found[1].text, None if reference is None else times * abs(value - reference))

    def tile(self, node: Node) -> None:
        """A tile of the home page: sentence, value, target, differences, n, coverage and trend."""
        metric = node.attributes["id"].removeprefix("tile-")
        self.place = f"index {metric}"
        value, target = self.value(metric), self.target(metric)
        parts = {
            name: part
            for part in node.all("p", "h3", "dl")
            for name in (part.attributes.get("class", part.tag).split()[0],)
        }
        self.message(parts["h3"].text(), metric)
        self.text(parts["value"].text("span"), value)
        aim = numbers(parts["status"].text())
        if target is not None and value is not None:
            self.text(" ".join(number.text for number in aim), value - target, target)
        differences = parts["deltas"].all("dd")
        for difference, back in zip(differences, (BACK[self.periods[metric][0]], 12), strict=True):
            before = self.value(metric, back=back)
            self.text(difference.text(), None if before is None or value is None else value - before)
        n, coverage = (Cell(Node("td", {}, [text])) for text in parts["foot"].text().split(" · "))
        self.n_cell(n, metric)
        self.coverage_cell(coverage, metric)
        for picture in [node for node in node.all("svg") if node.has_class("spark")]:
            self.spark(metric, Picture(picture.attributes["aria-label"], []))

    def strip(self, section: Section) -> None:
        """What the home page says of the data: rows and exports counted one by one."""
        self.place = "index quality"
        facts = {pair.all("dt")[0].text(): pair.all("dd")[0].text() for pair in section.node.all("div")}
        rejected, absent, exports, rows = self.books.tuples(
            "select (select count(*) from marts.dq_rejected_rows), (select count(*) from marts.dq_exports where not is_present),"
            " (select count(*) from marts.dq_exports), (select sum(accepted_count + superseded_count + exact_duplicate_count + rejected_count"
            " + malformed_count + after_as_of_count) from marts.dq_row_accounting)"
        )[0]
        unmatched = self.books.tuples(
            f"with revenue as ({REVENUE}) select coalesce(sum(arr) filter (where is_unmatched), 0) / sum(arr) from revenue"
            " left join marts.dim_customers using (customer_id) where month_end = (select max(month_end) from marts.fct_customer_profiles)"
        )[0][0]
        self.text(facts.pop("Rows in"), rows)
        self.text(facts.pop("Rejected"), rejected)
        self.text(facts.pop("Exports absent"), absent, exports)
        self.text(facts.pop("Revenue of no CRM customer"), unmatched)
        # of a warehouse without publications nothing is kept, so nothing can be restated
        self.text(facts.pop("Restated since close"), 0, 0)
        facts.pop("Policy")
        if facts:
            self.fail(f"nobody knows how to trace {facts}")

    def headline(self, page: Page, metric: str) -> None:
        """The sentence at the top of a page."""
        self.message(page.root.all("h1")[0].text(), metric)

    def all_customers(self, _kind: str, section: Section) -> None:
        """Every customer with the revenue of its products."""
        self.amounts(
            section.tables[0],
            3,
            self.books.tuples(
                f"with revenue as ({REVENUE}) select coalesce(customer_name, customer_id), arr from marts.fct_customer_profiles"
                " left join revenue using (customer_id, month_end) left join marts.dim_customers using (customer_id)"
            ),
        )

    def list_of(self, section: Section, columns: Sequence[int], rows: Sequence[tuple[Any, ...]]) -> None:
        """A list of customers with amounts: how many there are, and those shown are among them."""
        table = section.tables[0]
        counts = numbers(section.node.all("p")[0].text())
        shown = [len(rows)] if len(table.rows) == len(rows) else [len(rows), len(table.rows)]
        if [int(number.value) for number in counts] != shown:
            self.fail(
                f"“{section.node.all('p')[0].text()}”, but {len(rows)} are there and {len(table.rows)} shown"
            )
        left = Counter(
            (name, *(formats.number(amount, "money") for amount in amounts)) for name, *amounts in rows
        )
        for cells in table.rows:
            found = (cells[0].text, *(cells[at].text for at in columns))
            if not left[found]:
                self.fail(f"nobody is {found}")
            left[found] -= 1
            self.traced["rows"] += 1

    def losses(self, section: Section) -> None:
        """Losses of single months under one reason."""
        self.place = f"losses {section.label}"
        rows = self.books.tuples(
            "select coalesce(customer_name, customer_id), opening_mrr_amount, closing_mrr_amount, 12 * (closing_mrr_amount - opening_mrr_amount)"
            f" from marts.fct_revenue_changes left join marts.dim_customers using (customer_id) where {YEAR}"
            " and (loss_reason is not null or closing_mrr_amount < opening_mrr_amount) and coalesce(loss_reason, 'unknown') = $reason",
            end=self.periods["net_revenue_retention"][1],
            reason=section.label.removeprefix("h-"),
        )
        self.list_of(section, (5, 6, 7), rows)

    def starters(self, section: Section) -> None:
        """Customers that started in a quarter with their monthly revenue now."""
        self.place = f"cohorts {section.label}"
        rows = self.books.tuples(
            "with newest as (select max(month_end) as month_end from marts.fct_customer_profiles), revenue as (select customer_id,"
            " sum(mrr_amount) as mrr from marts.fct_recurring_revenue_months inner join newest using (month_end) group by 1)"
            " select coalesce(customer_name, customers.customer_id), coalesce(mrr, case when months.customer_id is not null then 0 end)"
            " from marts.dim_customers as customers cross join newest left join revenue on customers.customer_id = revenue.customer_id"
            " left join marts.fct_customer_months as months on customers.customer_id = months.customer_id"
            " and newest.month_end = months.month_end where date_trunc('quarter', customers.first_revenue_date) = cast($start as date)",
            start=f"{section.label.removeprefix('h-')}-01"[:10],
        )
        self.list_of(section, (5,), rows)

    def customer(self, path: Path, facts: Mapping[str, Mapping[str, tuple[Any, ...]]]) -> None:
        """The page of one customer: its figures from the rows of their facts."""
        page = Page(path)
        customer_id = page.root.all("code")[0].text()
        self.place = f"customers {customer_id}"
        for tile in (node for node in page.root.all("div") if node.has_class("fact")):
            head = tile.all("h2")[0].text()
            if head in facts:
                value = tile.all("p")[0].text()
                self.text(value, *facts[head].get(customer_id, (0, 0))[: max(1, len(numbers(value)))])
        for section in page.sections:
            if section.label == "licences-h":
                rows = {row[0].text: row for row in section.tables[0].rows}
                for family, sold, used in facts["licences"].get(customer_id, ()):
                    self.cell(rows[family][1], sold)
                    self.cell(rows[family][2], used)
            if section.label == "reasons-h":
                cases = dict(facts["reasons"].get(customer_id, ()))
                for row in section.tables[0].rows:
                    self.cell(row[1], cases.get(row[0].text))

    def customer_facts(self) -> dict[str, dict[str, tuple[Any, ...]]]:
        """What the rows of facts say of every customer, by the names of the figures on its page."""
        end = self.books.tuples("select max(month_end) from marts.fct_customer_profiles")[0][0]

        def by_customer(query: str) -> dict[str, tuple[Any, ...]]:
            return {row[0]: row[1:] for row in self.books.tuples(query, end=end)}

        def lists(query: str) -> dict[str, tuple[Any, ...]]:
            groups: dict[str, list[tuple[Any, ...]]] = {}
            for customer, *rest in self.books.tuples(query, end=end):
                groups.setdefault(customer, []).append(tuple(rest))
            return {customer: tuple(rows) for customer, rows in groups.items()}

        cases = f"from marts.fct_case_events where event = 'opened' and {YEAR}"
        reasons = lists(
            f"select customer_id, coalesce(case_reason, 'unclassified'), count(*) {cases} group by 1, 2"
        )
        return {
            "Recurring revenue a year": by_customer(
                "select customer_id, 12 * sum(mrr_amount) from marts.fct_recurring_revenue_months where month_end = $end group by 1"
            ),
            "Cases in 12 months": by_customer(f"select customer_id, count(*) {cases} group by 1"),
            "Licences in use": by_customer(
                "select customer_id, sum(adopted_quantity) / sum(sold_quantity) filter (where adopted_quantity is not null)"
                " from marts.fct_license_months where month_end = $end group by 1"
            ),
            "Would recommend us": by_customer(
                "select customer_id, promoter_count, nps_response_count from marts.fct_survey_months where month_end = $end"
            ),
            "licences": lists(
                "select customer_id, product_family, sold_quantity, adopted_quantity from marts.fct_license_months where month_end = $end"
            ),
            "reasons": {
                customer: tuple((formats.known(reason), count) for reason, count in rows)
                for customer, rows in reasons.items()
            },
        }

    # pages of rows

    def rows_behind(self, metric: str) -> None:
        """The page of the rows of a metric: its figure, members, rows and history against what its own query gives."""
        page, self.place = self.drills[metric], f"drill/{metric} "
        rows = self.books.rows(page.query or "")
        sections = {section.label: section for section in page.sections}
        tables = {table.caption: table for table in sections["sum-h"].tables}
        figure = tables.pop("The figure", None)
        shown = "all"
        if figure:
            self.figure(metric, figure.rows[0], [row for row in rows if row["dimension"] == "all"])
        for table in tables.values():
            # the rows of a mix are those of its first dimension
            first = self.members_behind(metric, table, rows)
            shown = shown if figure else first
        if listed := sections["rows-h"].tables:
            self.listed(
                metric, sections["rows-h"], listed, [row for row in rows if row["dimension"] == shown]
            )
        if "history-h" in sections:
            self.history(metric, sections["history-h"].tables[0])
        if "groups-h" in sections:
            self.listed_groups(
                metric, sections["groups-h"], [row for row in rows if row["dimension"] == "all"]
            )

    def figure(self, metric: str, cells: list[Cell], rows: list[dict[str, Any]]) -> None:
        """The figure is its numerator ÷ its denominator, and these are the sums of the rows that count."""
        line = self.line(metric)
        if line is None:
            self.text(cells[1].text)
            return
        self.cell(cells[1], line.value)
        if self.books.metrics[metric]["kind"] != "statistic" and numbers(cells[2].text):
            counted = [row for row in rows if row["is_included"]]
            self.cell(cells[2], sum(float(row["numerator"] or 0) for row in counted))
            if numbers(cells[3].text):
                self.cell(cells[3], sum(float(row["denominator"] or 0) for row in counted))
        self.n_cell(cells[4], metric)
        self.coverage_cell(cells[5], metric)
        if numbers(cells[6].text):
            self.cell(cells[6], *self.interval(metric))

    def members_behind(self, metric: str, table: Table, rows: list[dict[str, Any]]) -> str:
        """Members with what each is a ratio of; returns the first dimension."""
        found = self.books.members(metric, *self.periods[metric])
        left = {pair: line for pair, line in found.items() if line is not None}
        has_share = "Share" in table.head
        first = ""
        for cells in table.rows:
            labelled = [pair for pair in left if self.words(metric, *pair) == cells[0].text.lower()]
            columns = cells[2:] if has_share else cells[1:]
            fitting = [
                pair
                for pair in labelled
                if all(
                    not numbers(cell.text) or (exact is not None and numbers(cell.text)[0].agrees(exact))
                    for cell, exact in zip(
                        columns, (left[pair].numerator, left[pair].denominator), strict=False
                    )
                )
            ]
            if not fitting:
                if any(number.value for cell in columns for number in numbers(cell.text)):
                    self.fail(
                        f"“{cells[0].text}” is no member, or not of these sums: {[cell.text for cell in cells]} {labelled}"
                    )
                continue
            pair = fitting[0]
            line = left.pop(pair)
            first = first or pair[0]
            if has_share and numbers(cells[1].text):
                is_amount = (
                    line.value is not None and line.value == line.numerator and line.denominator is not None
                )
                self.text(
                    re.sub(r"[^\d.,−%\u00a0]", "", cells[1].text), line.value
                ) if not is_amount else None
            self.cell(columns[0], line.numerator) if line.denominator is not None or line.numerator else None
            if numbers(columns[1].text):
                self.cell(columns[1], line.denominator)
            self.n_cell(columns[2], metric, *pair)
        return first or next((row["dimension"] for row in rows), "all")

    def listed(self, metric: str, section: Section, tables: list[Table], rows: list[dict[str, Any]]) -> None:
        """The rows that are shown are rows of the query, and those left out are counted by their reason."""
        known = Counter((row["subject_id"], two(row["numerator"]), two(row["denominator"])) for row in rows)
        counted = sum(1 for row in rows if row["is_included"])
        self.text(section.node.all("p")[0].text(), counted, len(rows), len(tables[0].rows))
        self.known_rows(tables[0], known)
        if len(tables) > 1:
            reasons = Counter(
                formats.words(row["exclusion_reason"]) for row in rows if not row["is_included"]
            )
            # rows of two kinds with one reason stand apart
            left_out: Counter[str] = Counter()
            for cells in tables[1].rows:
                left_out[cells[0].text] += int(numbers(cells[1].text)[0].value)
            if left_out != reasons:
                self.fail(f"{left_out} rows are said to be left out, the query gives {reasons}")

    def known_rows(self, table: Table, known: Counter[tuple[str, str, str]]) -> None:
        """Rows of a table by subject, numerator and denominator."""
        at = {head: number for number, head in enumerate(table.head)}
        for cells in table.rows:
            key = (cells[0].small[0], cells[at["Numerator"]].text, cells[at["Denominator"]].text)
            if not known[key]:
                self.fail(f"the query gives no row {key}")
            known[key] -= 1
            self.traced["rows"] += 1

    def listed_groups(self, metric: str, section: Section, rows: list[dict[str, Any]]) -> None:
        """The figure of each group, and its rows."""
        grain, end = self.periods[metric]
        for table in section.tables:
            name, _, rest = table.caption.partition(": ")
            label, _, figure = rest.rpartition(", ")
            dimension = GROUPS[name]
            self.text(figure, self.value(metric, dimension, self.root(dimension, label)))
            if dimension == "product_family":
                families = self.books.tuples(
                    "select customer_id, opening_mrr_amount, closing_mrr_amount from marts.fct_retention_by_product_family"
                    " where period_grain = $grain and period_end = $end and product_family = $family",
                    grain=grain, end=end, family=label,
                )  # fmt: skip
                known = {customer: (opening, closing) for customer, opening, closing in families}
                for cells in table.rows:
                    self.cell(cells[3], known[cells[0].small[0]][0])
                    self.cell(cells[4], known[cells[0].small[0]][1])
            else:
                self.known_rows(
                    table,
                    Counter(
                        (row["subject_id"], two(row["numerator"]), two(row["denominator"])) for row in rows
                    ),
                )

    def history(self, metric: str, table: Table) -> None:
        """Every earlier period from its rows; of statistics as their mart has it."""
        grain = self.periods[metric][0]
        told = {
            end: Line(None if value is None else float(value), n)
            for end, value, n in self.books.tuples(
                "select period_end, value, n from marts.fct_metric_statistics where metric_key = $metric and period_grain = $grain"
                " and dimension = 'all'",
                metric=metric,
                grain=grain,
            )
        }
        for cells in table.rows:
            end = named_month(cells[0].text)
            line = told.get(end) or self.books.line(Key(metric, grain, end))
            if line is None:
                self.fail(f"nothing is behind {cells[0].text}")
                continue
            self.cell(cells[1], line.value) if numbers(cells[1].text) else None
            for cell, exact in ((cells[3], line.numerator), (cells[4], line.denominator)):
                self.cell(cell, exact or 0)
            if metric not in N_OF_OTHERS and metric not in COVERAGES:
                self.text(cells[5].text, line.n)

    def effect(self, metric: str, dimension: str, member: str) -> Mapping[str, Any]:
        """The row of an effect."""
        grain, end = self.periods[metric]
        for mart in ("fct_effects", "fct_rep_effects"):
            found = self.books.rows(
                f"select * from marts.{mart} where metric_key = $metric and period_grain = $grain and period_end = $end"
                " and dimension = $dimension and member = $member",
                metric=metric, grain=grain, end=end, dimension=dimension, member=member,
            )  # fmt: skip
            if found:
                return found[0]
        return {}


def two(number: Any) -> str:
    """A number as tables show it: whole, or with two decimals."""
    return formats.amount(number)


def month_end(end: date, back: int = 0) -> date:
    """The last day of the month so many months earlier."""
    month = end.year * 12 + end.month - 1 - back
    following = date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def named_month(text: str) -> date:
    """The last day of a month by its name."""
    name, year = re.split(r"[\s\u00a0]+", text.strip())[-2:]
    at = next(number for number, full in enumerate(formats.MONTHS, 1) if full.startswith(name))
    return month_end(date(int(year), at, 1))


Trace = Callable[[Audit, str, Section], None]
#: How the figures of each section are traced, by kind of page ("" = any) and section.
REGISTER: dict[tuple[str, str], Trace] = {
    ("", "glance-h"): Audit.glance,
    ("", "support-h"): Audit.glance,
    ("", "response-h"): Audit.glance,
    ("", "trend-h"): Audit.trend,
    ("", "groups-h"): Audit.groups,
    ("", "metrics-h"): Audit.all_metrics,
    ("", "mix"): Audit.mix,
    ("", "ranking"): Audit.mix,
    ("", "renewals-h"): Audit.mix,
    ("", "heat-h"): Audit.heat,
    ("", "grid-h"): Audit.grid,
    ("", "bridge-h"): Audit.bridge,
    ("", "calendar-h"): Audit.calendar,
    ("", "lines-h"): Audit.profit_lines,
    ("", "indirect-h"): Audit.indirect,
    ("", "scenarios-h"): Audit.scenarios,
    ("", "chain-h"): Audit.chain,
    ("", "funnel-h"): Audit.funnel,
    ("", "programs-h"): Audit.programs,
    ("", "win-rates-h"): Audit.win_rates,
    ("", "practices-h"): Audit.practices,
    ("", "releases-h"): Audit.releases,
    ("", "durations-h"): Audit.durations,
    ("", "value-chain-h"): Audit.value_chain,
    ("", "bands"): Audit.bands,
    ("", "effects-h"): Audit.evidence,
    ("", "correlations-h"): Audit.evidence,
    ("lab", "h"): Audit.evidence,
    ("health", "act-h"): Audit.act,
    ("health", "classes-h"): Audit.classes,
    ("health", "backtest-h"): Audit.backtest,
    ("customers", "all-h"): Audit.all_customers,
    ("retention", "changes-h"): Audit.changes,
    ("retention", "reasons-h"): Audit.reasons,
    ("retention", "cohorts-h"): Audit.cohorts,
    ("retention", "survival-h"): Audit.survival,
}


def links(path: Path) -> list[str]:
    """Where a page leads to."""
    return [node.attributes.get("href", "") for node in Page(path).root.all("a")]


@pytest.fixture(scope="module")
def database() -> Path:
    return company_folder(CLEAN) / "out" / "build" / "postsale.duckdb"


@pytest.fixture(scope="module")
def books(database: Path) -> Books:
    return Books(database)


@pytest.fixture(scope="module")
def pages(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(database, tmp_path_factory.mktemp("audit"), lambda _line: None).parent


@pytest.fixture(scope="module")
def drills(pages: Path) -> Drills:
    return Drills(pages / "drill")


@pytest.fixture
def audit(pages: Path, drills: Drills, books: Books) -> Audit:
    return Audit(pages, drills, books)


def assert_nothing_is_wrong(audit: Audit) -> None:
    assert not audit.wrong, "\n".join(audit.wrong)


def test_every_figure_of_every_page_of_a_theme_is_traced_to_rows(audit: Audit) -> None:
    for kind in [*THEMES, "retention", "lab"]:
        page = Page(audit.pages / f"{kind}.html")
        for section in page.sections:
            audit.section(kind, section)
        lead = THEMES[kind]["lead"] if kind in THEMES else "net_revenue_retention"
        if kind not in ("lab", "health"):  # the head of the page on health is that of its lists
            audit.headline(page, lead)
    for section in Page(audit.pages / "customers" / "index.html").sections:
        audit.section("customers", section)
    assert_nothing_is_wrong(audit)
    assert audit.used == set(REGISTER), "sections that no page has"


def test_every_tile_of_the_home_page_is_traced_to_rows(audit: Audit) -> None:
    page = Page(audit.pages / "index.html")
    tiles = page.root.all("article")
    assert [tile.attributes["id"].removeprefix("tile-") for tile in tiles] == list(TILES)
    for tile in tiles:
        audit.tile(tile)
    audit.strip(next(section for section in page.sections if section.label == "quality"))
    assert_nothing_is_wrong(audit)


def test_every_page_of_rows_shows_the_sums_of_the_rows_that_its_own_query_gives(audit: Audit) -> None:
    linked = {
        page
        for kind in [*THEMES, "retention", "lab", "index"]
        for link in links(audit.pages / f"{kind}.html")
        if (page := opened(link))
    }
    assert linked - {"losses", "cohorts"} <= set(audit.keys), "pages of rows that are not there"
    for metric in audit.drills:
        audit.rows_behind(metric)
    assert_nothing_is_wrong(audit)


def test_every_list_and_every_page_of_a_customer_is_made_of_rows(audit: Audit) -> None:
    for section in Page(audit.pages / "drill" / "losses.html").sections:
        audit.losses(section)
    for section in Page(audit.pages / "drill" / "cohorts.html").sections:
        audit.starters(section)
    facts = audit.customer_facts()
    for path in sorted((audit.pages / "customers").glob("*.html")):
        if path.stem != "index":
            audit.customer(path, facts)
    assert_nothing_is_wrong(audit)


def test_every_statistic_is_computed_anew_or_has_a_reason_why_not(books: Books) -> None:
    rules = {
        *RULES,
        *METHODS,
        *SURVIVAL,
        *(f"{key}{end}" for key in (*MEDIANS, *WAITS) for end in ("", "_p90")),
    }
    statistics = {key for key, row in books.metrics.items() if row["kind"] == "statistic"}
    assert statistics <= rules, "statistics that nobody here can trace"
    assert {*RULES, *METHODS, *SURVIVAL, *MEDIANS, *WAITS} <= statistics, "rules of no statistic"
    assert {*N_OF_OTHERS, *COVERAGE_OF_OTHERS, *COVERAGES} <= set(books.metrics)


#: Three customers, each the first of an order that knows no ties.
CHOSEN = {
    "largest": "select customer_id from marts.fct_customer_profiles order by arr_amount desc nulls last, customer_id limit 1",
    "left": (
        "select customer_id from marts.fct_customer_profiles inner join marts.fct_customer_months as months using (customer_id)"
        " where fct_customer_profiles.relationship_status = 'lost' group by 1 order by max(mrr_amount) desc, customer_id limit 1"
    ),
    "most cases": "select customer_id from marts.fct_customer_profiles order by case_count desc nulls last, customer_id limit 1",
}
#: Measures of a customer by what the exports have to give: metric, grain, part, dimension and member of its contribution.
CONTRIBUTED = {
    "monthly revenue now": ("recurring_revenue_movements", "t12m", "numerator", "movement", "closing"),
    "monthly revenue a year ago": ("recurring_revenue_movements", "t12m", "numerator", "movement", "opening"),
    "cases in twelve months": ("case_rate_per_customer", "t12m", "numerator", "all", "all"),
    "licences sold": ("license_adoption_rate", "month", "denominator", "all", "all"),
    "people who use the product": ("active_days_per_user", "month", "denominator", "all", "all"),
    "users who completed a course": (
        "training_participation_rate_self_paced",
        "month",
        "numerator",
        "all",
        "all",
    ),
    "people who would or would not recommend": ("nps", "month", "denominator", "all", "all"),
    "objectives of success plans": ("measurable_outcome_share", "month", "denominator", "all", "all"),
}
#: Tiles of a customer's page and the place of the measure in its words.
TOLD = {
    "yearly revenue now": ("Recurring revenue a year", 0),
    "cases in twelve months": ("Cases in 12 months", 0),
    "licences sold": ("Licences in use", 2),
    "people who use the product": ("Users", 0),
    "people who would or would not recommend": ("Would recommend us", 1),
}


def in_exports(customer: Customer, end: date, rates_of: date) -> dict[str, float]:
    """What the raw files say of a customer at a month-end."""
    before = month_end(end, 12)
    users = customer.users(end)
    revenue = customer.monthly_revenue(end, rates_of)
    return {
        "monthly revenue now": float(revenue),
        "yearly revenue now": float(12 * revenue),
        "monthly revenue a year ago": float(customer.monthly_revenue(before, rates_of)),
        "cases in twelve months": customer.tickets(before, end),
        "licences sold": float(customer.seats(end)),
        "people who use the product": len(users),
        "users who completed a course": len(customer.learners(before, end) & users),
        "people who would or would not recommend": customer.recommenders(before, end),
        "objectives of success plans": customer.objectives(end),
    }


def test_three_customers_are_traced_to_the_raw_exports(audit: Audit) -> None:
    traced: Counter[str] = Counter()
    end, rates_of = audit.books.tuples(
        "select max(month_end), any_value(fx_rate_date) from marts.fct_customer_profiles cross join marts.dim_as_of"
    )[0]
    for why, query in CHOSEN.items():
        customer_id: str = audit.books.tuples(query)[0][0]
        customer = Customer(company_folder(CLEAN) / "raw", customer_id.removeprefix("salesforce:"))
        audit.place = f"{why} {customer_id}"
        exact = in_exports(customer, end, rates_of)
        for name, (metric, grain, part, dimension, member) in CONTRIBUTED.items():
            counted = audit.books.tuples(
                f"select coalesce(sum({part}), 0) from marts.fct_metric_contributions left join (select distinct plan_key, customer_id"
                " from marts.fct_success_plans) on subject_id = plan_key where is_included and metric_key = $metric and period_grain = $grain"
                " and period_end = $end and dimension = $dimension and member = $member"
                " and coalesce(customer_id, split_part(subject_id, '|', 1)) = $customer",
                metric=metric, grain=grain, end=end, dimension=dimension, member=member, customer=customer_id,
            )[0][0]  # fmt: skip
            if abs(float(counted) - exact[name]) > 0.000001:
                audit.fail(f"{name} is {exact[name]} in the exports, {counted} in {metric}")
            traced[name] += exact[name] > 0
        page = Page(audit.pages / "customers" / f"{formats.slug(customer_id)}.html")
        tiles = {tile.all("h2")[0].text(): tile for tile in page.root.all("div") if tile.has_class("fact")}
        for name, (head, place) in TOLD.items():
            said = numbers(" ".join(part.text() for part in tiles[head].all("p")))
            if said and len(said) > place:
                audit.text(said[place].text, exact[name])
                traced[f"{name}, on the page"] += 1
        services = customer.monthly_revenue(end, rates_of, "Support")
        if services:
            held = next(row for row in page_tables(page) if row[0].text == "Held")
            audit.text(held[1].text, 12 * float(services))
            traced["services held"] += 1
        if not exact["monthly revenue now"]:
            # the last month-end with revenue, and what the next one lost of it
            last = max(date.fromisoformat(row["effective_end_date"]) for row in customer.charges)
            lost = customer.monthly_revenue(month_end(last, 1), rates_of)
            churned = audit.books.tuples(
                "select -mrr_change_amount from marts.fct_revenue_changes where customer_id = $customer and movement = 'churn'"
                " order by month_end desc limit 1",
                customer=customer_id,
            )
            if churned != [(lost,)]:
                audit.fail(f"{lost} ended in the exports, {churned} is lost in the warehouse")
            traced["revenue lost"] += 1
    assert_nothing_is_wrong(audit)
    assert set(traced) >= {*CONTRIBUTED, "services held", "revenue lost"} and min(traced.values()) > 0, traced


def page_tables(page: Page) -> Iterator[list[Cell]]:
    """Rows of all tables of a page."""
    for section in page.sections:
        for table in section.tables:
            yield from table.rows
