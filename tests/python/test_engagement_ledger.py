"""Engagement of the demo company, counted in Python from what the simulator knows, is what the marts say.

The ledger has every touch, case and visit as it took place; what two systems log of one meeting is told once by a walk along them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pytest

from tests.harness import metric

CHANNELS = ("meeting", "phone", "email", "chat", "in_app", "portal", "community", "event", "unknown")
#: Problem records are the demo's own tickets, and nobody's cases.
IS_CASE = "cast(case_id as bigint) < 100000000000 and exclusion_reason is null"


@dataclass(frozen=True)
class Interaction:
    """One interaction with a customer."""

    customer: str
    day: date
    channel: str
    both: bool
    inbound: bool | None


@pytest.fixture(scope="module")
def interactions(company: duckdb.DuckDBPyConnection) -> list[Interaction]:
    touches = company.execute(
        "select customer_id, engagement_type, started_at, engagement_key, engagement_date, mode, channel, is_two_way, direction"
        " from ledger.engagements where is_completed and customer_id is not null order by 1, 2, 3, 4"
    ).fetchall()
    found: list[Interaction] = []
    kept: tuple[object, ...] = ()
    for touch in touches:
        customer, kind, started, key, day, mode, channel, both, direction = touch
        if (
            kept
            and kept[:2] == touch[:2]
            and str(kept[3]).split(":")[0] != key.split(":")[0]
            and (started - kept[2]).total_seconds() < 3600
        ):
            continue  # the other system's record of the same meeting
        kept = touch
        if mode != "none":
            inbound = {"inbound": True, "outbound": False}.get(
                direction, False if kind == "bulk_email" else None
            )
            found.append(Interaction(customer, day, channel or "unknown", bool(both), inbound))
    found += [
        Interaction(customer, created.date(), channel, replied is not None, True)
        for customer, created, channel, replied in company.execute(
            f"select customer_id, created_at, channel, first_reply_at from ledger.cases where customer_id is not null and {IS_CASE}"
        ).fetchall()
    ]
    found += [
        Interaction(customer, started.date(), "portal", False, True)
        for customer, started in company.execute(
            "select customer_id, started_at from ledger.self_service_sessions where customer_id is not null"
        ).fetchall()
    ]
    return found


def test_engagements_and_bands_of_every_customer_and_month(
    company: duckdb.DuckDBPyConnection, interactions: list[Interaction]
) -> None:
    days: dict[str, list[date]] = defaultdict(list)
    for item in interactions:
        if item.both:
            days[item.customer].append(item.day)
    (first_case,) = company.execute("select min(created_at) from ledger.cases").fetchone() or (None,)
    assert first_case is not None
    # Touches begin in the first month; whoever neither sales nor success knows is known to support at best.
    rows = company.execute(
        "select customer_id, month_end, tenure_months, engagement_count, engagement_band from marts.fct_engagement_months"
        " inner join ledger.customer_months using (customer_id, month_end, tenure_months)"
    ).fetchall()
    assert len(rows) > 500
    (log_from,) = company.execute(
        "select min(engagement_date) from ledger.engagements where is_completed"
    ).fetchone() or (None,)
    assert log_from is not None
    bands = set()
    for customer, end, tenure, count, band in rows:
        if (end - log_from).days < 185 or band == "unknown":
            continue
        recent = [day for day in days[customer] if day <= end]
        assert count == sum((end - day).days < 90 for day in recent), (customer, end)
        is_quiet = all((end - day).days >= 180 for day in recent)
        expected = "engaged" if count else "silent" if tenure >= 6 and is_quiet else "seldom"
        assert band == expected, (customer, end)
        bands.add(band)
    assert bands == {"engaged", "seldom", "silent"}
    # Only customers of no system that logs anything, and the log's first months, are unknown.
    unknown = {
        customer for customer, end, _, _, band in rows if band == "unknown" and (end - log_from).days >= 185
    }
    assert not unknown & set(days)


def test_interacting_customers_by_channel(
    company: duckdb.DuckDBPyConnection, interactions: list[Interaction]
) -> None:
    months = [
        end
        for (end,) in company.execute(
            "select month_end from marts.fct_contact_calendar group by 1 order by 1"
        ).fetchall()
    ]
    seen = set()
    for end in months[3:-1]:
        openings = {"month": end.replace(day=1) - timedelta(1)}
        if end >= months[12] and end.month != 2:
            openings["t12m"] = end.replace(year=end.year - 1)
        for grain, opening in openings.items():
            inside = [item for item in interactions if opening < item.day <= end]
            contacts = [item for item in inside if item.both or item.inbound]
            total = metric(company, "interacting_customers", grain, str(end))
            assert total is not None and total["numerator"] == len({item.customer for item in contacts}), (
                grain,
                end,
            )
            for channel in CHANNELS:
                row = metric(
                    company, "interacting_customers", grain, str(end), "interaction_channel", channel
                )
                customers = {item.customer for item in contacts if item.channel == channel}
                assert row is not None and row["numerator"] == len(customers), (grain, end, channel)
                seen.add((channel, bool(customers)))
    assert {(channel, True) for channel in ("meeting", "phone", "email", "chat", "portal", "event")} <= seen
