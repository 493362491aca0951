"""Adoption: known answers, identities, and an oracle that counts users in Python.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0) unless a test says otherwise.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse, month_ends, six

T = "2025-05-31"


def seats(
    company: Company, account: str, quantity: int, arr: int, product: str = "core", start: str = "2023-01-01"
) -> None:
    """A customer with seats of a product at a yearly price."""
    company.line(
        account, start, None, Decimal(arr) / 12, product=product, quantity=quantity, unit_of_measure="seat"
    )


def uses(
    company: Company,
    account: str,
    users: int,
    day: str = "2025-05-20",
    product: str = "core",
    first: int = 0,
    **columns: object,
) -> None:
    """Users of an account that use a product on a day."""
    for user in range(first, first + users):
        event = len(company.exports.get("templates/product_events", ()))
        company.add(
            "product_events", event_id=f"E{event}", account_id=account, user_id=f"{account}-u{user}", product_id=product,
            occurred_at=day, **columns,
        )  # fmt: skip


def tracked(company: Company) -> Company:
    """Use of somebody else before and after the window that counts, so that the days in it are known."""
    company.customer("tracker", segment="tracker")
    company.line("tracker", "2023-01-01", None, 10)
    for day in ("2024-01-02", "2025-06-29"):
        uses(company, "tracker", 1, day)
    return company.add("products", product_id="core", product_family="Core", offer_type="product")


@pytest.fixture(scope="module")
def examples(build: Builder) -> Warehouse:
    company = tracked(Company())

    # G21: A sold 100 used 120; B sold 100 used 40; C sold 100 and not mapped in the usage system; ARR 12,000 each.
    # The segment of an unmapped account is not known either, so the three are told by their product family.
    company.add("products", product_id="g21", product_family="G21", offer_type="product")
    for account, used in (("G21-A", 120), ("G21-B", 40), ("G21-C", 0)):
        seats(company, account, 100, 12_000, "g21")
        uses(company, account, used, product="g21")
        if account != "G21-C":
            company.customer(account, segment="G21")

    # The same with C mapped and silent.
    company.add("products", product_id="g21s", product_family="G21s", offer_type="product")
    for account, used in (("G21s-A", 120), ("G21s-B", 40), ("G21s-C", 0)):
        seats(company, account, 100, 12_000, "g21s")
        uses(company, account, used, product="g21s")
        company.customer(account, segment="G21s")

    # Seats that are assigned: of five users four hold a seat, one who holds a seat does nothing.
    company.customer("held", segment="held")
    seats(company, "held", 10, 1_200)
    uses(company, "held", 5)
    for user in (0, 1, 2, 3, 9):
        company.add(
            "licence_assignments", account_id="held", product_id="core", user_id=f"held-u{user}", assigned_at="2025-01-01",
            unassigned_at="2025-05-31" if user == 3 else None,
        )  # fmt: skip

    # Basic, advanced and unclassified: two users of advanced features, three of basic ones, one of neither.
    company.customer("tiers", segment="tiers")
    seats(company, "tiers", 10, 1_200)
    for feature, tier in (
        ("F-basic", "basic"),
        ("F-basic-2", "basic"),
        ("F-pro", "advanced"),
        ("F-new", None),
    ):
        company.add(
            "product_features", feature_id=feature, feature_name=feature, product_id="core", tier=tier
        )
    uses(company, "tiers", 2, feature_id="F-pro")
    uses(company, "tiers", 5, feature_id="F-basic")
    uses(company, "tiers", 1, first=5, feature_id="F-new")

    # A window of 28 days: the first of them counts, the day before does not.
    company.customer("window", segment="window")
    seats(company, "window", 10, 1_200)
    uses(company, "window", 1, "2025-05-04")
    uses(company, "window", 1, "2025-05-03", first=1)

    # Bands by whole months of tenure, each at its limit and beyond.
    for name, start, quantity, used in (
        ("ramp", "2025-03-15", 10, 1), ("3 months red", "2025-02-15", 10, 1), ("3 months amber", "2025-02-15", 10, 2),
        ("6 months amber", "2024-11-15", 10, 5), ("6 months green", "2024-11-15", 10, 6), ("7 months red", "2024-10-15", 10, 5),
        ("9 months amber", "2024-08-15", 100, 75), ("9 months green", "2024-08-15", 100, 76), ("10 months red", "2024-07-15", 100, 75),
        ("10 months green", "2024-07-15", 100, 76),
    ):  # fmt: skip
        company.customer(name, segment="bands")
        seats(company, name, quantity, 1_200, start=start)
        uses(company, name, used)
    return build(company)


def test_g21_capped_adoption_its_coverage_and_what_is_unused(examples: Warehouse) -> None:
    def value(key: str, family: str) -> Decimal | None:
        found: Decimal | None = examples.one(
            "select value from marts.fct_metric_values where metric_key = ? and period_grain = 'month' and period_end = cast(? as date)"
            " and dimension = 'product_family' and member = ?",
            key, T, family,
        )  # fmt: skip
        return found

    def row(family: str) -> tuple[Any, ...]:
        found: tuple[Any, ...] = examples.one(
            "select numerator, denominator, n, coverage from marts.fct_metric_values where metric_key = 'license_adoption_rate'"
            " and period_grain = 'month' and period_end = cast(? as date) and dimension = 'product_family' and member = ?",
            T, family,
        )  # fmt: skip
        return found

    assert value("license_adoption_rate", "G21") == six("0.70")
    assert row("G21") == (140, 200, 200, six(Decimal(2) / 3))
    assert value("usage_coverage_rate", "G21") == six(Decimal(24_000) / 36_000)
    assert value("overage_license_count", "G21") == 20
    assert value("unused_license_count", "G21") == 60
    assert value("shelfware_arr", "G21") == 60 * 120
    # mapped and silent: the most at risk of all
    assert value("license_adoption_rate", "G21s") == six("0.466667")
    assert row("G21s") == (140, 300, 300, 1)
    assert value("unused_license_count", "G21s") == 160
    assert value("usage_coverage_rate", "G21s") == 1


def test_g21_without_the_cap_overage_counts(build: Builder) -> None:
    company = tracked(Company())
    company.customer("A", segment="G21").customer("B", segment="G21")
    for account, used in (("A", 120), ("B", 40)):
        seats(company, account, 100, 12_000)
        uses(company, account, used)
    marts = build(company, cap_overage=False)
    assert marts.value("license_adoption_rate", "month", T, "G21") == six("0.80")


def test_only_seat_holders_use_a_seat_where_seats_are_assigned(examples: Warehouse) -> None:
    assert examples.value("license_adoption_rate", "month", T, "held") == six("0.3")
    assert examples.value("deployment_rate", "month", T, "held") == six("0.4")
    # Of the four that hold one on the last day three used it.
    assert examples.value("targeted_user_adoption_rate", "month", T, "held") == six("0.75")


def test_users_are_basic_or_advanced_and_those_of_unclassified_features_neither(examples: Warehouse) -> None:
    advanced, basic = (
        examples.row(f"{tier}_user_share", "month", T, "tiers") for tier in ("advanced", "basic")
    )
    assert (advanced["numerator"], advanced["denominator"], advanced["value"]) == (2, 5, six("0.4"))
    assert (basic["numerator"], basic["denominator"], basic["value"]) == (3, 5, six("0.6"))
    # two of four features that the product has
    assert examples.value("feature_breadth_rate", "month", T, "tiers") == six("0.75")


def test_the_window_is_28_days_long(examples: Warehouse) -> None:
    assert examples.value("license_adoption_rate", "month", T, "window") == six("0.1")
    assert examples.value("using_customer_share", "month", T, "window") == 1


def test_bands_follow_adoption_and_whole_months_of_tenure(examples: Warehouse) -> None:
    bands = dict(
        examples.rows(
            "select customer_id, adoption_band from marts.fct_adoption_months inner join marts.dim_customers using (customer_id)"
            " where segment = 'bands' and month_end = cast(? as date)",
            T,
        )
    )
    assert bands == {f"templates:{name}": name.rsplit(" ", 1)[-1] for name in (
        "ramp", "3 months red", "3 months amber", "6 months amber", "6 months green", "7 months red", "9 months amber", "9 months green",
        "10 months red", "10 months green",
    )}  # fmt: skip


def test_what_customers_do_next_is_told_by_what_they_used_before(build: Builder) -> None:
    """Ten customers with high and ten with low adoption a year before; the low ones adopt later, which must not count."""
    company = tracked(Company())
    for number in range(10):
        for name, used in (("high", 9), ("low", 1)):
            account = f"{name}{number}"
            company.customer(account, segment=name)
            grows = number < (6 if name == "high" else 2)
            company.line(account, "2022-01-01", "2025-01-01", 100, quantity=10, unit_of_measure="seat")
            company.line(
                account,
                "2025-01-01",
                None,
                150 if grows else 100,
                quantity=15 if grows else 10,
                unit_of_measure="seat",
            )
            uses(company, account, used, "2024-05-20")
            uses(company, account, 10, "2025-05-20")
    marts = build(company)
    for key, high, low in (
        ("expansion_rate_by_adoption_band", Decimal("0.3"), Decimal("0.1")),
        ("license_purchase_rate_by_adoption_band", Decimal("0.6"), Decimal("0.2")),
    ):
        found = dict(
            marts.rows(
                "select member, value from marts.fct_metric_values where metric_key = ? and period_grain = 't12m'"
                " and period_end = cast(? as date) and dimension = 'adoption_band'",
                key, T,
            )
        )  # fmt: skip
        assert (found["green"], found["red"]) == (six(high), six(low))
        gap = marts.row(key, "t12m", T)
        assert (gap["value"], gap["n"]) == (six(high - low), 10)


def test_an_oracle_in_python_counts_the_same_users_days_and_features(build: Builder) -> None:
    """A random company; every figure of every customer and month is counted again without SQL."""
    dice = random.Random(7)
    company = tracked(Company())
    features = {f"F{number}": ("basic", "advanced", None)[number % 3] for number in range(7)}
    for feature, tier in features.items():
        company.add("product_features", feature_id=feature, product_id="core", tier=tier)
    events: list[tuple[str, str, date, str]] = []
    for number in range(12):
        account = f"R{number}"
        company.customer(account)
        seats(company, account, dice.randint(1, 6), 1_200)
        for _ in range(dice.randint(0, 60)):
            user, feature = f"u{dice.randint(0, 7)}", dice.choice(sorted(features))
            day = date(2024, 11, 1) + timedelta(days=dice.randint(0, 220))
            events.append((account, user, day, feature))
            company.add(
                "product_events", event_id=f"R{len(events)}", account_id=account, user_id=f"{account}-{user}", product_id="core",
                feature_id=feature, occurred_at=day.isoformat(), event_count=dice.randint(1, 3),
            )  # fmt: skip
    sold: dict[str, Any] = {
        row["account_id"]: row.get("quantity") for row in company.exports["templates/contract_lines"]
    }
    marts = build(company)
    found = {
        (customer.removeprefix("templates:"), month): tuple(rest)
        for customer, month, *rest in marts.rows(
            "select customer_id, month_end, is_using, active_user_count, user_day_count, advanced_user_count, classified_user_count,"
            " used_feature_count, entitled_feature_count, adopted_quantity from marts.fct_adoption_months"
            " where customer_id like 'templates:R%' and month_end >= date '2024-11-30'"
        )
    }
    checked = 0
    for account, quantity in sold.items():
        if not account.startswith("R"):
            continue
        for month in month_ends(date(2024, 11, 1), date(2025, 6, 30)):
            window = [e for e in events if e[0] == account and month - timedelta(days=28) < e[2] <= month]
            days, used = defaultdict(set), defaultdict(set)
            for _, user, day, feature in window:
                days[user].add(day)
                used[user].add(features[feature])
            advanced = sum("advanced" in tiers for tiers in used.values())
            classified = sum(bool(tiers - {None}) for tiers in used.values())
            assert found[account, month] == (
                bool(window), len(days), sum(map(len, days.values())), advanced, classified, len({e[3] for e in window}), len(features),
                min(len(days), quantity),
            ), (account, month)  # fmt: skip
            checked += 1
    assert checked > 80
    # … and the identities that hold for the company as a whole.
    for month in month_ends(date(2024, 11, 1), date(2025, 6, 30)):
        shares = [
            marts.value(f"{tier}_user_share", "month", month.isoformat()) for tier in ("basic", "advanced")
        ]
        if None not in shares:
            assert sum(share for share in shares if share is not None) == 1
        stickiness, days_per_user = (
            marts.row(key, "month", month.isoformat())
            for key in ("dau_mau_stickiness", "active_days_per_user")
        )
        assert stickiness["numerator"] == days_per_user["numerator"]
        assert stickiness["denominator"] == 28 * days_per_user["denominator"]
        adoption = marts.value("license_adoption_rate", "month", month.isoformat())
        assert adoption is None or 0 <= adoption <= 1


def test_what_customers_say_stands_in_where_nothing_is_measured_and_barriers_are_asked_below_green(
    build: Builder,
) -> None:
    company = Company().add("products", product_id="core", product_family="Core", offer_type="product")
    company.customer("tracker", segment="tracker").line("tracker", "2023-01-01", None, 10)
    for name, share in (("said40", 4), ("said90", 9), ("old", 5), ("nothing", None)):
        company.customer(name, segment=name if name != "said90" else "said40")
        seats(company, name, 10, 1_200)
        if share is not None:
            company.add(
                "survey_responses", answer_id=f"S-{name}", account_id=name, survey_id="S", question_kind="adoption_share", score=share,
                scale_low=0, scale_high=10, answered_date="2024-05-30" if name == "old" else "2024-06-01",
            )  # fmt: skip
    company.add(
        "survey_responses", answer_id="B-said40", account_id="said40", survey_id="S", question_kind="barrier", answer="too complex",
        answered_date="2025-01-01",
    )  # fmt: skip
    marts = build(company)
    row = marts.row("license_adoption_rate", "month", T, "said40")
    assert (row["numerator"], row["denominator"], row["coverage"]) == (13, 20, 1)
    # An answer of thirteen months ago tells nothing any more, nor does silence.
    for name in ("old", "nothing"):
        assert marts.row("license_adoption_rate", "month", T, name)["value"] is None
    sources = dict(
        marts.rows(
            "select member, value from marts.fct_metric_values where metric_key = 'adoption_measurement_source' and period_grain = 'month'"
            " and period_end = cast(? as date)",
            T,
        )
    )
    assert sources == {"observed": 0, "survey": six("0.5"), "unknown": six("0.5")}
    barriers = dict(
        marts.rows(
            "select member, numerator from marts.fct_metric_values where metric_key = 'adoption_barrier_mix' and period_grain = 'month'"
            " and period_end = cast(? as date)",
            T,
        )
    )
    # of those whose adoption is known, one of two is below green
    assert barriers == {"too_complex": 1, "lacks_skills": 0, "not_aligned": 0, "other": 0, "unknown": 0}
