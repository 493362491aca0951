"""Published and constructed known answers (metrics.md 2G, corrected by clarifications A), through the real models.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0, default policy) unless a test says otherwise.
Independent examples share one company; each has a segment of its own by which it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse, month_ends, six


def _examples() -> Company:
    company = Company()

    # G02, ServiceXRG "Recurring Revenue Rate": 2023-12-31 → 2024-12-31: A 50→55, B 25→0, C 25→20, D 0→45
    company.segment_of("G02", "G02-A", "G02-B", "G02-C", "G02-D")
    company.line("G02-A", "2023-01-01", "2024-06-01", 50).line("G02-A", "2024-06-01", None, 55)
    company.line("G02-B", "2023-01-01", "2024-06-01", 25)
    company.line("G02-C", "2023-01-01", "2024-06-01", 25).line("G02-C", "2024-06-01", None, 20)
    company.line("G02-D", "2024-06-01", None, 45)

    # G04, ChartMogul "Syncalytics", with the dates of clarifications A; first and second case
    for example, silver in (("G04", ("2023-02-03", "2023-03-03")), ("G04b", ("2023-01-30", "2023-02-28"))):
        company.segment_of(example, example)
        company.line(
            example,
            "2023-01-28",
            "2024-01-28",
            product="gold",
            recurring_amount=2000,
            billing_interval="year",
        )
        company.line(example, *silver, 60, product="silver")
        company.line(example, "2024-05-05", None, 150, product="gold")

    # G05, ChartMogul churn articles: two month-ends, A 10→0, B 30→20, C 30→40, D 30→30
    company.segment_of("G05", "G05-A", "G05-B", "G05-C", "G05-D")
    company.line("G05-A", "2024-01-01", "2024-06-01", 10)
    company.line("G05-B", "2024-01-01", "2024-06-01", 30).line("G05-B", "2024-06-01", None, 20)
    company.line("G05-C", "2024-01-01", "2024-06-01", 30).line("G05-C", "2024-06-01", None, 40)
    company.line("G05-D", "2024-01-01", None, 30)

    # G06, ChartMogul: (a) A 100→110, B 0→10 new; (b) A 100→95
    company.segment_of("G06a", "G06a-A", "G06a-B").segment_of("G06b", "G06b-A")
    company.line("G06a-A", "2024-01-01", "2024-06-01", 100).line("G06a-A", "2024-06-01", None, 110)
    company.line("G06a-B", "2024-06-01", None, 10)
    company.line("G06b-A", "2024-01-01", "2024-06-01", 100).line("G06b-A", "2024-06-01", None, 95)

    # G07, Stripe billing metric definitions: 100 lines at 100 a month, 50 lines at 600 a year
    company.segment_of("G07", "G07")
    for _ in range(100):
        company.line("G07", "2024-01-01", None, recurring_amount=100, billing_interval="month")
    for _ in range(50):
        company.line("G07", "2024-01-01", None, recurring_amount=600, billing_interval="year")

    # G09, GitLab retention.md with whole months: 408.333333, seven months of nothing, 650
    company.segment_of("G09", "G09")
    company.line("G09", "2016-01-01", "2017-01-01", "408.333333").line("G09", "2017-08-01", "2018-01-01", 650)

    # G10, GitLab reason_for_arr_change_*: 1,000 for 100 seats → 1,440 for 120 seats, same tier
    company.segment_of("G10", "G10")
    company.line("G10", "2024-01-01", "2024-06-01", 1000, quantity=100)
    company.line("G10", "2024-06-01", None, 1440, quantity=120)

    # G12, Virgo Capital: of 10, 20 and 40 customers one leaves within the year
    for customers in (10, 20, 40):
        names = [f"G12-{customers}-{number}" for number in range(customers)]
        company.segment_of(f"G12-{customers}", *names)
        for number, name in enumerate(names):
            company.line(name, "2023-01-01", "2024-06-01" if number == 0 else None, 10)

    # G14, GP Bullhound CFO handbook: initial MRR and what is left of it
    for example, cohorts in {
        "G14-M12": ((54701, "0.77"), (44136, "0.74"), (55887, "0.76"), (46883, "0.78")),
        "G14-M13": ((54701, "0.75"), (44136, "0.72"), (55887, "0.75")),
        "G14-NRR": ((42162, "0.99"), (55433, "1.07"), (56681, "1.10")),
    }.items():
        for number, (initial, rate) in enumerate(cohorts):
            company.segment_of(example, f"{example}-{number}")
            company.line(f"{example}-{number}", "2023-01-01", "2024-06-01", initial)
            company.line(f"{example}-{number}", "2024-06-01", None, initial * Decimal(rate))
    return company


@pytest.fixture(scope="module")
def examples(build: Builder) -> Warehouse:
    return build(_examples())


def test_g02_recurring_revenue_rate_counts_new_customers_and_retention_does_not(examples: Warehouse) -> None:
    year = ("t12m", "2024-12-31", "G02")
    assert examples.value("recurring_revenue_rate", *year) == six("1.20")  # 120 ÷ 100, published
    assert examples.value("net_recurring_revenue_change", *year) == six(20)
    assert examples.value("net_revenue_retention", *year) == six("0.75")  # 75 ÷ 100
    assert examples.value("gross_revenue_retention", *year) == six("0.70")  # 70 ÷ 100


def test_g04_story_of_one_customer_gives_one_movement_a_month(examples: Warehouse) -> None:
    assert examples.movements("G04") == {
        "2023-01": {"new": six("166.666667")},
        "2023-02": {"expansion": six(60)},
        "2023-03": {"contraction": six(60)},
        "2024-01": {"churn": six("166.666667")},
        "2024-05": {"reactivation": six(150)},
    }
    # The churn is dated to the first day without service.
    assert examples.rows(
        "select end_date from intermediate.int_recurring_segments where customer_id = 'templates:G04' and product_family = 'gold'"
        " and end_date is not null"
    ) == [(date(2024, 1, 28),)]


def test_g04_movements_inside_a_month_are_netted(examples: Warehouse) -> None:
    assert examples.movements("G04b") == {
        "2023-01": {"new": six("226.666667")},
        "2023-02": {
            "contraction": six(60)
        },  # no expansion: the second product came and went within the count
        "2024-01": {"churn": six("166.666667")},
        "2024-05": {"reactivation": six(150)},
    }


def test_g05_churn_rates_and_retention_of_one_month(examples: Warehouse) -> None:
    month = ("month", "2024-06-30", "G05")
    assert examples.value("gross_mrr_churn_rate", *month) == six("0.20")
    assert examples.value("net_mrr_churn_rate", *month) == six("0.10")
    assert examples.value("gross_revenue_retention", *month) == six("0.80")
    assert examples.value("net_revenue_retention", *month) == six("0.90")


def test_g06_new_business_is_no_part_of_churn_and_growth_makes_it_negative(examples: Warehouse) -> None:
    assert examples.value("net_mrr_churn_rate", "month", "2024-06-30", "G06a") == six("-0.10")
    assert examples.value("gross_mrr_churn_rate", "month", "2024-06-30", "G06b") == six("0.05")


def test_g07_yearly_prices_count_a_twelfth(examples: Warehouse) -> None:
    assert examples.value("mrr", "month", "2024-06-30", "G07") == six(12500)


def test_g09_a_gap_of_months_is_churn_and_reactivation_and_not_kept_revenue(examples: Warehouse) -> None:
    for t in month_ends(date(2017, 1, 1), date(2017, 7, 31)):
        assert examples.value("net_revenue_retention", "t12m", str(t), "G09") == 0, t
        assert examples.value("gross_revenue_retention", "t12m", str(t), "G09") == 0, t
    # From here on the opening month-ends 2016-08-31 … 2016-12-31 meet the second stretch; December is the last month.
    for t in month_ends(date(2017, 8, 1), date(2017, 12, 31)):
        assert examples.value("net_revenue_retention", "t12m", str(t), "G09") == six("1.591837"), (
            t
        )  # 650 ÷ 408.333333
        assert examples.value("gross_revenue_retention", "t12m", str(t), "G09") == 1, t
    movements = examples.movements("G09")
    assert movements["2017-01"] == {"churn": six("408.333333")}
    assert movements["2017-08"] == {"reactivation": six(650)}


def test_g10_growth_splits_into_seats_at_the_old_price_and_price_at_the_new_seats(
    examples: Warehouse,
) -> None:
    drivers = examples.one(
        "select seat_amount, price_amount, tier_amount, uplift_amount, change_amount from marts.fct_retention_by_product_family"
        " where customer_id = 'templates:G10' and period_grain = 'month' and period_end = date '2024-06-30'"
    )
    assert drivers == (200, 240, 0, 0, 440)


@pytest.mark.parametrize(
    ("customers", "years"), [(10, 10), (20, 20), (40, 40)]
)  # retention 90 %, 95 %, 97.5 %
def test_g12_expected_lifetime_is_one_over_the_loss_rate(
    examples: Warehouse, customers: int, years: int
) -> None:
    assert examples.value("expected_lifetime", "t12m", "2024-12-31", f"G12-{customers}") == years


def test_g14_cohort_rates_are_ratios_of_sums(examples: Warehouse) -> None:
    def rounded(key: str, example: str) -> Decimal:
        value = examples.value(key, "t12m", "2024-12-31", example)
        assert value is not None
        return round(value, 4)

    assert rounded("gross_revenue_retention", "G14-M12") == Decimal("0.7630")
    assert rounded("gross_revenue_retention", "G14-M13") == Decimal("0.7414")
    assert rounded("net_revenue_retention", "G14-NRR") == Decimal("1.0592")  # published cut to 105.91 %


# ---- G08: discounts ------------------------------------------------------------------------------------------------------


def _couponed() -> Company:
    company = Company()
    for duration in ("forever", "once", "repeating"):
        company.segment_of(duration, duration)
        company.line(duration, "2024-01-01", None, recurring_amount=1200, billing_interval="year")
        company.add(
            "contract_discounts", discount_id=duration, account_id=duration, percent_off="0.5", duration=duration,
            start_date="2024-01-01", end_date="2025-01-01" if duration == "repeating" else None,
        )  # fmt: skip
    return company


@pytest.mark.parametrize(
    ("treatment", "forever", "once", "repeating"),
    [
        ("exclude_once", 50, 100, 50),  # default: discounts in force except one-off ones
        ("forever_only", 50, 100, 100),  # Stripe's published rule
        ("all", 50, 50, 50),
        ("none", 100, 100, 100),
    ],
)
def test_g08_discount_treatment_decides_which_coupons_reduce_mrr(
    build: Builder, treatment: str, forever: int, once: int, repeating: int
) -> None:
    marts = build(_couponed(), discount_treatment=treatment)
    for month_end in ("2024-06-30", "2025-01-31"):
        assert marts.mrr(month_end, "forever") == forever
        assert marts.mrr(month_end, "once") == once
    assert marts.mrr("2024-06-30", "repeating") == repeating
    assert marts.mrr("2024-12-31", "repeating") == repeating
    assert marts.mrr("2025-01-31", "repeating") == 100  # the coupon ended on 2025-01-01


# ---- G13b and G25: seven customers, sixteen month-ends --------------------------------------------------------------------


def _seven_customers() -> Company:
    company = Company()
    company.line("1", "2023-01-01", "2024-04-01", 100).line("1", "2024-06-01", "2025-06-01", 150)
    company.line("2", "2023-06-01", "2024-07-01", 200).line("2", "2024-07-01", "2025-07-01", 120)
    company.line("3", "2024-02-01", "2025-02-01", 50).line("3", "2024-09-01", "2025-02-01", 30)
    company.line("4", "2023-03-15", "2024-03-15", 80)
    company.line("5", "2023-12-01", "2024-11-20", 60).line("5", "2024-12-10", "2025-12-10", 60)
    company.line("6", "2024-05-10", "2024-05-25", 40)
    company.line("7", "2022-01-01", "2025-01-01", 300)
    return company


@pytest.fixture(scope="module")
def seven(build: Builder) -> Warehouse:
    return build(_seven_customers())


def test_g13b_month_end_revenue(seven: Warehouse) -> None:
    expected = [740, 740, 790, 710, 610, 610, 760, 680, 680, 710, 710, 710, 710, 410, 330, 330]
    days = list(month_ends(date(2023, 12, 1), date(2025, 3, 31)))
    assert [seven.mrr(str(day)) for day in days] == expected


def test_g13b_trailing_twelve_months(seven: Warehouse) -> None:
    year = ("t12m", "2024-12-31")
    assert seven.value("net_revenue_retention", *year) == six("0.851351")  # 630 ÷ 740
    assert seven.value("gross_revenue_retention", *year) == six("0.783784")  # 580 ÷ 740
    assert seven.value("recurring_revenue_rate", *year) == six("0.959459")  # 710 ÷ 740
    kept = seven.row("customer_retention_rate", *year)
    assert (kept["numerator"], kept["denominator"]) == (4, 5)
    assert seven.bridge(*year) == {
        "opening": 740, "new": 80, "reactivation": 0, "expansion": 50, "contraction": 80, "churn": 80, "fx_impact": 0, "closing": 710,
    }  # fmt: skip


def test_g13b_month_movements(seven: Warehouse) -> None:
    movements = {month: found for month, found in seven.movements().items() if month.startswith("2024")}
    assert movements == {
        "2024-02": {"new": 50},
        "2024-03": {"churn": 80},
        "2024-04": {"churn": 100},
        "2024-06": {"reactivation": 150},
        "2024-07": {"contraction": 80},
        "2024-09": {"expansion": 30},  # November: none, customer 5 is bridged
    }
    bridged = seven.one(
        "select bridged_mrr_amount from marts.fct_customer_months where customer_id = 'templates:5' and month_end = date '2024-11-30'"
    )
    assert bridged == 60


def test_g13b_a_customer_between_two_month_ends_appears_nowhere(seven: Warehouse) -> None:
    assert seven.rows("select 1 from marts.fct_retention where customer_id = 'templates:6'") == []
    assert seven.rows("select 1 from marts.fct_revenue_changes where customer_id = 'templates:6'") == []


def test_g13b_without_grace_a_short_gap_is_churn_and_reactivation(build: Builder) -> None:
    movements = build(_seven_customers(), renewal_grace_days=0).movements()
    assert movements["2024-11"] == {"churn": 60}
    assert movements["2024-12"] == {"reactivation": 60}


def test_g25_quarters_are_measured_point_to_point_and_never_multiplied(seven: Warehouse) -> None:
    quarters = [
        seven.row("net_revenue_retention", "quarter", end)
        for end in ("2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31")
    ]
    parts = [(quarter["numerator"], quarter["denominator"]) for quarter in quarters]
    assert parts == [(660, 740), (760, 710), (710, 760), (710, 710)]
    product = Decimal(1)
    for numerator, denominator in parts:
        product *= numerator / denominator
    assert round(product, 6) == Decimal("0.891892")
    assert seven.value("net_revenue_retention", "t12m", "2024-12-31") == six("0.851351")


# ---- G26: renewals late by days -------------------------------------------------------------------------------------------

_STARTS = ("2024-02-20", "2024-03-01", "2024-03-02", "2024-03-03", "2024-03-05")


def _late_renewals() -> Company:
    """1,200 a year to 2024-01-31, renewed at 1,500 a year from each start; and not renewed, with and without a cancellation."""
    company = Company()
    for example in (*_STARTS, "lapsed", "cancelled"):
        company.segment_of(example, example)
        company.line(
            example, "2023-02-01", "2024-02-01", recurring_amount=1200, billing_interval="year",
            is_cancelled="true" if example == "cancelled" else None,
        )  # fmt: skip
    for start in _STARTS:
        company.line(start, start, None, recurring_amount=1500, billing_interval="year")
    return company


@pytest.fixture(scope="module")
def late_renewals(build: Builder) -> Callable[[str], Warehouse]:
    built: dict[str, Warehouse] = {}

    def at(as_of: str) -> Warehouse:
        if as_of not in built:
            built[as_of] = build(_late_renewals(), as_of_date=as_of)
        return built[as_of]

    return at


@pytest.mark.parametrize(
    ("start", "february", "movements"),
    [
        ("2024-02-20", 125, {"2024-02": {"expansion": 25}}),  # the bridged days are invisible at month-ends
        ("2024-03-01", 100, {"2024-03": {"expansion": 25}}),  # 29 days: bridged at the old price
        ("2024-03-02", 100, {"2024-03": {"expansion": 25}}),  # 30 days: bridged
        ("2024-03-03", 0, {"2024-02": {"churn": 100}, "2024-03": {"reactivation": 125}}),  # 31 days: not
        ("2024-03-05", 0, {"2024-02": {"churn": 100}, "2024-03": {"reactivation": 125}}),
    ],
)
def test_g26_a_renewal_within_grace_bridges_the_gap(
    late_renewals: Callable[[str], Warehouse], start: str, february: int, movements: dict[str, dict[str, int]]
) -> None:
    marts = late_renewals("2025-06-30")
    assert marts.mrr("2024-02-29", start) == february
    assert marts.mrr("2024-03-31", start) == 125
    assert {"2023-02": {"new": 100}, **movements} == marts.movements(start)


@pytest.mark.parametrize(
    ("as_of", "february", "pending"),
    [("2024-02-29", 100, 100), ("2024-03-01", 100, 100), ("2024-03-02", 0, 0)],
)
def test_g26_a_lapse_is_pending_until_grace_ends_and_then_churn_of_its_own_month(
    late_renewals: Callable[[str], Warehouse], as_of: str, february: int, pending: int
) -> None:
    marts = late_renewals(as_of)
    assert marts.mrr("2024-02-29", "lapsed") == february
    assert marts.one(
        "select pending_mrr_amount from marts.fct_customer_months where customer_id = 'templates:lapsed' and month_end = date '2024-02-29'"
    ) == pending  # fmt: skip
    assert marts.movements("lapsed").get("2024-02") == (None if february else {"churn": 100})
    if not february:
        ends = "select max(end_date) from intermediate.int_recurring_segments where customer_id = 'templates:lapsed'"
        assert marts.one(ends) == date(2024, 2, 1)


@pytest.mark.parametrize("as_of", ["2024-02-29", "2024-03-01", "2024-03-02"])
def test_g26_a_recorded_cancellation_is_churn_at_once(
    late_renewals: Callable[[str], Warehouse], as_of: str
) -> None:
    marts = late_renewals(as_of)
    assert marts.mrr("2024-02-29", "cancelled") == 0
    assert marts.movements("cancelled")["2024-02"] == {"churn": 100}


# ---- G27: currency --------------------------------------------------------------------------------------------------------


def _paid_in_euro() -> Company:
    """100 EUR a month at both ends; EURUSD 1.10 at the opening, 1.00 at the closing and since."""
    company = Company().line("A", "2024-05-01", None, 100, currency="EUR")
    for day in month_ends(date(2024, 5, 1), date(2025, 6, 30)):
        company.rate(str(day), "EUR", "1.10" if day == date(2024, 5, 31) else "1.00")
    return company


@pytest.mark.parametrize(
    ("mode", "opening", "fx_impact"),
    [("constant", 100, 0), ("as_reported", 110, -10)],  # closing 100 in both
)
def test_g27_currency_is_no_movement_in_either_mode(
    build: Builder, mode: str, opening: int, fx_impact: int
) -> None:
    marts = build(_paid_in_euro(), fx_mode=mode)
    assert marts.bridge("month", "2024-06-30") == {
        "opening": opening, "new": 0, "reactivation": 0, "expansion": 0, "contraction": 0, "churn": 0,
        "fx_impact": fx_impact, "closing": 100,
    }  # fmt: skip
    assert marts.value("net_revenue_retention", "month", "2024-06-30") == 1
    assert marts.value("gross_revenue_retention", "month", "2024-06-30") == 1


def test_b4_mix_of_currencies_moves_the_ratio_with_the_rate(build: Builder) -> None:
    """Clarifications B4.2: A USD 100→100, B EUR 100→50 gives NRR 0.738095 at 1.10 and 0.75 at 1.00."""
    company = Company().line("A", "2023-01-01", None, 100)
    company.line("B", "2023-01-01", "2024-06-01", 100, currency="EUR").line(
        "B", "2024-06-01", None, 50, currency="EUR"
    )
    company.rate("2023-12-31", "EUR", "1.10").rate("2024-12-31", "EUR", "1.00")
    at_110 = build(company, as_of_date="2024-12-31")
    assert at_110.value("net_revenue_retention", "t12m", "2024-12-31") == six("0.738095")
    at_100 = build(company, as_of_date="2025-06-30")
    assert at_100.value("net_revenue_retention", "t12m", "2024-12-31") == six("0.75")


# ---- G28: perpetual licences ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("maintenance_end", "expected"),
    [("2024-03-01", (2, 3)), ("2023-11-01", (2, 2))],  # C left before the opening
)
def test_g28_buying_again_keeps_a_perpetual_customer_and_use_alone_does_not(
    build: Builder, maintenance_end: str, expected: tuple[int, int]
) -> None:
    company = Company()
    for product, offer in (("licence", "product"), ("upkeep", "maintenance")):
        company.add(
            "products",
            product_id=product,
            product_family="server",
            offer_type=offer,
            licence_model="perpetual",
        )
    company.invoice("A", "2023-04-30", 5000, "one_time", product_id="licence")
    company.invoice("A", "2024-04-30", 5000, "one_time", product_id="licence")
    company.line("B", "2023-01-01", "2026-01-01", 100, product="upkeep")
    company.line("C", "2022-03-01", maintenance_end, 100, product="upkeep")
    company.add("product_usage", account_id="C", usage_date="2024-12-20", event_count=3)
    marts = build(company)
    kept = marts.row("customer_retention_rate", "t12m", "2024-12-31")
    assert (kept["numerator"], kept["denominator"]) == expected
    assert marts.rows(
        "select customer_id, relationship_status from marts.fct_customer_months where month_end = date '2024-12-31' order by 1"
    ) == [
        ("templates:A", "active_transactional"),
        ("templates:B", "active_recurring"),
        ("templates:C", "dormant_user"),
    ]


# ---- Examples inside the rules --------------------------------------------------------------------------------------------


def test_b3_one_total_is_spread_over_its_term(build: Builder) -> None:
    """Clarifications B3.2: 36,000 for three years is 1,000; 14,500 for 439 days is 1,004.650721."""
    company = Company().segment_of("years", "years").segment_of("days", "days")
    company.line("years", "2024-01-15", "2027-01-15", total_amount=36000)
    company.line("days", "2024-01-01", "2025-03-15", total_amount=14500)
    marts = build(company)
    assert marts.mrr("2024-06-30", "years") == 1000
    assert marts.mrr("2024-06-30", "days") == six("1004.650721")


def test_b1_trailing_months_start_after_the_last_day_of_their_month(build: Builder) -> None:
    """Clarifications B1.8: the twelve months to 2025-02-28 start on 2024-03-01, though 2024-02-28 is their date a year before."""
    company = Company()
    for name, day in (("before", "2024-02-29"), ("inside", "2024-03-01")):
        company.invoice(name, day, 500, "one_time", licence_model="perpetual")
    statuses = build(company).rows(
        "select customer_id, relationship_status from marts.fct_customer_months where month_end = date '2025-02-28' order by 1"
    )
    assert statuses == [("templates:before", "lost"), ("templates:inside", "active_transactional")]


def test_b3_a_product_that_no_export_describes_is_a_family_of_its_own(build: Builder) -> None:
    """Losing one of two products is contraction of the customer and churn of that family."""
    company = (
        Company()
        .line("A", "2023-01-01", None, 100, product="kept")
        .line("A", "2023-01-01", "2024-06-01", 50, product="lost")
    )
    marts = build(company)
    assert marts.movements()["2024-06"] == {"contraction": 50}
    assert marts.rows(
        "select product_family, movement from marts.fct_retention_by_product_family"
        " where period_grain = 'month' and period_end = date '2024-06-30' order by 1"
    ) == [("kept", "unchanged"), ("lost", "churn")]


def test_b3_a_renewal_that_was_never_in_service_ends_nothing(build: Builder) -> None:
    company = Company().line("A", "2023-01-01", "2025-01-01", 100, contract_id="K1")
    company.line("A", "2024-02-01", "2024-02-01", 120, contract_id="K2", renewal_of_contract_id="K1")
    assert build(company).mrr("2024-06-30") == 100


def test_b3_an_amount_off_one_line_is_that_lines_alone_and_one_off_a_contract_is_shared(
    build: Builder,
) -> None:
    company = Company()
    for example, line_id in (("line", "line-A"), ("contract", None)):
        company.segment_of(example, example)
        company.line(
            example,
            "2024-01-01",
            None,
            300,
            contract_id=example,
            contract_line_id=f"{example}-A",
            product="suite",
        )
        company.line(
            example,
            "2024-01-01",
            None,
            100,
            contract_id=example,
            contract_line_id=f"{example}-B",
            product="care",
        )
        company.add(
            "contract_discounts", discount_id=example, account_id=example, contract_id=example, contract_line_id=line_id,
            amount_off=480, invoice_months=12, start_date="2024-01-01",
        )  # fmt: skip
    marts = build(company)
    assert marts.rows(
        "select customer_id, product_family, mrr_amount from marts.fct_product_family_months where month_end = date '2024-06-30'"
        " order by all"
    ) == [
        ("templates:contract", "care", 90), ("templates:contract", "suite", 270), ("templates:line", "care", 100), ("templates:line", "suite", 260),
    ]  # fmt: skip
