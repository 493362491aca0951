"""What the page of a theme says, by its layout in `reports/themes.yml`; no metric is computed here."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from postsale import charts, formats

if TYPE_CHECKING:
    from postsale.render import Scorecard

Row = dict[str, Any]

#: Members that have an order of their own; others are shown largest first.
ORDERS = {
    "class": ("defecting", "reducing", "watch", "healthy", "unknown"),
    "renews_within": ("90", "180", "365", "later", "none", "unknown"),
    "state": ("content", "anxious", "restless", "angry", "unknown"),
}
#: Steps from a visit of self-service to a case that was not needed.
STEPS = {
    "visits": "Visits",
    "entitled": "By customers who may open a case",
    "answer_found": "Answer found",
    "case_intended": "Would have been a case",
    "deflected": "Nothing further needed",
}
#: Bands of the value chain, the best first.
ADOPTION_BANDS = ("green", "amber", "red", "ramp", "unknown")
SUCCESS_BANDS = ("high", "mid", "low", "unknown")
#: Deals from which on a message or resource has a rank.
RANKED_FROM = 10
#: Kinds of contracts in the calendar of renewals, services first.
CONTRACT_KINDS = {"service": "Service contracts", "product": "Product contracts"}
#: What has become of contracts that fall due, in words, and its colour.
RENEWAL_PARTS = {
    "booked": ("Booked", charts.ACTUAL),
    "open": ("Open", "#a9b3bf"),
    "at_risk": ("At risk", charts.BAD),
}
#: Kinds of revenue that one more dollar goes with.
SCENARIOS = {"direct": "Direct revenue", "indirect": "Influenced revenue", "all": "Revenue of both kinds"}
#: Outcomes of the back-test in words.
OUTCOMES = {"churn": "left", "churn_or_contraction": "left or spent less"}


def place(order: Sequence[str], member: Any) -> int:
    """Place of a member in an order; those it does not name come last."""
    return order.index(member) if member in order else len(order)


class ThemePages:
    """Sections of the pages of themes, made from a scorecard's rows."""

    def __init__(self, card: Scorecard) -> None:
        self.card = card

    def shares(self, key: str, dimension: str | None, prefix: str, most: int = 15) -> Row | None:
        """Members of a metric as bars, with the largest known one in a sentence; None without values."""
        rows = [
            row
            for row in self.card.own_members(key, dimension)
            if row["value"] or (row["value"] is not None and row["dimension"] in ORDERS)
        ]
        rows = (
            rows[:most]
            if not rows or rows[0]["dimension"] in ORDERS
            else sorted(rows, key=lambda row: (-row["value"], row["member"]))[:most]
        )
        if not rows:
            return None
        metric = self.card.metric(key)
        unit = "ratio" if metric["unit"] == "text-mix" else metric["unit"]
        style = None if metric["unit"] == "text-mix" else metric["format"]
        text = [formats.number(row["value"], unit, style, self.card.currency, compact=True) for row in rows]
        data = [
            {"name": row["label"], "value": float(row["value"]), "short": shown, "text": shown}
            for row, shown in zip(rows, text, strict=True)
        ]
        label = f"{metric['title']}: " + ", ".join(f"{d['name']} {d['text']}" for d in data) + "."
        named = [
            (row["value"], d)
            for row, d in zip(rows, data, strict=True)
            if row["member"] not in ("unknown", "none")
        ]
        first = (
            max(named, key=lambda pair: pair[0])[1]
            if named and max(named, key=lambda pair: pair[0])[0] > 0
            else data[0]
        )
        unknown = next(
            (
                d
                for row, d in zip(rows, data, strict=True)
                if row["member"] == "unknown" and row["value"] > 0 and d is not first
            ),
            None,
        )
        return {
            "metric": metric,
            "title": f"{metric['title']}: {first['name']} first, {first['text']}",
            "unknown": unknown and f"Unknown for {unknown['text']}.",
            "period": formats.period(rows[0]["period_grain"], rows[0]["period_end"]),
            "chart": charts.bars(data, label, prefix),
            "href": self.card.drill_file(key),
        }

    def change(self, key: str, value: Any) -> str:
        """A difference of a metric with its sign and unit."""
        metric = self.card.metric(key)
        return formats.change(value, metric["unit"], metric["format"], self.card.currency)

    def band_table(self, layout: Row) -> Row | None:
        """What customers did by the band they were in, low to high, with the gap between the ends as a sentence; None without values."""
        metrics: dict[str, str] = layout["metrics"]
        members = {key: {row["member"]: row for row in self.card.own_members(key)} for key in metrics}
        found = [row for rows in members.values() for row in rows.values()]
        if not any(row["value"] is not None for row in found):
            return None
        order: Sequence[str] = layout["order"]
        names = sorted({row["member"] for row in found}, key=lambda member: (place(order, member), member))
        gaps = [
            f"{name} {self.change(key, self.card.values[key]['value'])}"
            for key, name in metrics.items()
            if key in self.card.values and self.card.values[key]["value"] is not None
        ]
        shown = [key for key in metrics if members[key]]
        return {
            "title": layout["title"]
            + (f": {gaps[0][:1].lower() + gaps[0][1:]} from {layout['ends']}" if gaps else ""),
            "gaps": gaps,
            "ends": layout["ends"],
            "head": layout["head"],
            "note": layout["note"],
            "period": formats.period(found[0]["period_grain"], found[0]["period_end"]),
            "columns": [(self.card.metric(key), metrics[key]) for key in shown],
            "lines": [
                {
                    "label": formats.member(found[0]["dimension"], member),
                    "cells": [(self.card.metric(key), members[key].get(member)) for key in shown],
                }
                for member in names
            ],
        }

    def evidence(self, keys: Sequence[str], prefix: str) -> Row | None:
        """Effects or correlations with interval, verdict and the plain gap beside; with too little evidence no number is shown."""
        lines = []
        for key in keys:
            metric = self.card.metric(key)
            # a correlation of 0.31 is not one of 0.3
            style = "decimal2" if metric["format"] == "decimal" else metric["format"]
            show = partial(formats.change, unit=metric["unit"], style=style, currency=self.card.currency)
            total = (
                [self.card.values[key] | {"dimension": "all", "member": "all", "label": "All together"}]
                if key in self.card.values
                else []
            )
            for row in [*total, *self.card.own_members(key)]:
                more = self.card.effects.get((key, row["dimension"], row["member"]), {})
                is_shown = row["verdict"] in ("supported", "not_supported") and row["value"] is not None
                lines.append(
                    {
                        "metric": metric,
                        "label": metric["title"] if row["dimension"] == "all" else row["label"],
                        "is_total": row["dimension"] == "all",
                        "row": row,
                        "value": show(row["value"]) if is_shown else None,
                        "interval": f"{show(row['ci_low'])} to {show(row['ci_high'])}"
                        if is_shown and row["ci_low"] is not None and row["ci_high"] is not None
                        else None,
                        "gap": show(more["raw_gap"]) if more.get("raw_gap") is not None else None,
                        "before": f"{show(more['placebo_ci_low'])} to {show(more['placebo_ci_high'])}"
                        if is_shown and more.get("placebo_ci_low") is not None
                        else None,
                        "controls": more.get("n_control"),
                        "words": formats.EVIDENCE.get(
                            row["verdict"] or "", formats.verdict(row, metric["subject"])
                        ),
                        "href": self.card.drill_file(key),
                    }
                )
        if not lines:
            return None
        drawn = [
            {
                "name": line["label"],
                "value": float(line["row"]["value"]),
                "low": float(line["row"]["ci_low"]),
                "high": float(line["row"]["ci_high"]),
                "short": line["value"],
                "text": f"{line['value']} ({line['words'].lower().removesuffix(' by the evidence')})",
            }
            for line in lines
            # members of several metrics have the same names: they are in the table, and on the page of all effects
            if line["interval"] and (line["is_total"] or len(keys) == 1)
        ]
        label = "Differences with their 95 % intervals: " + "; ".join(
            f"{line['label']} {line['value']}, {line['interval']}, {line['words'].lower()}"
            for line in lines
            if line["interval"]
        )
        proved = [line for line in lines if line["row"]["verdict"] == "supported" and line["value"]]
        weak = sum(1 for line in lines if not line["value"])
        if proved:
            best = proved[0]
            kind = "" if best["is_total"] else f", {best['label'].lower()}"
            title = f"{best['metric']['title']}{kind}: {best['value']}, supported by the evidence"
        elif drawn:
            title = "No difference is supported by the evidence yet"
        else:
            title = "Too little evidence yet"
        return {
            "title": title,
            "lines": lines,
            "weak": weak,
            "chart": charts.intervals(drawn, label + ".", prefix) if drawn else "",
        }

    def lab(self) -> list[Row]:
        """Every effect by itself, in the order of the catalogue."""
        of = {key for key, _, _ in self.card.effects}
        keys = list(
            dict.fromkeys(row["metric_key"] for row in self.card.rows["metrics"] if row["metric_key"] in of)
        )
        found = [(key, self.evidence([key], f"lab{number}")) for number, key in enumerate(keys)]
        return [evidence | {"metric": self.card.metric(key)} for key, evidence in found if evidence]

    def durations(self, keys: Sequence[str]) -> Row | None:
        """Medians with the ninetieth percentile beside; None without values."""
        shown = [
            key for key in keys if key in self.card.values and self.card.values[key]["value"] is not None
        ]
        if not shown:
            return None
        highs = {
            key: {(row["dimension"], row["member"]): row for row in self.card.own_members(f"{key}_p90")}
            for key in shown
        }
        return {
            "title": self.card.message(shown[0]),
            "lines": [
                {
                    "metric": self.card.metric(key),
                    "value": self.card.values[key],
                    "high": self.card.values.get(f"{key}_p90"),
                    "members": [
                        row | {"high": highs[key].get((row["dimension"], row["member"]))}
                        for row in self.card.own_members(key)
                        if row["value"] is not None
                    ],
                }
                for key in shown
            ],
        }

    def releases(self) -> Row | None:
        """Defect rates of releases beside their control limits, those above it first; None without any."""
        rows = self.card.rows["releases"]
        if not rows:
            return None
        rate = partial(formats.number, unit="count", style="decimal2")
        data = [
            {
                "name": row["release_label"],
                "value": float(row["defect_rate"]),
                "limit": None if row["limit_rate"] is None else float(row["limit_rate"]),
                "short": rate(row["defect_rate"]) + (" above" if row["is_above_limit"] else ""),
                "text": f"{rate(row['defect_rate'])}, {formats.plural(row['defect_case_count'], 'case')}"
                + (
                    " – above its limit"
                    if row["is_above_limit"]
                    else ""
                    if row["limit_rate"] is not None
                    else " – no limit yet"
                ),
            }
            for row in rows
        ]
        above, count = rows[0]["above_limit_count"], rows[0]["release_count"]
        label = (
            "Defect cases for each hundred seats: "
            + ", ".join(f"{d['name']} {d['text']}" for d in data)
            + "."
        )
        verb = "has" if above == 1 else "have"
        title = (
            f"{formats.amount(above)} of {formats.plural(count, 'release')} {verb}"
            if above
            else "No release has"
        )
        return {
            "title": f"{title} more defects than chance explains",
            "period": formats.month(rows[0]["month_end"]),
            "shown": f"{len(rows)} of {formats.plural(count, 'release')}" if count > len(rows) else "",
            "chart": charts.limits(data, label, "releases"),
        }

    def chain(self) -> Row | None:
        """From visits of self-service to cases that were not needed, step by step; None where a step is unknown."""
        rows = [row for row in self.card.rows["deflection_chain"] if row["visits"] is not None]
        if len(rows) < 2 or rows[0]["step"] != "visits":
            return None
        data = []
        for row in rows:
            visits = formats.number(row["visits"], "count", "integer0")
            share = (
                ""
                if row["share_of_step_before"] is None
                else f"{formats.number(row['share_of_step_before'], 'ratio')} of the step before"
            )
            data.append(
                {
                    "name": STEPS.get(row["step"], formats.words(row["step"])),
                    "value": float(row["visits"]),
                    "short": visits,
                    "text": f"{visits}{', ' if share else ''}{share}",
                }
            )
        first, last = data[0], data[-1]
        return {
            "title": f"Of {first['short']} visits, {last['short']} made a case unnecessary",
            "period": formats.period(rows[0]["period_grain"], rows[0]["period_end"]),
            "chart": charts.bars(
                data,
                "From visit to solved: " + ", ".join(f"{d['name']} {d['text']}" for d in data) + ".",
                "chain",
            ),
        }

    def funnel(self) -> Row | None:
        """How far quotes for services have come, step by step; None without any quote."""
        rows = self.card.rows["quote_funnel"]
        if not rows or not rows[0]["quote_count"]:
            return None
        data = [
            {
                "name": formats.words(row["step"]),
                "value": float(row["quote_count"]),
                "short": formats.amount(row["quote_count"]),
                "text": formats.plural(row["quote_count"], "quote"),
            }
            for row in rows
        ]
        accepted = next((row["quote_count"] for row in rows if row["step"] == "accepted"), 0)
        return {
            "title": f"Of {formats.plural(rows[0]['quote_count'], 'quote')} for services, {formats.amount(accepted)} are accepted",
            "period": formats.period(rows[0]["period_grain"], rows[0]["period_end"]),
            "chart": charts.bars(
                data,
                "From quote to schedule: " + ", ".join(f"{d['name']} {d['text']}" for d in data) + ".",
                "funnel",
            ),
        }

    def programs(self) -> Row | None:
        """Service offers by how often they were bought, new purchases and renewals apart; None without any."""
        rows = self.card.rows["programs"]
        if not rows:
            return None
        ranked = [row for row in rows if row["purchase_rank"] == 1 and row["sale_kind"] == "new"]
        title = f"Bought most: {ranked[0]['offer_name']}" if ranked else "Service programs bought"
        return {
            "title": title,
            "period": formats.period(rows[0]["period_grain"], rows[0]["period_end"]),
            "href": self.card.drill_file("program_purchase_rank"),
            "kinds": [
                {"name": name, "rows": found}
                for kind, name in (("new", "New"), ("renewal", "Renewed"))
                if (found := [row for row in rows if row["sale_kind"] == kind])
            ],
        }

    def win_rates(self, layout: Row) -> Row | None:
        """Win rates by message and resource with interval, largest first; ranked from ten deals on, as small ones are chance."""
        groups = []
        for key, name in layout.items():
            rows = [row for row in self.card.own_members(key) if row["denominator"]]
            ranked = sorted(
                (row for row in rows if row["n"] >= RANKED_FROM and row["value"] is not None),
                key=lambda row: (-row["value"], row["member"]),
            )
            few = sorted(
                (row for row in rows if row not in ranked), key=lambda row: (-row["n"], row["member"])
            )
            lines = [
                {
                    "rank": place_,
                    "row": row,
                    "interval": f"{formats.number(row['ci_low'], 'ratio')} to {formats.number(row['ci_high'], 'ratio')}"
                    if place_ and row["ci_low"] is not None
                    else None,
                }
                for place_, row in [*enumerate(ranked, 1), *((None, row) for row in few)]
            ]
            if lines:
                groups.append(
                    {
                        "name": name,
                        "metric": self.card.metric(key),
                        "lines": lines,
                        "href": self.card.drill_file(key),
                    }
                )
        if not groups:
            return None
        first = next(
            (
                line["row"]
                for group in groups
                for line in group["lines"]
                if line["rank"] == 1 and group["name"] == "Resource"
            ),
            None,
        )
        shown = groups[0]["lines"][0]["row"]
        return {
            "title": f"Won most often with {first['label']}, {formats.number(first['value'], 'ratio')}"
            if first
            else "Messages and resources in deals for services",
            "period": formats.period(shown["period_grain"], shown["period_end"]),
            "groups": groups,
        }

    def practices(self) -> Row | None:
        """What the company says of its practices beside what records show; None if it says nothing."""
        rows = self.card.rows["practices"]
        if not rows:
            return None
        known = [row for row in rows if row["finding"] != "unknown"]
        missing = [row for row in known if row["finding"] == "said_not_shown"]
        title = "What we say we do, and what the records show"
        if known:
            title = f"{len(missing)} of {len(known)} practices that we judged are said and not shown"
        return {
            "title": title,
            "lines": [
                {
                    **row,
                    "label": formats.known(row["activity_key"]),
                    "group": formats.member("category", row["category"]),
                }
                for row in rows
            ],
        }

    def value_chain(self) -> Row | None:
        """What became of customers by adoption and success together, a table of pairs of bands; None without any pair that is known."""
        cells = {(row["adoption_band"], row["success_band"]): row for row in self.card.rows["value_chain"]}
        known = [row for pair, row in cells.items() if "unknown" not in pair]
        if not known:
            return None
        orders = {"adoption_band": ADOPTION_BANDS, "success_band": SUCCESS_BANDS}
        names = {
            dimension: [
                (band, formats.member(dimension, band))
                for band in order
                if any(row[dimension] == band for row in cells.values())
            ]
            for dimension, order in orders.items()
        }
        gap = self.card.values.get("value_chain_matrix")
        title = "How retention depends on adoption and success together"
        if gap and gap["value"] is not None:
            title = f"High in both instead of low in both: customers kept {self.change('value_chain_matrix', gap['value'])}"
        return {
            "title": title,
            "period": formats.period(known[0]["period_grain"], known[0]["period_end"]),
            "columns": [name for _, name in names["success_band"]],
            "lines": [
                {"label": label, "cells": [cells.get((band, other)) for other, _ in names["success_band"]]}
                for band, label in names["adoption_band"]
            ],
            "href": self.card.drill_file("value_chain_matrix"),
        }

    def heat(self, layout: Row) -> Row | None:
        """Shares of several metrics by the members of a dimension, a table whose cells are shaded; None without values."""
        metrics: dict[str, str] = layout["metrics"]
        found = {
            key: {row["member"]: row for row in self.card.members.get((key, layout["dimension"]), [])}
            for key in metrics
        }
        known = [
            row | {"metric": key}
            for key, members in found.items()
            for row in members.values()
            if row["value"] is not None
        ]
        if not known:
            return None
        dimension = layout["dimension"]
        low = min(known, key=lambda row: (row["member"] == "unknown", row["value"], row["member"]))
        names = sorted({row["member"] for row in known}, key=lambda member: (member == "unknown", member))
        share = formats.number(low["value"], "ratio", "percent_0")
        return {
            "title": f"Least covered: {metrics[low['metric']].lower()} at {formats.member(dimension, low['member'])}, {share}",
            "period": formats.period(known[0]["period_grain"], known[0]["period_end"]),
            "head": formats.words(dimension),
            "columns": [formats.member(dimension, name) for name in names],
            "lines": [
                {
                    "label": label,
                    "metric": self.card.metric(key),
                    "cells": [
                        {
                            "row": row,
                            "shade": None if row is None or row["value"] is None else int(10 * row["value"]),
                        }
                        for row in (found[key].get(name) for name in names)
                    ],
                }
                for key, label in metrics.items()
            ],
        }

    def grid(self, layout: Row) -> Row | None:
        """A share by two dimensions at once, a table whose cells are shaded, with each by itself at the edges; None without values."""
        key, dimension = layout["metric"], layout["dimension"]
        first, second = dimension.split("_")
        cells = {
            tuple(row["member"].split("|", 1)): row for row in self.card.members.get((key, dimension), [])
        }
        known = [(pair, row) for pair, row in cells.items() if row["value"] is not None]
        if not known:
            return None
        edges = {
            name: {row["member"]: row for row in self.card.members.get((key, name), [])}
            for name in (first, second)
        }
        lines, columns = (
            sorted({pair[place_] for pair in cells}, key=lambda name: (name == "unknown", name))
            for place_ in (0, 1)
        )

        def cell(row: Row | None) -> Row:
            return {
                "row": row,
                "shade": None if row is None or row["value"] is None else int(10 * row["value"]),
            }

        low, row = min(known, key=lambda found: (found[1]["value"], found[0]))
        where = " ".join((formats.member(first, low[0]), formats.member(second, low[1]).lower()))
        return {
            "metric": self.card.metric(key),
            "title": f"{layout['title']}: {where}, {formats.number(row['value'], 'ratio', 'percent_0')}",
            "period": formats.period(row["period_grain"], row["period_end"]),
            "head": f"{formats.words(first)} ↓ {formats.words(second)} →",
            "columns": [formats.member(second, name) for name in columns],
            "lines": [
                {
                    "label": formats.member(first, name),
                    "cells": [cell(cells.get((name, column))) for column in columns]
                    + [cell(edges[first].get(name))],
                }
                for name in lines
            ]
            + [
                {
                    "label": "All",
                    "cells": [cell(edges[second].get(column)) for column in columns]
                    + [cell(self.card.values.get(key))],
                }
            ],
            "note": layout["note"],
        }

    def profit_lines(self, layout: Row) -> Row | None:
        """What each service line earned, cost and contributed, with all of them below; None without values. The last metric orders."""
        metrics: dict[str, str] = layout["metrics"]
        last = list(metrics)[-1]
        found = {
            key: {row["member"]: row for row in self.card.members.get((key, layout["dimension"]), [])}
            for key in metrics
        }
        known = [row for row in found[last].values() if row["value"] is not None]
        if not known:
            return None
        names = sorted(
            {member for rows in found.values() for member in rows},
            key=lambda name: (-((found[last].get(name) or {}).get("value") or Decimal(0)), name),
        )
        best, total = max(known, key=lambda row: (row["value"], row["member"])), self.card.values.get(last)
        money = partial(formats.money, currency=self.card.currency, compact=True)
        first = (
            f"most by {formats.member(layout['dimension'], best['member']).lower()}, {money(best['value'])}"
        )
        return {
            "title": f"Services contribute {money(total['value'])}, {first}"
            if total and total["value"] is not None
            else f"Services contribute {first}",
            "period": formats.period(best["period_grain"], best["period_end"]),
            "columns": [(self.card.metric(key), name) for key, name in metrics.items()],
            "lines": [
                {
                    "label": formats.member(layout["dimension"], name),
                    "is_total": False,
                    "cells": [found[key].get(name) for key in metrics],
                }
                for name in names
            ]
            + [
                {
                    "label": "All services",
                    "is_total": True,
                    "cells": [self.card.values.get(key) for key in metrics],
                }
            ],
        }

    def indirect(self) -> Row | None:
        """Revenue in which services had a hand beside revenue that would not be without them, which are no sum; None without either."""
        most, added = (
            self.card.values.get(key) for key in ("service_influenced_revenue", "service_indirect_revenue")
        )
        if most is None and added is None:
            return None
        money = partial(formats.money, currency=self.card.currency, compact=True)
        is_shown = bool(
            added and added["verdict"] in ("supported", "not_supported") and added["value"] is not None
        )
        interval = (
            f"{money(added['ci_low'])} to {money(added['ci_high'])}"
            if added and is_shown and added["ci_low"] is not None and added["ci_high"] is not None
            else None
        )
        parts = []
        if most and most["value"] is not None:
            parts.append(f"services had a hand in {money(most['value'])} at most")
        if added and added["verdict"] == "supported" and is_shown:
            parts.append(f"they added {money(added['value'])}")
        else:
            parts.append(
                "that they added revenue is not supported by the evidence"
                if is_shown
                else "there is too little evidence of what they added"
            )
        text = "; ".join(parts)
        return {
            "title": text[:1].upper() + text[1:],
            "lines": [
                {
                    "metric": self.card.metric(key),
                    "name": name,
                    "what": what,
                    "row": row,
                    "value": money(row["value"])
                    if row["value"] is not None and (key == "service_influenced_revenue" or is_shown)
                    else None,
                    "interval": interval if key == "service_indirect_revenue" else None,
                    "words": "An upper bound"
                    if key == "service_influenced_revenue"
                    else formats.EVIDENCE.get(row["verdict"] or "", formats.verdict(row)),
                    "href": self.card.drill_file(key),
                    "period": formats.period(row["period_grain"], row["period_end"]),
                }
                for key, name, what, row in (
                    (
                        "service_influenced_revenue",
                        "Influenced",
                        "Won at customers that had used a service before",
                        most,
                    ),
                    (
                        "service_indirect_revenue",
                        "Incremental",
                        "Paid by customers with services beyond comparable ones without",
                        added,
                    ),
                )
                if row is not None
            ],
        }

    def scenarios(self) -> Row | None:
        """What one more dollar in services goes with, from the low to the high end of its interval; None without any."""
        rows = self.card.rows["service_scenarios"]
        if not rows:
            return None
        show = partial(formats.number, unit="money", style="decimal2", currency=self.card.currency)
        proved = next(
            (
                row
                for row in reversed(rows)
                if row["verdict"] == "supported" and row["mid_amount"] is not None
            ),
            None,
        )
        dollar = formats.money(rows[0]["extra_cost_amount"] or Decimal(1), self.card.currency)
        title = f"What {dollar} more in services would bring is not supported by the evidence"
        if proved:
            kind = SCENARIOS.get(proved["revenue"], formats.words(proved["revenue"])).lower()
            title = f"{dollar} more in services goes with {show(proved['mid_amount'])} more {kind}"
        return {
            "title": title,
            "period": formats.period("quarter", rows[0]["period_end"]),
            "lines": [
                {
                    "label": SCENARIOS.get(row["revenue"], formats.words(row["revenue"])),
                    "cells": [
                        show(row[f"{end}_amount"]) if row["mid_amount"] is not None else formats.DASH
                        for end in ("low", "mid", "high")
                    ],
                    "words": formats.EVIDENCE.get(row["verdict"] or "", formats.words(row["verdict"])),
                }
                for row in rows
            ],
        }

    def calendar(self) -> Row | None:
        """Contracts that fall due in the coming twelve months, services first: what is booked, open and at risk; None without any."""
        money = partial(formats.money, currency=self.card.currency, compact=True)
        kinds: list[Row] = []
        for kind, name in CONTRACT_KINDS.items():
            rows = [row for row in self.card.rows["renewals_calendar"] if row["contract_kind"] == kind]
            if not rows or not rows[0]["all_due_count"]:
                continue
            data = []
            for row in rows:
                total = sum((row[f"{part}_amount"] for part in RENEWAL_PARTS), Decimal(0))
                data += [
                    {
                        "name": formats.month(row["month_end"]),
                        "short": formats.month(row["month_end"])[:3],
                        "part": words,
                        "value": float(row[f"{part}_amount"]),
                        "total": float(total),
                        "text": money(total) if total else "",
                    }
                    for part, (words, _) in RENEWAL_PARTS.items()
                ]
            label = f"{name} by the month in which they fall due: " + "; ".join(
                f"{formats.month(row['month_end'])} "
                + ", ".join(
                    f"{words.lower()} {money(row[f'{part}_amount'])}"
                    for part, (words, _) in RENEWAL_PARTS.items()
                )
                for row in rows
            )
            kinds.append(
                {
                    "name": name,
                    "rows": rows,
                    "chart": charts.stacked(
                        data, list(RENEWAL_PARTS.values()), label + ".", f"calendar-{kind}"
                    ),
                }
            )
        if not kinds:
            return None
        lead = kinds[0]["rows"][0]
        risk = lead["all_at_risk_amount"]
        return {
            "title": f"{kinds[0]['name']} worth {money(lead['all_available_amount'])} a year fall due in the coming twelve months"
            + (f", {money(risk)} of it at risk" if risk else ", none of it at risk"),
            "kinds": kinds,
        }

    def glance(self, keys: Sequence[str]) -> list[Row]:
        """The leading figures of a theme, those that have one."""
        return [
            {"metric": self.card.metric(key), "value": self.card.values[key], "spark": self.card.spark(key)}
            for key in keys
            if key in self.card.values
        ]

    def theme(self, layout: Row) -> Row:
        """What the page of a theme shows, by its layout; what has no figure yet is left out."""
        lead, names, columns = layout["lead"], layout.get("trend", {}), layout.get("groups", {})
        chart = self.card.lines(names, layout["title"], "trend")
        metrics = self.card.metric_rows(layout["theme"])
        splits = [entry.partition("/")[::2] for entry in layout.get("mixes", ())]
        return {
            **layout,
            "message": self.card.message(lead) if lead in self.card.values else layout["title"],
            "headline": self.card.values.get(lead),
            "is_empty": not any(line["value"] or line["members"] for line in metrics),
            "glance": self.glance(layout["glance"]),
            "trend": chart
            and {
                "chart": chart,
                "names": [
                    name
                    for key, name in names.items()
                    if any(row["value"] is not None for row in self.card.history.get(key, []))
                ],
                "unit": "month",
                "title": self.card.message(
                    next((key for key in reversed(names) if key in self.card.values), lead)
                ),
            },
            "groups": self.card.breakdown(list(columns), ""),
            "group_columns": list(columns.items()),
            "weakest": self.card.weakest(next(iter(columns), lead), f"{layout['title']} by group"),
            "mixes": [
                mix
                for key, dimension in splits
                if (mix := self.shares(key, dimension or None, formats.slug(f"{key}-{dimension}")))
            ],
            "rankings": [
                ranking
                for key, dimension in layout.get("rankings", {}).items()
                if (ranking := self.shares(key, dimension, formats.slug(key)))
            ],
            "bands": [table for bands in layout.get("bands", ()) if (table := self.band_table(bands))],
            "effects": self.evidence(layout.get("effects", ()), "effects"),
            "correlations": self.evidence(layout.get("correlations", ()), "correlations"),
            "practices": self.practices() if layout.get("practices") else None,
            "releases": self.releases() if layout.get("releases") else None,
            "heat": self.heat(layout["heat"]) if layout.get("heat") else None,
            "grid": self.grid(layout["grid"]) if layout.get("grid") else None,
            "bridge": self.card.bridge(layout["bridge"]) if layout.get("bridge") else None,
            "calendar": self.calendar() if layout.get("calendar") else None,
            "profit_lines": self.profit_lines(layout["profit_lines"]) if layout.get("profit_lines") else None,
            "indirect": self.indirect() if layout.get("indirect") else None,
            "scenarios": self.scenarios() if layout.get("scenarios") else None,
            "support": self.glance(layout.get("support", ())),
            "chain": self.chain() if layout.get("chain") else None,
            "funnel": self.funnel() if layout.get("funnel") else None,
            "programs": self.programs() if layout.get("programs") else None,
            "win_rates": self.win_rates(layout["win_rates"]) if layout.get("win_rates") else None,
            "value_chain": self.value_chain() if layout.get("value_chain") else None,
            "effects_note": layout.get("effects_note", ""),
            "correlations_note": layout.get("correlations_note", ""),
            "durations": self.durations(layout["durations"]) if layout.get("durations") else None,
            "metrics": metrics,
        }

    def health(self) -> Row:
        """What the page on health and risk shows beside what every theme's page does."""
        rows, values = self.card.rows["at_risk"], self.card.values
        money = partial(formats.money, currency=self.card.currency, compact=True)
        risk, share = values.get("revenue_at_risk"), values.get("revenue_at_risk_share")
        message = self.card.message("revenue_at_risk") if risk else "Health and risk"
        if risk and risk["value"] is not None:
            message = f"{money(risk['value'])} of revenue a year is at risk"
            if share and share["value"] is not None:
                message += f", {formats.number(share['value'], 'ratio')} of all"
            if rows:
                message += f", at {formats.plural(rows[0]['customer_count'], 'customer')}"
        classes = sorted(
            self.card.rows["risk_classes"], key=lambda row: place(ORDERS["class"], row["risk_class"])
        )
        count = sum(row["customer_count"] for row in classes)
        data = [
            {
                "name": formats.CLASSES.get(row["risk_class"], (formats.words(row["risk_class"]), ""))[0],
                "value": float(row["customer_count"]),
                "short": formats.amount(row["customer_count"]),
                "text": f"{formats.plural(row['customer_count'], 'customer')}, {money(row['arr_amount'] or Decimal(0))} a year",
            }
            for row in classes
        ]
        healthy = next((row["customer_count"] for row in classes if row["risk_class"] == "healthy"), 0)
        return {
            "message": message,
            "customers": rows,
            "classes": classes
            and {
                "title": f"{formats.amount(healthy)} of {formats.plural(count, 'customer')} {'is' if healthy == 1 else 'are'} healthy",
                "month_end": classes[0]["month_end"],
                "chart": charts.bars(
                    data,
                    "Customers by class: " + ", ".join(f"{d['name']} {d['text']}" for d in data) + ".",
                    "classes",
                ),
            },
            "renewals": self.shares("revenue_at_risk", "renews_within", "renewals"),
            "calibration": self.calibration(),
            "response": self.response(),
        }

    def response(self) -> list[Row]:
        """What was done about risks and what came of it."""
        return self.glance(
            ["at_risk_intervention_rate", "at_risk_recovery_rate", "healthy_customer_nurture_rate"]
        )

    def calibration(self) -> Row | None:
        """The back-test: what classes foretold against what happened, in a picture and in words; None where there is none."""
        sentences = []
        for dimension_member, what in (
            ("defecting", "left"),
            ("defecting_or_reducing", "left or spent less"),
        ):
            found = {
                key: next(
                    (
                        row
                        for row in self.card.own_members(key)
                        if row["member"] == dimension_member and row["value"] is not None
                    ),
                    None,
                )
                for key in ("risk_precision", "risk_recall", "risk_lift")
            }
            name = (
                "At risk of leaving"
                if dimension_member == "defecting"
                else "At risk of leaving or of spending less"
            )
            parts, hundred = [], partial(formats.number, unit="count", style="integer0")
            if row := found["risk_precision"]:
                parts.append(
                    f"of 100 customers that we said were at risk, {hundred(100 * row['value'])} {what} within six months"
                )
            if row := found["risk_recall"]:
                parts.append(f"of 100 that {what}, we had said so of {hundred(100 * row['value'])}")
            if row := found["risk_lift"]:
                times = formats.number(row["value"], "count", "decimal1")
                parts.append(
                    f"whom we said to be at risk {what} {times} times as often as the average customer"
                )
            if parts and (weak := formats.verdict(found["risk_precision"])):
                parts.append(f"read with care: {weak}")
            if parts:
                sentences.append({"name": name, "text": "; ".join(parts) + "."})
        table = self.card.rows["calibration"]
        rows = [
            row
            for row in table
            if row["outcome"] == "churn"
            and row["predicted_rate"] is not None
            and row["observed_rate"] is not None
        ]
        data = [
            {
                "name": formats.CLASSES.get(row["risk_class"], (formats.words(row["risk_class"]), ""))[0],
                "predicted": float(row["predicted_rate"]),
                "observed": float(row["observed_rate"]),
                "low": float(row["observed_rate"] if row["ci_low"] is None else row["ci_low"]),
                "high": float(row["observed_rate"] if row["ci_high"] is None else row["ci_high"]),
            }
            for row in rows
        ]
        if not data and not sentences:
            return None
        label = "What was foretold against what happened: " + ", ".join(
            f"{d['name']} foretold {formats.number(d['predicted'], 'ratio')}, happened {formats.number(d['observed'], 'ratio')}"
            for d in data
        )
        return {
            "title": sentences[0]["text"][:1].upper() + sentences[0]["text"][1:].split(";")[0].rstrip(".")
            if sentences
            else "Forecasts against what happened",
            "sentences": sentences,
            "chart": charts.calibration(data, label + ".") if data else "",
            "table": [
                row | {"outcome": OUTCOMES.get(row["outcome"], formats.words(row["outcome"]))}
                for row in table
            ],
        }
