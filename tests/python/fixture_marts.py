"""A small warehouse file with plausible marts, so that pages can be rendered without a build.

Every figure follows from one table of monthly revenue per customer, so bridges close and drill-downs add up.
The same arguments give the same rows.
"""

from __future__ import annotations

import calendar
import csv
import random
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

MARTS = Path(__file__).resolve().parents[2] / "reports" / "marts.yml"
SCRIPT_NAME = "<script>alert(1)</script>"
START = (2021, 1)
MONTHS = 55  # January 2021 to July 2025; July is unfinished
AS_OF = date(2025, 7, 14)
LAST_COMPLETE = 53
SEGMENTS = ("Enterprise", "Mid-market", "Small business")
REGIONS = ("Americas", "EMEA", "APAC")
CHANNELS = ("Direct", "Partner")
FAMILIES = ("Core platform", "Analytics", "Maintenance")
BANDS = ("<1", "1-2", "2-3", "3-5", "5+")
REASONS = (
    "value_not_perceived",
    "price_budget",
    "not_used",
    "competitor",
    "business_closed_or_acquired",
    "unknown",
)
FIRST = (
    "Alder",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Fjord",
    "Granite",
    "Harbor",
    "Iris",
    "Juniper",
    "Keystone",
    "Lumen",
)
SECOND = (
    "Works",
    "Systems",
    "Logistics",
    "Health",
    "Foods",
    "Energy",
    "Labs",
    "Freight",
    "Capital",
    "Media",
    "Optics",
)

Row = dict[str, Any]


@dataclass
class Customer:
    """One customer and its monthly revenue, index 0 being the first month."""

    customer_id: str
    name: str
    segment: str
    region: str
    channel: str
    family: str
    start: int
    mrr: list[Decimal] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)
    is_unmatched: bool = False


def month_end(index: int) -> date:
    """Last day of the month with this index."""
    year, month = divmod(START[0] * 12 + START[1] - 1 + index, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def simulate(count: int = 160) -> list[Customer]:
    """Customers with growth, reductions, losses and a few returns."""
    rng = random.Random(20250714)
    customers = []
    for i in range(count):
        segment = SEGMENTS[0 if i % 7 == 0 else 1 if i % 3 == 0 else 2]
        base = {"Enterprise": 9000, "Mid-market": 2600, "Small business": 620}[segment]
        name = f"{FIRST[i % 12]} {SECOND[(i // 12 + i) % 11]}"
        customer = Customer(
            f"crm:{1000 + i}",
            name,
            segment,
            REGIONS[(i * 5 + i // 9) % 3],
            CHANNELS[(i // 4) % 2],
            FAMILIES[i % 3],
            0 if i < 50 else rng.randrange(1, MONTHS - 1),
            is_unmatched=i % 53 == 17,
        )
        amount = Decimal(round(base * rng.uniform(0.6, 1.5)))
        churn = {"Enterprise": 0.004, "Mid-market": 0.007, "Small business": 0.012}[segment]
        for month in range(MONTHS):
            if month == customer.start:
                current = amount
            elif month < customer.start:
                current = Decimal(0)
            elif customer.mrr[-1] == 0:
                current = amount if rng.random() < 0.015 else Decimal(0)
            else:
                current, draw = customer.mrr[-1], rng.random()
                if draw < churn:
                    current = Decimal(0)
                elif draw < churn + 0.010:
                    current = Decimal(round(float(current) * rng.uniform(0.55, 0.9)))
                elif draw < churn + 0.062:
                    current = Decimal(round(float(current) * rng.uniform(1.05, 1.35)))
            if customer.mrr and current < customer.mrr[-1]:
                customer.reasons[month] = rng.choice(REASONS)
            customer.mrr.append(current)
        customers.append(customer)
    losses = sorted(
        (c for c in customers if c.mrr[LAST_COMPLETE - 12] > 0 and c.mrr[LAST_COMPLETE] == 0),
        key=lambda c: -c.mrr[LAST_COMPLETE - 12],
    )
    for customer, name in zip(losses, (SCRIPT_NAME, 'Müller & Söhne "Nord" GmbH'), strict=False):
        customer.name = name
    gains = sorted(customers, key=lambda c: c.mrr[LAST_COMPLETE - 12] - c.mrr[LAST_COMPLETE])
    gains[0].name = "Bréguet-Delacroix Internationale Verwaltungs- und Beteiligungsgesellschaft mbH & Co. KG"
    return customers


def ratio(numerator: Decimal | int, denominator: Decimal | int) -> Decimal | None:
    """Quotient rounded to six places, None where the denominator is 0."""
    return None if not denominator else round(Decimal(numerator) / Decimal(denominator), 6)


def movement(opening: Decimal, closing: Decimal, before: bool) -> str | None:
    """Class of a change between two balances."""
    if opening == closing:
        return None
    if opening == 0:
        return "reactivation" if before else "new"
    if closing == 0:
        return "churn"
    return "expansion" if closing > opening else "contraction"


def band(months: int) -> str:
    """Tenure band of a number of months."""
    years = months / 12
    return (
        BANDS[0]
        if years < 1
        else BANDS[1]
        if years < 2
        else BANDS[2]
        if years < 3
        else BANDS[3]
        if years < 5
        else BANDS[4]
    )


class Marts:
    """Rows of every mart, to be written to a DuckDB file."""

    def __init__(self, customers: list[Customer]) -> None:
        self.customers = customers
        self.rows: dict[str, list[Row]] = {name: [] for name in yaml.safe_load(MARTS.read_text())}
        self.values: dict[tuple[str, str, str, str, int], Decimal | None] = {}

    def window(self, customers: Iterable[Customer], t: int, k: int) -> dict[str, Any]:
        """Opening, closing and movement sums of the window of k months that ends in month t."""
        sums: dict[str, Any] = dict.fromkeys(
            (
                "opening",
                "closing",
                "cohort_closing",
                "kept",
                "new",
                "reactivation",
                "expansion",
                "contraction",
                "churn",
            ),
            Decimal(0),
        )
        sums |= {"customers": 0, "retained": 0, "lower": 0}
        for c in customers:
            opening, closing = c.mrr[t - k], c.mrr[t]
            kind = movement(opening, closing, any(c.mrr[: t - k]))
            sums["opening"] += opening
            sums["closing"] += closing
            sums["kept"] += min(opening, closing)
            if kind:
                sums[kind] += abs(closing - opening)
            if opening > 0:
                sums["cohort_closing"] += closing
                sums["customers"] += 1
                sums["retained"] += closing > 0
                sums["lower"] += 0 < closing < opening
        return sums

    def value(
        self,
        key: str,
        grain: str,
        t: int,
        numerator: Decimal | int | None,
        denominator: Decimal | int | None,
        n: int,
        dimension: str = "all",
        member: str = "all",
        target: Decimal | None = None,
        amount: bool = False,
        k: int = 1,
    ) -> None:
        """One row of fct_metric_values with its prior values."""
        value = Decimal(numerator or 0) if amount else ratio(numerator or 0, denominator or 0)
        small = not amount and n < 5
        provisional = t > LAST_COMPLETE
        if small:
            value = None
        verdict = "no_data" if n == 0 else "provisional" if provisional else "small_n" if small else "ok"
        status = "grey"
        if verdict == "ok" and target is not None and value is not None:
            status = "green" if value >= target else "red" if value < target - Decimal("0.05") else "amber"
        self.values[(key, grain, dimension, member, t)] = value
        self.rows["fct_metric_values"].append(
            {
                "metric_key": key,
                "period_grain": grain,
                "period_end": month_end(t),
                "dimension": dimension,
                "member": member,
                "numerator": numerator,
                "denominator": denominator,
                "value": value,
                "n": n,
                "coverage": Decimal(1) if n else None,
                "verdict": verdict,
                "target": target,
                "status": status,
                "prior_value": self.values.get((key, grain, dimension, member, t - k)),
                "prior_year_value": self.values.get((key, grain, dimension, member, t - 12)),
                "is_provisional": provisional,
                "policy_hash": "9f2c41d07ab3",
            }
        )

    def retention(self) -> None:
        """Values of the retention metrics, month by month."""
        targets = {
            "net_revenue_retention": Decimal("1.05"),
            "gross_revenue_retention": Decimal("0.88"),
            "customer_retention_rate": Decimal("0.88"),
        }
        families: dict[str, Callable[[Customer, int], str]] = {
            "segment": lambda c, t: c.segment,
            "region": lambda c, t: c.region,
            "channel": lambda c, t: c.channel,
            "product_family": lambda c, t: c.family,
            "tenure_band": lambda c, t: band(t - 12 - c.start),
        }
        for t in range(12, MONTHS):
            every = self.window(self.customers, t, 12)
            groups: list[tuple[str, str, dict[str, Any]]] = [("all", "all", every)]
            if t >= LAST_COMPLETE - 1:
                for dimension, of in families.items():
                    for member in sorted({of(c, t) for c in self.customers if c.start <= t - 12}):
                        groups.append(
                            (
                                dimension,
                                member,
                                self.window(
                                    [c for c in self.customers if c.start <= t - 12 and of(c, t) == member],
                                    t,
                                    12,
                                ),
                            )
                        )
            for dimension, member, w in groups:
                for key, numerator, denominator in (
                    ("net_revenue_retention", w["cohort_closing"], w["opening"]),
                    ("gross_revenue_retention", w["kept"], w["opening"]),
                    ("customer_retention_rate", w["retained"], w["customers"]),
                ):
                    target = targets[key] if dimension == "all" else None
                    self.value(
                        key, "t12m", t, numerator, denominator, w["customers"], dimension, member, target
                    )
            n = every["customers"]
            self.value("recurring_revenue_rate", "t12m", t, every["closing"], every["opening"], n)
            self.value(
                "net_recurring_revenue_change",
                "t12m",
                t,
                every["closing"] - every["opening"],
                None,
                n,
                amount=True,
            )
            self.value("retained_at_lower_value_count", "t12m", t, every["lower"], None, n, amount=True)
            for name, key in (
                ("new", "new_arr"),
                ("reactivation", "reactivation_arr"),
                ("expansion", "expansion_arr"),
                ("contraction", "contraction_arr"),
                ("churn", "churned_arr"),
            ):
                self.value(key, "t12m", t, 12 * every[name], None, n, amount=True)
            self.value("fx_impact_arr", "t12m", t, 0, None, n, amount=True)
            for name in (
                "opening",
                "new",
                "reactivation",
                "expansion",
                "contraction",
                "churn",
                "fx_impact",
                "closing",
            ):
                sign = -1 if name in ("contraction", "churn") else 1
                self.value(
                    "recurring_revenue_movements",
                    "t12m",
                    t,
                    sign * 12 * every.get(name, Decimal(0)),
                    every["opening"],
                    n,
                    "movement",
                    name,
                    amount=True,
                )
            losses: dict[str, Decimal] = {}
            counts: dict[str, int] = {}
            for c in self.customers:
                for m, reason in c.reasons.items():
                    if t - 12 < m <= t:
                        losses[reason] = losses.get(reason, Decimal(0)) + c.mrr[m - 1] - c.mrr[m]
                        counts[reason] = counts.get(reason, 0) + 1
            for reason, lost in losses.items():
                self.value(
                    "loss_reason_mix",
                    "t12m",
                    t,
                    lost,
                    sum(losses.values()),
                    sum(counts.values()),
                    "reason",
                    reason,
                )
            if t >= 24:
                past = [
                    float(self.values[("customer_retention_rate", "t12m", "all", "all", m)] or 0)
                    for m in range(t - 11, t + 1)
                ]
                mean = sum(past) / 12
                deviation = (sum((h - mean) ** 2 for h in past) / 12) ** 0.5
                self.value(
                    "customer_retention_volatility", "t12m", t, Decimal(str(round(deviation, 6))), 1, 12
                )
        for t in range(MONTHS):
            active = [c for c in self.customers if c.mrr[t] > 0]
            gone = sum(1 for c in self.customers if c.start <= t and c.mrr[t] == 0)
            self.value(
                "revenue_generating_customer_count", "month", t, len(active), None, len(active), amount=True
            )
            self.value(
                "relationship_tenure_months",
                "month",
                t,
                sum(t - c.start for c in active),
                len(active),
                len(active),
            )
            self.value(
                "customer_relationship_value",
                "month",
                t,
                12 * sum(c.mrr[t] for c in active),
                None,
                len(active),
                amount=True,
            )
            for member, count in (("active_recurring", len(active)), ("lost", gone)):
                self.value(
                    "relationship_status",
                    "month",
                    t,
                    count,
                    len(active) + gone,
                    len(active) + gone,
                    "status",
                    member,
                )
        self.value("value_chain_matrix", "t12m", LAST_COMPLETE, 2, 3, 3)

    def contributions(self) -> None:
        """Customer rows behind the newest values, and the retention facts that go with them."""
        t = LAST_COMPLETE
        for c in self.customers:
            opening, closing = c.mrr[t - 12], c.mrr[t]
            key = {"customer_id": c.customer_id, "period_grain": "t12m", "period_end": month_end(t)}
            if opening or closing:
                self.rows["fct_retention"].append(
                    key
                    | {
                        "opening_mrr_amount": opening,
                        "closing_mrr_amount": closing,
                        "tenure_band": band(t - 12 - c.start) if c.start <= t - 12 else BANDS[0],
                    }
                )
                self.rows["fct_retention_by_product_family"].append(
                    key
                    | {
                        "product_family": c.family,
                        "opening_mrr_amount": opening,
                        "closing_mrr_amount": closing,
                    }
                )
            subject = {
                "period_grain": "t12m",
                "period_end": month_end(t),
                "subject_type": "customer",
                "subject_id": c.customer_id,
            }
            for metric, numerator, denominator in (
                ("net_revenue_retention", closing, opening),
                ("gross_revenue_retention", min(opening, closing), opening),
                ("customer_retention_rate", int(closing > 0), 1),
                ("recurring_revenue_rate", closing, opening),
            ):
                included = opening > 0 or (metric == "recurring_revenue_rate" and closing > 0)
                self.rows["fct_metric_contributions"].append(
                    subject
                    | {
                        "metric_key": metric,
                        "numerator": numerator,
                        "denominator": denominator,
                        "is_included": included,
                        "exclusion_reason": None if included else "not_in_opening",
                    }
                )
            kind = movement(opening, closing, any(c.mrr[: t - 12]))
            if kind:
                name = "churned_arr" if kind == "churn" else f"{kind}_arr"
                self.rows["fct_metric_contributions"].append(
                    subject
                    | {"metric_key": name, "numerator": 12 * abs(closing - opening), "is_included": True}
                )
            if closing > 0:
                self.rows["fct_metric_contributions"].append(
                    subject
                    | {
                        "metric_key": "revenue_generating_customer_count",
                        "period_grain": "month",
                        "numerator": 1,
                        "is_included": True,
                    }
                )

    def customers_and_months(self) -> None:
        """Customers, their months, changes, cohorts and the survival curve."""
        for c in self.customers:
            self.rows["dim_customers"].append(
                {
                    "customer_id": c.customer_id,
                    "customer_name": c.name,
                    "segment": c.segment,
                    "region": c.region,
                    "channel": c.channel,
                    "first_revenue_date": month_end(c.start).replace(day=12),
                    "is_unmatched": c.is_unmatched,
                }
            )
            for t in range(MONTHS):
                if c.start > t:
                    continue
                self.rows["fct_customer_months"].append(
                    {
                        "customer_id": c.customer_id,
                        "month_end": month_end(t),
                        "mrr_amount": c.mrr[t],
                        "arr_amount": 12 * c.mrr[t],
                        "relationship_status": "active_recurring" if c.mrr[t] > 0 else "lost",
                    }
                )
                kind = movement(c.mrr[t - 1], c.mrr[t], any(c.mrr[:t])) if t else None
                if kind:
                    change = c.mrr[t] - c.mrr[t - 1]
                    self.rows["fct_revenue_changes"].append(
                        {
                            "customer_id": c.customer_id,
                            "month_end": month_end(t),
                            "movement": kind,
                            "mrr_change_amount": change,
                            "arr_change_amount": 12 * change,
                            "opening_mrr_amount": c.mrr[t - 1],
                            "closing_mrr_amount": c.mrr[t],
                            "loss_reason": c.reasons.get(t),
                        }
                    )
        for first in range(0, MONTHS, 3):
            members = [c for c in self.customers if first <= c.start < first + 3]
            opening = sum(c.mrr[c.start] for c in members)
            for k in range(0, 37, 3):
                if not members or max(c.start for c in members) + k > LAST_COMPLETE:
                    break
                left = [c.mrr[c.start + k] for c in members]
                self.rows["fct_cohort_retention"].append(
                    {
                        "cohort_quarter": month_end(first).replace(day=1),
                        "months_since_start": k,
                        "customer_count": len(members),
                        "opening_mrr_amount": opening,
                        "mrr_amount": sum(left),
                        "revenue_retention_rate": ratio(sum(left), opening),
                        "customer_retention_rate": ratio(sum(1 for m in left if m > 0), len(members)),
                    }
                )
        survival, variance = 1.0, 0.0
        lives = []
        for c in self.customers:
            paid = [t for t in range(c.start, LAST_COMPLETE + 1) if c.mrr[t] > 0]
            if paid:
                lives.append((paid[-1] + 1 - c.start, paid[-1] < LAST_COMPLETE))
        for k in range(LAST_COMPLETE + 1):
            at_risk = sum(1 for months, _ in lives if months >= k)
            events = sum(1 for months, ended in lives if ended and months == k)
            if at_risk < 5:
                break
            survival *= 1 - events / at_risk
            variance += events / (at_risk * max(at_risk - events, 1))
            margin = 1.959964 * survival * variance**0.5
            self.rows["fct_survival"].append(
                {
                    "dimension": "all",
                    "member": "all",
                    "tenure_month": k,
                    "at_risk_count": at_risk,
                    "event_count": events,
                    "survival_rate": round(survival, 6),
                    "ci_low": round(max(0.0, survival - margin), 6),
                    "ci_high": round(min(1.0, survival + margin), 6),
                }
            )

    def catalogue(self) -> None:
        """Catalogue, targets, policy and data quality."""
        for row in CATALOGUE:
            row_id, key, title, question, definition, unit, direction, headline, grain = row
            self.rows["dim_metrics"].append(
                {
                    "row_id": row_id,
                    "metric_key": key,
                    "theme": "retention",
                    "title": title,
                    "question": question,
                    "definition": definition,
                    "unit": unit,
                    "direction": direction,
                    "kind": "window",
                    "headline_grain": grain,
                    "is_headline": headline,
                    "subject": "customer",
                    "needs": "billing: subscriptions, invoices",
                }
            )
        self.rows["dim_metrics"].append(
            {
                "row_id": "E3",
                "metric_key": "revenue_at_risk",
                "theme": "health",
                "title": "Revenue at risk",
                "question": "How much revenue is at risk?",
                "definition": "ARR of customers classed as at risk",
                "unit": "money",
                "direction": "lower_is_better",
                "kind": "balance",
                "headline_grain": "month",
                "is_headline": True,
                "subject": "customer",
                "needs": "CRM: renewals · customer success: health, risks · support: cases",
            }
        )
        for key, target, red in (
            ("net_revenue_retention", "1.05", "1.00"),
            ("gross_revenue_retention", "0.88", "0.83"),
            ("customer_retention_rate", "0.88", "0.83"),
        ):
            self.rows["dim_targets"].append(
                {
                    "metric_key": key,
                    "dimension": "all",
                    "member": "all",
                    "period_grain": "t12m",
                    "source": "house default",
                    "period_start": date(2024, 1, 1),
                    "target": target,
                    "red_threshold": red,
                    "amber_threshold": target,
                    "direction": "higher_is_better",
                    "owner": "Chief customer officer",
                }
            )
        for name, value, meaning in (
            ("customer_grain", "ultimate_parent", "Customers roll up to the ultimate parent."),
            (
                "discount_treatment",
                "exclude_once",
                "Discounts in force reduce recurring revenue, except one-time ones.",
            ),
            ("fx_mode", "constant", "One rate set for all months, so currency never looks like churn."),
            (
                "grr_grain",
                "customer",
                "Gross retention takes the lesser of opening and closing per customer.",
            ),
            ("renewal_grace_days", "30", "A gap of at most so many days between two terms is no churn."),
        ):
            self.rows["dim_policy"].append({"var_name": name, "var_value": value, "meaning": meaning})
        self.rows["dim_as_of"].append(
            {"as_of_date": AS_OF, "reporting_currency": "USD", "policy_hash": "9f2c41d07ab3"}
        )
        for system, table, rows_in, rejected in (
            ("salesforce", "account", 412, 0),
            ("salesforce", "contract", 655, 2),
            ("stripe", "customer", 171, 1),
            ("stripe", "invoice", 6210, 3),
            ("stripe", "subscription", 340, 0),
            ("salesforce", "opportunity", None, None),
        ):
            present = rows_in is not None
            self.rows["dq_exports"].append(
                {
                    "system": system,
                    "table_name": table,
                    "is_present": present,
                    "record_count": rows_in or 0,
                    "rejected_count": rejected or 0,
                }
            )
            self.rows["dq_columns"].append(
                {
                    "system": system,
                    "table_name": table,
                    "column_name": "id",
                    "is_required": True,
                    "is_present": present,
                    "needed_by": "customers: identity of the account"
                    if table in ("account", "customer")
                    else f"{table}: revenue by channel",
                }
            )
            if present:
                assert rows_in is not None and rejected is not None
                self.rows["dq_row_accounting"].append(
                    {
                        "system": system,
                        "table_name": table,
                        "rows_in": rows_in,
                        "accepted_count": rows_in - rejected - 4,
                        "superseded_count": 3,
                        "exact_duplicate_count": 1,
                        "rejected_count": rejected,
                        "malformed_count": 0,
                        "after_as_of_count": 0,
                        "is_balanced": True,
                    }
                )
        self.rows["dq_columns"].append(
            {
                "system": "stripe",
                "table_name": "invoice",
                "column_name": "tax",
                "is_required": False,
                "is_present": False,
                "needed_by": "invoice lines: amounts net of tax",
            }
        )
        for system, table, line, reason in (
            ("salesforce", "contract", 88, "start_date is not a date"),
            ("salesforce", "contract", 204, "start_date is not a date"),
            ("stripe", "customer", 17, "key column id is null"),
            ("stripe", "invoice", 12, "amount_due is not a number"),
            ("stripe", "invoice", 4071, "amount_due is not a number"),
            ("stripe", "invoice", 5100, "too many columns"),
        ):
            self.rows["dq_rejected_rows"].append(
                {
                    "system": system,
                    "table_name": table,
                    "file": f"{system}/{table}.csv",
                    "record_number": line - 1,
                    "line_number": line,
                    "reason": reason,
                }
            )
        self.rows["dq_findings"].append(
            {
                "finding": "overlapping_lines",
                "system": "stripe",
                "subject_type": "contract",
                "subject_id": "salesforce:00kDM0000007520001AAA:sub_81",
                "detail": "Two lines of one product overlap by 31 days; both count.",
            }
        )

        for expectation, relation, column, is_met, observed, expected in (
            ("the bridge closes", "fct_retention", None, True, None, "Opening + movements = closing."),
            (
                "no category is new",
                "stripe.subscription",
                "status",
                False,
                "status: 1 new (frozen), 7 before",
                "Columns of categories hold only values seen before.",
            ),
            (
                "volume has not dropped",
                "stripe.invoice",
                None,
                True,
                None,
                "At most 30 % fewer rows than before.",
            ),
        ):
            self.rows["dq_expectations"].append(
                {
                    "suite": "marts" if relation.startswith("fct_") else "raw_exports",
                    "expectation": expectation,
                    "relation": relation,
                    "column": column,
                    "severity": "critical" if is_met else "warning",
                    "is_met": is_met,
                    "observed": observed,
                    "expected": expected,
                }
            )

    def write(self, path: Path, without: Iterable[str] = ()) -> Path:
        """Writes the file; marts named in `without` are left out."""
        schema: dict[str, dict[str, str]] = yaml.safe_load(MARTS.read_text())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema marts")
            for name, columns in schema.items():
                if name in without:
                    continue
                spec = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
                connection.execute(f"create table marts.{name} ({spec})")
                if self.rows[name]:
                    with tempfile.NamedTemporaryFile(
                        "w", suffix=".csv", newline="", encoding="utf-8"
                    ) as file:
                        writer = csv.writer(file)
                        writer.writerows([row.get(column) for column in columns] for row in self.rows[name])
                        file.flush()
                        connection.execute(f"copy marts.{name} from '{file.name}' (header false, nullstr '')")
        return path


# row, key, title, question, definition, unit, direction, headline, grain
CATALOGUE: list[tuple[str, str, str, str, str, str, str, bool, str]] = [
    (
        "C1",
        "customer_retention_rate",
        "Customer retention",
        "What share of our revenue-generating relationships carried over from the previous period?",
        "Customers active at both ends ÷ customers active at the opening",
        "ratio",
        "higher_is_better",
        True,
        "t12m",
    ),
    (
        "C2",
        "net_revenue_retention",
        "Net revenue retention",
        "What is the revenue of last period's customers worth today, after growth and losses?",
        "MRR at the closing of customers with MRR at the opening ÷ their MRR at the opening",
        "ratio",
        "higher_is_better",
        True,
        "t12m",
    ),
    (
        "C3",
        "relationship_status",
        "Relationship status",
        "How many customers generate revenue, still use the product without paying, or are lost?",
        "Customers ever paid by status ÷ all ever paid",
        "text-mix",
        "neutral",
        True,
        "month",
    ),
    (
        "C4",
        "relationship_tenure_months",
        "Relationship tenure",
        "How long do we retain an established relationship?",
        "Sum of tenure ÷ active customers",
        "months",
        "higher_is_better",
        True,
        "month",
    ),
    (
        "C4",
        "expected_lifetime",
        "Expected lifetime in years",
        "How many years can we expect a relationship to last at today's retention?",
        "1 ÷ (1 − customer retention rate)",
        "count",
        "higher_is_better",
        False,
        "t12m",
    ),
    (
        "C5",
        "loss_reason_mix",
        "Reasons for losses",
        "Why do we lose customers and revenue?",
        "MRR lost by reason ÷ MRR lost",
        "text-mix",
        "neutral",
        True,
        "t12m",
    ),
    (
        "C6",
        "contraction_arr",
        "Contraction",
        "How much recurring revenue did we lose at customers that stayed?",
        "12 × sum of contraction",
        "money",
        "lower_is_better",
        True,
        "t12m",
    ),
    (
        "C6",
        "retained_at_lower_value_count",
        "Kept at a lower value",
        "How many customers did we keep at a lower value?",
        "Customers with less MRR at the closing than at the opening, and more than 0",
        "count",
        "lower_is_better",
        False,
        "t12m",
    ),
    (
        "C7",
        "gross_revenue_retention",
        "Gross revenue retention",
        "What share of last period's contract value did we keep, growth left aside?",
        "Sum of the lesser of opening and closing MRR ÷ opening MRR",
        "ratio",
        "higher_is_better",
        True,
        "t12m",
    ),
    (
        "C8",
        "existing_customer_revenue_share",
        "Revenue from existing customers",
        "What share of our revenue comes from existing customers?",
        "Revenue of customers first paid before the period ÷ revenue",
        "ratio",
        "neutral",
        True,
        "t12m",
    ),
    (
        "C9",
        "recurring_revenue_rate",
        "Recurring revenue rate",
        "How did recurring revenue change between the beginning and the end of the period?",
        "MRR at the closing ÷ MRR at the opening, all customers",
        "ratio",
        "higher_is_better",
        True,
        "t12m",
    ),
    (
        "C10",
        "recurring_revenue_movements",
        "Recurring revenue movements",
        "Which movements led from opening to closing recurring revenue?",
        "Movements by class; losses negative",
        "money",
        "neutral",
        True,
        "t12m",
    ),
    (
        "C10",
        "new_arr",
        "New recurring revenue",
        "How much recurring revenue did new customers add?",
        "12 × MRR of first-time customers",
        "money",
        "higher_is_better",
        False,
        "t12m",
    ),
    (
        "C10",
        "reactivation_arr",
        "Reactivated recurring revenue",
        "How much recurring revenue came back from former customers?",
        "12 × MRR of returning customers",
        "money",
        "higher_is_better",
        False,
        "t12m",
    ),
    (
        "C10",
        "expansion_arr",
        "Expansion",
        "How much recurring revenue did existing customers add?",
        "12 × sum of expansion",
        "money",
        "higher_is_better",
        False,
        "t12m",
    ),
    (
        "C10",
        "contraction_arr",
        "Contraction",
        "How much recurring revenue did we lose at customers that stayed?",
        "12 × sum of contraction",
        "money",
        "lower_is_better",
        False,
        "t12m",
    ),
    (
        "C10",
        "churned_arr",
        "Churn",
        "How much recurring revenue left with lost customers?",
        "12 × MRR of lost customers",
        "money",
        "lower_is_better",
        False,
        "t12m",
    ),
    (
        "C10",
        "fx_impact_arr",
        "Currency effect",
        "How much of the change is currency only?",
        "12 × change by exchange rates",
        "money",
        "neutral",
        False,
        "t12m",
    ),
    (
        "C11",
        "customer_retention_volatility",
        "Volatility of customer retention",
        "How much does customer retention swing from period to period?",
        "Standard deviation of the last 12 values",
        "ratio",
        "lower_is_better",
        True,
        "t12m",
    ),
    (
        "C12",
        "value_chain_matrix",
        "Adoption, success and retention",
        "How does retention depend on adoption and success together?",
        "Customer retention by adoption and success band",
        "ratio",
        "neutral",
        True,
        "t12m",
    ),
    (
        "C14",
        "net_recurring_revenue_change",
        "Net recurring revenue change",
        "How much recurring revenue did we gain or lose in total?",
        "Closing − opening MRR",
        "money",
        "higher_is_better",
        True,
        "t12m",
    ),
    (
        "C16",
        "revenue_generating_customer_count",
        "Revenue-generating customers",
        "How many revenue-generating relationships do we have?",
        "Active customers",
        "count",
        "higher_is_better",
        True,
        "month",
    ),
    (
        "C19",
        "customer_relationship_value",
        "Customer relationship value",
        "What are our customer relationships worth, and do we sustain and grow that value?",
        "ARR of active customers",
        "money",
        "higher_is_better",
        True,
        "month",
    ),
]


def restatements(marts: Marts) -> None:
    """Two versions later: one customer's contract was corrected, and before it the policy changed."""
    day = AS_OF.replace(day=1)
    for number, (version, changes) in enumerate(
        (("v000001", None), ("v000002", "renewal_grace_days: 0 → 30"), ("v000003", None))
    ):
        marts.rows["fct_publications"].append(
            {"version": version, "as_of_date": day, "policy_hash": "9f2c41d07ab3", "policy_changes": changes, "is_history_start": number == 0,
             "is_look_back": False, "closed_value_count": 5120, "first_published_count": 0 if number else 5120, "restated_count": 2 * number}
        )  # fmt: skip
    corrected = {month_end(t): Decimal("0.012") for t in range(LAST_COMPLETE - 5, LAST_COMPLETE + 1)}
    graced = {month_end(LAST_COMPLETE - 20): Decimal("-0.004")}
    first_customer = marts.customers[0].customer_id
    for row in marts.rows["fct_metric_values"]:
        if row["is_provisional"]:
            continue
        key = {
            name: row[name] for name in ("metric_key", "period_grain", "period_end", "dimension", "member")
        }
        delta = Decimal(0)
        if (
            key["metric_key"] == "net_revenue_retention"
            and key["period_grain"] == "t12m"
            and key["dimension"] == "all"
        ):
            delta = corrected.get(key["period_end"], graced.get(key["period_end"], Decimal(0)))
        now = row["value"]
        then = None if now is None else now + delta
        version = "v000001" if not delta else "v000003" if key["period_end"] in corrected else "v000002"
        marts.rows["fct_published_values"].append(
            key | {"first_value": then, "first_version": "v000001", "first_as_of_date": day, "last_value": now,
                   "last_changed_version": version, "delta_since_close": None if now is None else -delta}
        )  # fmt: skip
        if not delta:
            continue
        is_data = version == "v000003"
        marts.rows["fct_restatements"].append(
            key | {"version": version, "prior_value": then, "restated_value": now, "restated_delta": -delta, "is_value_changed": True,
                   "reason": "data" if is_data else "policy", "cause": "subjects" if is_data else "policy", "cause_count": 4 if is_data else None}
        )  # fmt: skip
        for customer in marts.customers[:4] if is_data else ():
            marts.rows["fct_restatement_causes"].append(
                key | {"version": version, "subject_type": "customer", "subject_id": customer.customer_id, "numerator_before": Decimal(900),
                       "numerator_after": Decimal(300), "numerator_delta": Decimal(-600), "denominator_delta": Decimal(0)}
            )  # fmt: skip
    marts.rows["fct_restatement_products"].append(
        {"version": "v000003", "customer_id": first_customer, "product_key": SCRIPT_NAME, "currency": "USD", "first_month_end": month_end(LAST_COMPLETE - 5),
         "last_month_end": month_end(LAST_COMPLETE), "mrr_original_before": Decimal(900), "mrr_original_after": Decimal(300),
         "quantity_before": Decimal(9), "quantity_after": Decimal(3)}
    )  # fmt: skip
    marts.rows["fct_restatement_moves"].append(
        {
            "version": "v000003",
            "customer_id": first_customer,
            "dimension": "segment",
            "member_before": "Enterprise",
            "member_after": SCRIPT_NAME,
        }
    )
    for prior in ("stripe/subscription_history/2025-06-30.csv", None):
        marts.rows["fct_restatement_records"].append(
            {"version": "v000003", "customer_id": first_customer if prior else None, "system": "stripe", "table_name": "subscription_history",
             "record_key": f"sub_{SCRIPT_NAME}", "file": "stripe/subscription_history/2025-07-14.csv", "record_number": 12 if prior else 13,
             "drop_date": AS_OF, "prior_file": prior, "prior_record_number": 4 if prior else None}
        )  # fmt: skip


THEMES: list[tuple[str, str, str, str, str, str, str, str, dict[str, dict[str, str]]]] = [
    # row, key, theme, title, unit, direction, grain, value, members by dimension
    ("A1", "license_adoption_rate", "adoption", "Licence adoption", "ratio", "higher_is_better", "month", "0.61", {"segment": {"Enterprise": "0.66", "Mid-market": "0.58"}}),
    ("A1", "using_customer_share", "adoption", "Customers using the product", "ratio", "higher_is_better", "month", "0.86", {}),
    ("A5", "adoption_barrier_mix", "adoption", "Barriers to adoption", "text-mix", "neutral", "month", "", {"barrier": {"unknown": "0.6", "lacks_skills": "0.3", "too_complex": "0.1"}}),
    ("A10", "renewal_rate_by_adoption_band", "adoption", "Renewal by adoption", "ratio", "higher_is_better", "t12m", "0.18",
     {"adoption_band": {"green": "0.94", "amber": "0.88", "red": "0.76", "unknown": "0.80"}}),
    ("A9", "adoption_lift_after_action", "adoption", "Adoption after an action", "ratio", "higher_is_better", "t12m", "0.06",
     {"action_type": {"training": "0.09", "service": "0.01", "product_enhancement": ""}}),
    ("B1", "success_plan_realization_rate", "success", "Success plan realization", "ratio", "higher_is_better", "month", "0.63", {"segment": {"Enterprise": "0.71", "Mid-market": "0.55"}}),
    ("B3", "perception_positive_share", "success", "Positive impact perceived", "ratio", "higher_is_better", "month", "0.58", {}),
    ("B11", "unmet_expectation_reason_mix", "success", "Reasons for unmet expectations", "text-mix", "neutral", "t12m", "", {"reason": {"unknown": "0.5", "price_budget": "0.3", "product_gap": "0.2"}}),
    ("B14", "retention_by_realization_band", "success", "Retention by plan realization", "ratio", "neutral", "t12m", "0.17",
     {"success_band": {"high": "0.96", "mid": "0.9", "low": "0.79", "unknown": "0.85"}}),
    ("D2", "defect_issue_share", "defects", "Defect share of issues", "ratio", "lower_is_better", "t12m", "0.21", {}),
    ("D4", "defect_csat_effect", "defects", "Effect of defects on satisfaction", "ratio", "higher_is_better", "t12m", "-0.16", {}),
    ("D6", "time_to_resolution", "defects", "Time to resolution", "hours", "lower_is_better", "month", "18.5", {}),
    ("D6", "time_to_resolution_p90", "defects", "Time to resolution, nine of ten", "hours", "lower_is_better", "month", "71.25", {}),
    ("J1", "case_rate_per_customer", "support_scale", "Cases per customer", "count", "lower_is_better", "month", "1.4", {}),
    ("J2", "deflection_rate", "support_scale", "Deflection rate", "ratio", "higher_is_better", "t12m", "0.23", {}),
    ("G1", "engaged_customer_share", "engagement", "Customers engaged", "ratio", "higher_is_better", "month", "0.74", {}),
    ("G5", "corr_health_frequency", "engagement", "Health and frequency of engagement", "score", "higher_is_better", "t12m", "0.31", {}),
    ("G6", "corr_health_quality", "engagement", "Health and tone of engagement", "score", "higher_is_better", "t12m", "", {}),
    ("L7", "cs_category_coverage", "activities", "Activity categories covered", "ratio", "higher_is_better", "month", "0.57", {"segment": {"Enterprise": "0.71", "Mid-market": "0.49"}}),
    ("L1", "activity_coverage_onboarding", "activities", "Onboarding activities", "ratio", "higher_is_better", "month", "0.8", {"segment": {"Enterprise": "1", "Mid-market": "0.62"}}),
    ("L5", "activity_coverage_retention", "activities", "Retention activities", "ratio", "higher_is_better", "month", "0.4", {"segment": {"Enterprise": "0.55", "Mid-market": "0.31"}}),
    ("L6", "activity_coverage_expansion", "activities", "Up-sell activities", "ratio", "higher_is_better", "month", "", {"segment": {"Enterprise": "0.45", "Mid-market": ""}}),
    ("L8", "early_warning_response_rate", "activities", "Early warnings answered", "ratio", "higher_is_better", "t12m", "0.4", {}),
    ("F2", "service_attach_rate", "service_sales", "Service attach rate", "ratio", "higher_is_better", "t12m", "0.63",
     {"region": {"EMEA": "0.64", "APAC": "0.37"}, "channel": {"direct": "0.67", "partner": "0.6"},
      "region_channel": {"EMEA|direct": "0.77", "EMEA|partner": "1", "APAC|direct": "0.42", "APAC|partner": "", "unknown|direct": "0.5"}}),
    *(
        ("H2", key, "profitability", title, unit, "higher_is_better", "t12m", figure,
         {"segment": {}, "service_line": {"support": support, "success": success, "education": education}})
        for key, title, unit, figure, support, success, education in (
            ("service_direct_revenue", "Direct service revenue", "money", "1000000", "600000", "100000", "300000"),
            ("service_delivery_cost", "Cost to deliver services", "money", "900000", "450000", "250000", ""),
            ("service_margin", "Service margin", "ratio", "0.1", "0.25", "-1.5", ""),
            ("service_contribution", "Service contribution", "money", "100000", "150000", "-150000", ""),
        )
    ),
    ("H3", "service_influenced_revenue", "profitability", "Influenced revenue", "money", "higher_is_better", "t12m", "500000", {}),
    ("H3", "service_indirect_revenue", "profitability", "Incremental revenue", "money", "higher_is_better", "t12m", "-70000", {}),
    ("H7", "cost_per_case", "profitability", "Cost per case", "money", "lower_is_better", "t12m", "133", {}),
    ("H7", "case_volume", "profitability", "Case volume", "count", "neutral", "t12m", "2436", {}),
    ("K23", "service_win_rate", "selling", "Service win rate", "ratio", "higher_is_better", "t12m", "0.58", {"region": {"EMEA": "0.61", "APAC": "0.5"}}),
    ("K10a", "program_purchase_rank", "selling", "Most purchased programs", "text-mix", "neutral", "t12m", "", {"offer": {"OF1": "0.6", "OF2": "0.4"}}),
    ("K10b", "message_win_rate", "selling", "Win rate by message", "ratio", "higher_is_better", "t12m", "0.55", {"message": {"Adopt faster": "0.5", "Save effort": ""}}),
    ("K10c", "resource_win_rate", "selling", "Win rate by sales resource", "ratio", "higher_is_better", "t12m", "0.6", {"resource": {"Case study": "0.55", SCRIPT_NAME: "0.7"}}),
    ("K13", "service_lost_reason_mix", "selling", "Reasons for lost service deals", "text-mix", "neutral", "t12m", "", {"reason": {"price_budget": "0.6", "unknown": "0.4"}}),
    ("E1", "defection_risk_share", "health", "Customers at risk of leaving", "ratio", "lower_is_better", "month", "0.08", {}),
    ("E2", "spend_reduction_risk_share", "health", "Customers at risk of spending less", "ratio", "lower_is_better", "month", "0.06", {}),
    ("E3", "revenue_at_risk_share", "health", "Share of revenue at risk", "ratio", "lower_is_better", "month", "0.12", {}),
    ("E4", "relationship_sentiment_mix", "health", "Customer sentiment", "text-mix", "neutral", "month", "",
     {"state": {"content": "0.55", "anxious": "0.15", "restless": "0.07", "angry": "0.03", "unknown": "0.2"}}),
    ("E5", "nps", "health", "Net promoter score", "score", "higher_is_better", "month", "31", {}),
    ("E6", "at_risk_intervention_rate", "health", "Intervention at risk", "ratio", "higher_is_better", "month", "0.64", {}),
    ("E6", "at_risk_recovery_rate", "health", "Recovery from risk", "ratio", "higher_is_better", "month", "0.22", {}),
    ("E7", "healthy_customer_share", "health", "Healthy customers", "ratio", "higher_is_better", "month", "0.62", {}),
    ("E9", "risk_reason_mix", "health", "Reasons for risk", "text-mix", "neutral", "month", "",
     {"reason": {"adoption_falling": "0.5", "competitor": "0.3", "unknown": "0.2"}}),
    ("E1", "risk_precision", "health", "Precision of the risk classes", "ratio", "higher_is_better", "t12m", "",
     {"risk_class": {"defecting": "0.31", "defecting_or_reducing": "0.42"}}),
    ("E1", "risk_recall", "health", "Recall of the risk classes", "ratio", "higher_is_better", "t12m", "",
     {"risk_class": {"defecting": "0.58", "defecting_or_reducing": "0.49"}}),
    ("E1", "risk_lift", "health", "Lift of the risk classes", "count", "higher_is_better", "t12m", "",
     {"risk_class": {"defecting": "4.2", "defecting_or_reducing": "2.6"}}),
]  # fmt: skip
EFFECTS = {"adoption_lift_after_action", "defect_csat_effect", "corr_health_frequency", "corr_health_quality"}
INTERVALS = EFFECTS | {"message_win_rate", "resource_win_rate", "service_indirect_revenue"}
CLASSES = ("defecting", "reducing", "watch", "healthy", "unknown")


def class_of(number: int) -> str:
    """Class of the customer with this number: one in sixteen leaves, one in eight spends less."""
    return CLASSES[
        0
        if number % 16 == 3
        else 1
        if number % 8 == 5
        else 2
        if number % 5 == 2
        else 4
        if number % 11 == 4
        else 3
    ]


def themes(marts: Marts) -> None:
    """Values of the other themes: a figure, its months and its members."""
    for row_id, key, theme, title, unit, direction, grain, figure, members in THEMES:
        marts.rows["dim_metrics"].append(
            {"row_id": row_id, "metric_key": key, "theme": theme, "title": title, "question": f"What about {title.lower()}?",
             "definition": f"{title}, by the book", "unit": unit, "direction": direction, "format": "decimal" if unit == "score" else None, "kind": "balance", "headline_grain": grain,
             "is_headline": not key.endswith("_p90"), "subject": "customer", "needs": None}
        )  # fmt: skip
        shown = [("all", "all", figure)] if members.get("segment") or not members or figure else []
        shown += [
            (dimension, member, value)
            for dimension, found in members.items()
            for member, value in found.items()
        ]
        for dimension, member, text in shown:
            for t in range(LAST_COMPLETE - 12, MONTHS) if dimension == "all" else (LAST_COMPLETE,):
                value = Decimal(text) if text else None
                verdict = "provisional" if t > LAST_COMPLETE else "ok"
                if key in EFFECTS and t <= LAST_COMPLETE:
                    verdict = (
                        "insufficient_evidence"
                        if value is None
                        else "not_supported"
                        if member == "service"
                        else "supported"
                    )
                if key == "service_indirect_revenue" and t <= LAST_COMPLETE:
                    verdict = "not_supported"
                wide = Decimal(200000) if unit == "money" else Decimal("0.03")
                marts.rows["fct_metric_values"].append(
                    {"metric_key": key, "period_grain": grain, "period_end": month_end(t), "dimension": dimension, "member": member,
                     "numerator": None if value is None else 50 * value, "denominator": 50, "value": value, "n": 3 if value is None else 50,
                     "coverage": Decimal("0.9"), "verdict": verdict, "status": "grey", "is_provisional": t > LAST_COMPLETE,
                     "ci_low": value - wide if value is not None and key in INTERVALS else None,
                     "ci_high": value + wide if value is not None and key in INTERVALS else None, "policy_hash": "9f2c41d07ab3"}
                )  # fmt: skip
                if key == "adoption_lift_after_action" and t == LAST_COMPLETE and value is not None:
                    marts.rows["fct_effects"].append(
                        {"metric_key": key, "dimension": dimension, "member": member, "period_grain": grain, "period_end": month_end(t),
                         "raw_gap": value + Decimal("0.05"), "adjusted_effect": value, "n_treated": 50, "n_control": 210, "verdict": verdict}
                    )  # fmt: skip


def care(marts: Marts) -> None:
    """What is known of each customer, its events, its health; revenue at risk follows from them."""
    t = LAST_COMPLETE
    for category, activity, says, reached, finding in (
        ("adoption", "coaching", True, 9, "said_not_shown"),
        ("adoption", "training", True, 21, "said_and_shown"),
        ("retention", "budget_planning", False, 2, "neither"),
        ("retention", "win_loss_analysis", True, None, "unknown"),
        ("expansion", SCRIPT_NAME, False, 3, "neither"),
    ):
        marts.rows["fct_practice_assessments"].append(
            {"category": category, "activity_key": activity, "month_end": month_end(t), "assessed_date": month_end(t - 2), "is_practised": says,
             "due_customer_count": 40, "known_customer_count": 30 if reached else 0, "covered_customer_count": reached or 0,
             "covered_share": ratio(reached, 30) if reached else None, "gap_share": says - (ratio(reached, 30) or 0) if reached else None, "finding": finding}
        )  # fmt: skip
    ranked = sorted(marts.customers, key=lambda c: (-c.mrr[t], c.customer_id))
    at_risk: dict[str, Decimal] = {"defecting": Decimal(0), "reducing": Decimal(0)}
    for rank, c in enumerate(ranked, 1):
        number = int(c.customer_id.split(":")[1])
        active = c.mrr[t] > 0
        is_known = number % 9 != 0
        sold = 40 + number % 30
        cases = number % 7 if number % 6 else 0
        marts.rows["fct_customer_profiles"].append(
            {"customer_id": c.customer_id, "month_end": month_end(t), "relationship_status": "active_recurring" if active else "lost" if c.start <= t else None,
             "is_active": active, "tenure_months": max(t - c.start, 0), "arr_amount": 12 * c.mrr[t], "arr_rank": rank,
             "prior_year_arr_amount": 12 * c.mrr[t - 12] if c.start <= t - 12 else None,
             "sold_quantity": sold if active else None, "adopted_quantity": 21 if active and is_known else None,
             "adoption_rate": ratio(21, sold) if active and is_known else None, "adoption_band": "amber" if is_known else "unknown",
             "is_using": True if is_known else None, "active_user_count": 25 if is_known else None, "advanced_user_count": 6 if is_known else None,
             "entitled_feature_count": 12 if is_known else None, "used_feature_count": 7 if is_known else None,
             "engagement_count": number % 4 if is_known else None, "is_engaged": number % 4 > 0 if is_known else None, "is_silent": False,
             "last_engagement_date": month_end(t).replace(day=9) if number % 4 else None,
             "case_count": cases, "how_to_case_count": cases // 2, "install_config_case_count": 0, "defect_case_count": cases - cases // 2,
             "usability_performance_case_count": 0, "enhancement_case_count": 0, "other_case_count": 0, "unclassified_case_count": 0,
             "open_case_count": min(cases, 1), "rated_case_count": cases // 3, "satisfied_case_count": cases // 4,
             "nps_answer_count": number % 3, "nps_promoter_count": min(number % 3, 1), "nps_detractor_count": 0,
             "perception_answer_count": number % 2, "perception": "positive" if number % 2 else None, "open_risk_count": int(number % 16 == 3)}
        )  # fmt: skip
        # a third holds support, the next also a contract that is due; what another third costs is unknown in one month
        marts.rows["fct_service_months"].append(
            {"customer_id": c.customer_id, "month_end": month_end(t), "has_service_contract": number % 3 > 0, "has_maintenance": False,
             "has_support": number % 3 > 0, "has_success": number % 3 > 1, "service_arr_amount": 12000 * (number % 3)}
        )  # fmt: skip
        for ahead, is_ahead in ((-2, False), (3, True), (9, True)):
            if number % 3 == 2:
                marts.rows["fct_contract_renewals"].append(
                    {"renewal_key": f"{number}:{ahead}", "contract_kind": "service", "customer_id": c.customer_id, "due_date": month_end(t + ahead) if t + ahead < MONTHS else date(2025, 9 + ahead // 9, 14),
                     "available_amount": 1000 * (12 + ahead), "is_open": is_ahead}
                )  # fmt: skip
        for month in range(t - 14, t + 1):
            marts.rows["fct_customer_profit_months"].append(
                {"customer_id": c.customer_id, "month_end": month_end(month), "revenue_amount": 10000,
                 "service_cost_amount": None if number % 3 == 0 and month == t - 3 else 750}
            )  # fmt: skip
        if active and is_known:
            marts.rows["fct_success_months"].append(
                {
                    "customer_id": c.customer_id,
                    "month_end": month_end(t),
                    "realization_rate": ratio(number % 5, 4) if number % 7 else None,
                    "success_state": "failing" if number % 5 < 2 else "succeeding",
                    "has_open_plan": number % 3 > 0,
                }
            )
        if active:
            states = {
                "kickoff_meeting": "not_due",
                "coaching": "done",
                "training": "missing",
                "roi_analysis": "unknown",
                "win_loss_analysis": "done",
            }
            marts.rows["fct_activity_months"].append(
                {"customer_id": c.customer_id, "month_end": month_end(t)} | {f"{name}_state": state for name, state in states.items()}
            )  # fmt: skip
        events: list[
            tuple[date, str, str | None, str | None, Decimal | None, Decimal | None, bool | None]
        ] = []
        for month in range(max(c.start, 1), t + 1):
            kind = movement(c.mrr[month - 1], c.mrr[month], any(c.mrr[:month]))
            if kind:
                events.append(
                    (
                        month_end(month),
                        "revenue_change",
                        kind,
                        c.reasons.get(month),
                        None,
                        12 * (c.mrr[month] - c.mrr[month - 1]),
                        None,
                    )
                )
            if active and month % 3 == number % 3:
                events.append(
                    (
                        month_end(month).replace(day=9),
                        "engagement",
                        "business_review",
                        "positive" if month % 2 else None,
                        None,
                        None,
                        None,
                    )
                )
                # severities are words of the help desk, as it writes them
                events.append(
                    (
                        month_end(month).replace(day=4),
                        "case_opened",
                        SCRIPT_NAME if rank == 1 else "urgent",
                        "defect",
                        None,
                        None,
                        month > t - 3,
                    )
                )
                events.append(
                    (
                        month_end(month).replace(day=6),
                        "case_closed",
                        "dissatisfied",
                        "defect",
                        None,
                        None,
                        None,
                    )
                )
        if active:
            events.append((month_end(t).replace(day=2), "survey_answer", "nps", None, Decimal(9), None, None))
            events.append(
                (month_end(t).replace(day=2), "survey_answer", "barrier", "lacks_skills", None, None, None)
            )
            events.append(
                (month_end(t).replace(day=20), "class_change", class_of(number), "healthy", None, None, None)
            )
            events.append(
                (month_end(t).replace(day=21), "contract_due", "product", None, None, 12 * c.mrr[t], None)
            )
        if number % 16 == 3:
            warned = month_end(t).replace(day=3)
            marts.rows["fct_early_warnings"].append(
                {"warning_key": f"risk:{number}", "customer_id": c.customer_id, "warning_date": warned}
            )
            marts.rows["fct_metric_contributions"].append(
                {"metric_key": "early_warning_response_rate", "period_grain": "t12m", "period_end": month_end(t), "dimension": "all", "member": "all",
                 "subject_type": "warning", "subject_id": f"risk:{number}", "numerator": 0, "denominator": 1, "is_included": True}
            )  # fmt: skip
            events.append(
                (month_end(t).replace(day=3), "risk_opened", "churn", "competitor", None, None, True)
            )
        for i, (day, kind, detail, qualifier, score, amount, is_open) in enumerate(
            sorted(events, key=lambda e: e[0], reverse=True), 1
        ):
            marts.rows["fct_customer_timeline"].append(
                {"customer_id": c.customer_id, "event_date": day, "event_kind": kind, "subject_id": f"{kind}-{i}", "detail": detail, "qualifier": qualifier,
                 "score": score, "event_amount": amount, "is_open": is_open, "event_number": i}
            )  # fmt: skip
        if not active:
            continue
        name = class_of(number)
        if name in at_risk:
            at_risk[name] += 12 * c.mrr[t]
        reason = {
            "defecting": "competitor",
            "reducing": "adoption_falling",
            "watch": "other_open_risk",
        }.get(name)
        marts.rows["fct_health_months"].append(
            {"customer_id": c.customer_id, "month_end": month_end(t), "risk_class": name, "primary_reason": reason,
             "next_step": "call_the_sponsor" if reason else None, "health_score": None if name == "unknown" else 30 + number % 60,
             "known_weight_share": Decimal("0.4") if name == "unknown" else Decimal("0.85"), "relationship_state": "content", "arr_amount": 12 * c.mrr[t],
             "renews_on": month_end(t + number % 12).replace(day=1) if number % 4 else None, "renews_within": "180", "driver_1": "adoption", "driver_2": "support",
             "open_intervention_count": 1 if name == "defecting" else 0, "last_engagement_date": month_end(t).replace(day=9), "vendor_score": 71}
        )  # fmt: skip
        for measure, weight in (
            ("adoption", 30),
            ("success", 25),
            ("perception", 20),
            ("engagement", 15),
            ("support", 10),
        ):
            known = measure != "success"
            marts.rows["fct_health_signals"].append(
                {"customer_id": c.customer_id, "month_end": month_end(t), "measure": measure, "score": 60 if known else None, "weight": weight,
                 "contribution_points": round(Decimal(60 * weight) / 75, 6) if known else None}
            )  # fmt: skip
        marts.rows["fct_license_months"].append(
            {"customer_id": c.customer_id, "product_family": c.family, "month_end": month_end(t), "sold_quantity": sold,
             "adopted_quantity": 21 if is_known else None, "arr_amount": 12 * c.mrr[t], "measurement_source": "observed" if is_known else "unknown"}
        )  # fmt: skip
    for order, (rule, name, words) in enumerate(
        (("competitor", "defecting", "A competitor is in play"), ("adoption_falling", "reducing", "Use of licences has fallen sharply"),
         ("other_open_risk", "watch", "Another risk is on record"))
    ):  # fmt: skip
        marts.rows["dim_risk_rules"].append(
            {"rule_key": rule, "risk_class": name, "rule_order": order, "reason": words, "instruction": f"Ask about it: {SCRIPT_NAME}", "is_active": True}
        )  # fmt: skip
    for name, predicted, observed in (
        ("healthy", "0.02", "0.025"),
        ("watch", "0.06", "0.05"),
        ("reducing", "0.10", "0.12"),
        ("defecting", "0.28", "0.31"),
    ):
        marts.rows["fct_risk_calibration"].append(
            {"period_end": month_end(t), "outcome": "churn", "bin_kind": "class", "bin": name, "bin_order": 1, "observed_count": 400,
             "predicted_rate": predicted, "observed_rate": observed, "ci_low": Decimal(observed) - Decimal("0.02"),
             "ci_high": Decimal(observed) + Decimal("0.02"), "is_provisional": False}
        )  # fmt: skip
    for step, name, share, visits in (
        (1, "visits", None, 10000), (2, "entitled", "0.8", 8000), (3, "answer_found", "0.6", 4800), (4, "case_intended", "0.65", 3120), (5, "deflected", "0.74", "2308.8"),
    ):  # fmt: skip
        marts.rows["fct_deflection_chain"].append(
            {"period_grain": "t12m", "period_end": month_end(t), "dimension": "all", "member": "all", "step_number": step, "step": name,
             "share_of_step_before": share, "visits": visits, "is_provisional": False}
        )  # fmt: skip
    marts.rows["dim_metrics"].append(
        {"row_id": "F8", "metric_key": "service_revenue_bridge", "theme": "service_sales", "title": "Service revenue bridge", "question": "What changed it?",
         "unit": "money", "direction": "neutral", "format": "money", "headline_grain": "t12m", "is_headline": True, "subject": "customer"}
    )  # fmt: skip
    for name, moved in (
        ("opening", 400000), ("attached", 200000), ("reinstated", 0), ("expanded", 40000), ("contracted", -25000), ("lost", -60000), ("closing", 555000),
    ):  # fmt: skip
        marts.rows["fct_metric_values"].append(
            {"metric_key": "service_revenue_bridge", "period_grain": "t12m", "period_end": month_end(t), "dimension": "movement", "member": name, "n": 90,
             "numerator": moved, "denominator": 400000, "value": moved, "verdict": "ok", "status": "grey", "is_provisional": False}
        )  # fmt: skip
    # July 2025 is the month of the as-of date; what fell due before it, or falls due after June 2026, is not of the coming twelve months
    for month, kind, count, available, booked, still, risk, lost in (
        (t, "service", 9, 90000, 90000, 0, 0, 0), (t + 1, "service", 3, 40000, 10000, 20000, 0, 11000), (t + 6, "service", 2, 30000, 0, 5000, 25000, 0),
        (t + 12, "service", 1, 1000, 0, 1000, 0, 0), (t + 13, "service", 4, 70000, 0, 0, 70000, 0), (t + 2, "product", 5, 300000, 100000, 150000, 50000, 0),
    ):  # fmt: skip
        marts.rows["fct_renewals_calendar"].append(
            {"month_end": month_end(month), "contract_kind": kind, "due_count": count, "unknown_count": int(month == t + 6), "available_amount": available,
             "booked_amount": booked, "open_amount": still, "at_risk_amount": risk, "lost_amount": lost}
        )  # fmt: skip
    for quarter, kind, low, mid, high, said in (
        (t - 4, "direct", "0.9", "1.1", "1.3", "supported"), (t - 1, "direct", "0.541146", "0.870003", "1.198859", "supported"),
        (t - 1, "indirect", "-1.2", "0.4", "2.0", "not_supported"), (t - 1, "all", None, None, None, "insufficient_evidence"),
    ):  # fmt: skip
        marts.rows["fct_service_scenarios"].append(
            {"revenue": kind, "period_end": month_end(quarter), "extra_cost_amount": 1, "low_amount": low, "mid_amount": mid, "high_amount": high, "verdict": said}
        )  # fmt: skip
    for place, (done, count) in enumerate(
        (("created", 300), ("configured", 290), ("accepted", 120), ("booked", 118)), 1
    ):
        marts.rows["fct_quote_funnel"].append(
            {"period_grain": "t12m", "period_end": month_end(t), "step_number": place, "step": done, "quote_count": count, "is_provisional": False}
        )  # fmt: skip
    marts.rows["dim_service_offers"].append({"offer_id": "OF1", "offer_name": f"Support {SCRIPT_NAME}"})
    for kind, offer, buyers, everybody, purchase_rank in (
        ("new", "OF1", 30, 50, 1),
        ("new", "OF2", 20, 50, 2),
        ("renewal", "OF1", 4, 4, None),
    ):
        marts.rows["fct_program_ranks"].append(
            {"sale_kind": kind, "offer_id": offer, "period_grain": "t12m", "period_end": month_end(t), "buyer_count": buyers, "all_buyer_count": everybody,
             "order_count": buyers, "service_amount": 1000 * buyers, "purchase_rank": purchase_rank, "is_provisional": False}
        )  # fmt: skip
    for adoption, success, kept, count, left in (
        ("green", "high", 58, 60, "1.06"), ("green", "low", 16, 20, "0.84"), ("red", "low", 14, 20, "0.7"), ("red", "mid", 3, 4, None),
        ("unknown", "unknown", 17, 20, "0.9"),
    ):  # fmt: skip
        marts.rows["fct_value_chain"].append(
            {"period_grain": "t12m", "period_end": month_end(t), "adoption_band": adoption, "success_band": success, "customer_count": count,
             "kept_customer_count": kept, "customer_retention_rate": ratio(kept, count), "opening_arr_amount": 12000 * count,
             "net_revenue_retention_rate": left, "is_provisional": False}
        )  # fmt: skip
    for name, rate, limit in (
        ("Core 4.2", "3.1", "1.9"),
        (SCRIPT_NAME, "1.2", "1.9"),
        ("Core 4.0", "0.4", None),
    ):
        marts.rows["fct_release_defects"].append(
            {"product_family": "Core", "release_name": name, "release_label": name, "month_end": month_end(t), "defect_case_count": 12, "sold_quantity": 400,
             "defect_rate": rate, "limit_rate": limit, "is_above_limit": None if limit is None else Decimal(rate) > Decimal(limit), "is_provisional": False}
        )  # fmt: skip
    for month in range(t - 12, MONTHS):
        for dimension, member, money in (("all", "all", sum(at_risk.values(), Decimal(0))), ("class", "defecting", at_risk["defecting"]), ("class", "reducing", at_risk["reducing"]),
                                          ("renews_within", "180", sum(at_risk.values(), Decimal(0))), ("renews_within", "none", Decimal(0))):  # fmt: skip
            marts.value(
                "revenue_at_risk", "month", month, money, None, len(ranked), dimension, member, amount=True
            )


def build(path: Path, without: Iterable[str] = (), empty: bool = False, count: int = 160) -> Path:
    """Writes a warehouse file to `path`: full, without some marts, of few customers, or `empty`."""
    marts = Marts([] if empty else simulate(count))
    if not empty:
        marts.retention()
        marts.contributions()
        marts.customers_and_months()
        marts.catalogue()
        restatements(marts)
        themes(marts)
        care(marts)
    return marts.write(path, without)


if __name__ == "__main__":
    import sys

    print(build(Path(sys.argv[1])))
