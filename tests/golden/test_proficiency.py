"""Proficiency: known answers of every rule, by hand.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0) unless a test says otherwise.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse, six

T = "2025-05-31"
MODES = ("self_paced", "live_coaching", "ilt_in_person", "ilt_virtual")


def use(company: Company, account: str, user: str, *days: str) -> None:
    """A user who comes on these days."""
    for day in days:
        number = len(company.exports.get("templates/product_events", ()))
        company.add(
            "product_events", event_id=f"V{number}", account_id=account, user_id=user, product_id="core", occurred_at=day
        )  # fmt: skip


def numbered(company: Company, table: str, key: str, **columns: Any) -> None:
    """A row with an id that counts up."""
    company.add(table, **{key: f"{key}-{len(company.exports.get(f'templates/{table}', ()))}"}, **columns)


def trained(company: Company, user: str, mode: str, day: str, account: str = "A", **columns: Any) -> None:
    numbered(
        company, "training_completions", "completion_id",
        account_id=account, user_id=user, mode=mode, completed_date=day, **columns,
    )  # fmt: skip


def assessed(company: Company, user: str | None, day: str, account: str = "A", **columns: Any) -> None:
    numbered(
        company, "skill_assessments", "assessment_id",
        **{"account_id": account, "user_id": user, "skill": "core", "assessed_date": day, **columns},
    )  # fmt: skip


def certified(company: Company, user: str, issued: str, expires: str | None) -> None:
    numbered(
        company, "certificates", "certificate_id", account_id="A", user_id=user, issued_date=issued, expires_date=expires
    )  # fmt: skip


def step(company: Company, kind: str, day: str, account: str | None = "A", **columns: Any) -> None:
    numbered(
        company, "learning_steps", "step_id", account_id=account, step_type=kind, step_date=day, **columns
    )


def small_company() -> Company:
    """A and B hold seats and have users; C uses nothing that tells users; D holds seats that nobody uses; N starts in April."""
    company = Company()
    for account in "ABD":
        company.customer(account, segment=account).line(
            account, "2024-01-01", None, 100, quantity=10, unit_of_measure="seat"
        )
    company.customer("C", segment="C").line("C", "2024-01-01", None, 100)
    company.customer("N", segment="N").line("N", "2025-04-10", None, 100)
    company.customer("M", segment="N").line("M", "2025-04-10", None, 100)
    use(company, "A", "early", "2024-01-02")
    for number in range(10):
        use(company, "A", f"a{number}", "2025-05-20", "2025-06-25")
    use(company, "A", "gone", "2025-05-02")  # not within 28 days of the end of May
    use(company, "B", "b0", "2025-05-20")
    use(company, "B", "b1", "2025-05-20")
    use(company, "B", "b2", "2025-05-20")
    use(company, "D", "d0", "2024-01-02")
    # Twelve months: the last day of the month a year before is out, the next one in.
    trained(company, "a0", "self_paced", "2024-05-31")
    trained(company, "a1", "On-Demand", "2024-06-01", rating=5)
    trained(company, "a1", "e-learning", "2025-01-01", rating=4)
    trained(company, "a2", "self_paced", "2025-06-01")  # later
    trained(company, "a2", "Coaching", "2025-05-31", rating=3)
    trained(company, "a3", "classroom", "2025-05-31")
    trained(company, "gone", "classroom", "2025-05-31")
    trained(company, "a3", "webinar", "2025-05-30")
    trained(company, "a4", "dream", "2025-05-30")  # a word that nobody knows
    # A certificate counts from its first day to the day before it expires.
    certified(company, "a0", "2025-05-31", None)
    certified(company, "a1", "2024-06-01", "2025-06-01")
    certified(company, "a2", "2024-05-31", "2025-05-31")
    certified(company, "a3", "2025-06-01", None)
    # The newest assessment speaks, for 24 months.
    assessed(company, "a4", "2025-01-10", score=79)
    assessed(company, "a4", "2025-05-10", score=80, skill_type="technical")
    assessed(company, "a5", "2025-01-10", score=95, skill_type="technical")
    assessed(company, "a5", "2025-05-10", score=79.9, skill_type="business")
    assessed(company, "a6", "2023-05-31", score=95)
    assessed(company, "a7", "2023-06-01", score=95, skill="other")
    assessed(company, "a8", "2025-05-10", is_passed="true")
    assessed(company, "b0", "2025-03-10", account="B", score=50)
    assessed(company, "b0", "2025-04-10", account="B", score=90)
    assessed(company, None, "2025-06-10", account="N", score=10)
    step(company, "path_assigned", "2025-01-01", user_id="a0", subject_id="P", due_date="2025-03-01")
    step(company, "path_completed", "2025-02-01", user_id="a0", subject_id="P")
    step(company, "path_assigned", "2025-01-01", user_id="a1", subject_id="P", due_date="2025-05-31")
    step(company, "path_completed", "2025-06-01", user_id="a1", subject_id="P")  # not yet in May
    step(company, "path_assigned", "2025-01-01", user_id="a2", subject_id="P", due_date="2025-06-01")
    step(company, "path_assigned", "2025-01-01", user_id="a3", subject_id="Q")
    step(company, "incentive_offered", "2024-05-31", subject_id="OLD")
    step(company, "incentive_offered", "2024-06-01", subject_id="ONE")
    step(company, "incentive_offered", "2024-06-01", subject_id="TWO")
    step(company, "incentive_redeemed", "2025-05-31", account=None, subject_id="ONE")
    step(company, "incentive_redeemed", "2025-06-01", account=None, subject_id="TWO")
    step(company, "reward", "2024-06-01", user_id="a0")
    step(company, "reward", "2024-05-31", user_id="a1")
    step(company, "skills_inventory", "2025-06-09", account="N")
    step(company, "training_plan", "2025-06-10", account="N")
    step(company, "training_plan", "2025-06-09", account="M")
    # Two roles of a product; one of them has no standard for one of its skills.
    for number, (role, skill_type, resource, until, standard) in enumerate(
        (
            ("analyst", "technical", "2025-01-01", None, "2025-01-01"),
            ("analyst", "business", None, None, "2025-06-01"),
            ("admin", "technical", "2025-01-01", "2025-05-31", "2025-05-31"),
        )
    ):
        company.add(
            "skill_requirements", requirement_id=f"R{number}", product="core", role=role, skill=f"S{number}", skill_type=skill_type,
            required_from="2025-01-01", resource_from=resource, resource_until=until, standard_from=standard,
        )  # fmt: skip
    for number, (line, amount) in enumerate((("education", 300), ("knowledge_base", 100), ("support", 999))):
        company.add(
            "service_costs", cost_id=f"K{number}", period_month="2025-05-01", service_line=line, amount=amount, currency="USD"
        )  # fmt: skip
    return company


@pytest.fixture(scope="module")
def small(build: Builder) -> Warehouse:
    return build(small_company())


#: Key → numerator, denominator, coverage at the end of May; 13 active users, 10 of A and 3 of B, none of D.
BALANCES = {
    "training_participation_rate_self_paced": (1, 13, 1),
    "training_participation_rate_live_coaching": (1, 13, 1),
    "training_participation_rate_ilt_in_person": (1, 13, 1),
    "training_participation_rate_ilt_virtual": (1, 13, 1),
    "certified_user_share": (2, 13, 1),
    # a0, a1 by certificate; a4, a7, a8 and b0 by assessment.
    "proficiency_rate": (6, 13, 1),
    # A 5 of 10, B 1 of 3; D has nobody who could be.
    "proficient_customer_share": (2, 2, 1),
    "technical_skill_proficiency_rate": (2, 2, 1),
    "business_skill_proficiency_rate": (0, 1, 1),
    "learning_path_assignment_rate": (4, 13, 1),
    "learning_path_completion_rate": (1, 2, 1),
    "reward_recipient_share": (1, 13, 1),
    # All of A but a9, and b0.
    "training_access_rate": (10, 13, 1),
    "incentive_offer_rate": (1, 6, 1),
    "incentive_redemption_rate": (1, 2, 1),
    # A 21 days, B 51; nobody of C, D, M, N.
    "assessment_recency": (72, 2, Decimal("0.333333")),
    # a4 by 1, a5 by −15.1, b0 by 40.
    "proficiency_change": (six("25.9"), 3, 1),
    "proficiency_standard_coverage": (1, 2, 1),
}


@pytest.mark.parametrize("key", BALANCES)
def test_what_has_been_learnt_counts_as_long_as_it_is_valid(small: Warehouse, key: str) -> None:
    row = small.row(key, "month", T)
    assert (row["numerator"], row["denominator"], row["coverage"]) == BALANCES[key]


def test_an_assessment_too_old_or_of_a_month_to_come_is_none(build: Builder, small: Warehouse) -> None:
    """A month later a certificate has expired and an assessment is too old; a shorter validity or a lower score say otherwise."""
    june = small.row("proficiency_rate", "month", "2025-06-30")
    # a0 and a3 by certificate, a4 and a8 by assessment; the ten users of A come in June.
    assert (june["numerator"], june["denominator"]) == (4, 10)
    lower = build.again(small, proficiency_pass_score=79)
    assert lower.row("proficiency_rate", "month", T)["numerator"] == 7
    shorter = build.again(small, proficiency_valid_months=12)
    assert shorter.row("proficiency_rate", "month", T)["numerator"] == 5
    stricter = build.again(small, proficient_user_share_min=0.5)
    assert stricter.row("proficient_customer_share", "month", T)["numerator"] == 1


def test_gaps_of_skills_are_counted_by_type(small: Warehouse) -> None:
    found = {
        (row[0], row[1]): row[2]
        for row in small.rows(
            "select dimension, member, value from marts.fct_metric_values"
            " where metric_key = 'skill_resource_gap' and period_grain = 'month' and period_end = date '2025-05-31'"
        )
    }
    assert found == {("all", "all"): 2, ("skill_type", "business"): 1, ("skill_type", "technical"): 1}


def test_a_type_of_skill_that_nobody_knows_is_unknown_and_standards_are_of_roles_of_all_types(
    build: Builder,
) -> None:
    company = Company().customer("A").line("A", "2024-01-01", None, 100)
    for number, skill_type in enumerate(("Technical", "magic", None)):
        company.add(
            "skill_requirements", requirement_id=f"R{number}", product="core", role="analyst", skill=f"S{number}", skill_type=skill_type,
            required_from="2025-01-01", standard_from="2025-01-01",
        )  # fmt: skip
    marts = build(company)
    found = {
        row[:3]: row[3]
        for row in marts.rows(
            "select metric_key, dimension, member, value from marts.fct_metric_values where period_grain = 'month'"
            " and metric_key in ('skill_resource_gap', 'proficiency_standard_coverage') and period_end = cast(? as date)",
            T,
        )
    }
    assert found == {
        ("skill_resource_gap", "all", "all"): 3,
        ("skill_resource_gap", "skill_type", "technical"): 1,
        ("skill_resource_gap", "skill_type", "unknown"): 2,
        ("proficiency_standard_coverage", "all", "all"): 1,
    }


def test_first_attempts_ratings_and_onboarding_count_in_their_period(small: Warehouse) -> None:
    row = small.row("assessment_pass_rate", "t12m", "2025-06-30")
    # First attempts of the year: a4 79, a5 95, a8, b0 50; those of the whole customer are nobody's.
    assert (row["numerator"], row["denominator"]) == (2, 4)
    row = small.row("learning_satisfaction_score", "t12m", T)
    assert (row["value"], row["n"], row["coverage"]) == (4, 3, six("0.428571"))
    # N and M started on 10 April; sixty days later is 9 June.
    for key, numerator in (
        ("onboarding_assessment_rate", 0),
        ("skills_inventory_coverage", 1),
        ("training_plan_coverage", 1),
    ):
        row = small.row(key, "month", "2025-04-30")
        assert (row["numerator"], row["denominator"]) == (numerator, 2), key


def test_what_teaching_costs_is_compared_with_self_help(small: Warehouse) -> None:
    assert small.value("proficiency_investment_share", "month", T) == six("0.75")


def test_learning_that_no_system_tells_of_is_unknown_and_not_zero(build: Builder) -> None:
    company = Company().customer("A").line("A", "2024-01-01", None, 100, quantity=10, unit_of_measure="seat")
    use(company, "A", "a0", "2024-01-02", "2025-05-20", "2025-06-25")
    trained(company, "a0", "self_paced", "2025-05-01")
    warehouse = build(company)
    assert warehouse.value("training_participation_rate_self_paced", "month", T) == 1
    before = warehouse.row("training_participation_rate_self_paced", "month", "2025-04-30")
    assert (before["value"], before["coverage"]) == (None, 0)
    for key in ("training_participation_rate_live_coaching", "proficiency_rate", "certified_user_share", "incentive_offer_rate"):  # fmt: skip
        row = warehouse.row(key, "month", T)
        assert (row["value"], row["coverage"], row["verdict"]) == (None, 0, "no_data"), key


def test_outcomes_that_learning_is_judged_by(build: Builder) -> None:
    """Growth of revenue in the year to come, what is realized of success plans, and the wait for adoption."""
    company = Company()
    for account, later in (("up", 150), ("down", 80)):
        company.customer(account).line(account, "2024-01-01", "2025-01-01", 100)
        company.line(account, "2025-01-01", None, later)
    company.customer("gone").line("gone", "2024-01-01", "2024-12-01", 100, is_cancelled="true")
    for account, users, first_day in (
        ("quick", 8, "2025-02-20"),
        ("slow", 7, "2025-02-20"),
        ("learns", 8, "2025-04-20"),
    ):
        company.customer(account, crm_account_id=account).line(
            account, "2025-01-15", None, 100, quantity=10, unit_of_measure="seat"
        )
        use(company, account, f"{account}0", "2025-01-16")
        for user in range(users):
            use(
                company, account, f"{account}{user}", first_day, *(f"2025-0{month}-20" for month in (3, 4, 5))
            )
    use(company, "quick", "quick0", "2024-12-02", "2025-06-29")
    trained(company, "quick0", "self_paced", "2024-12-05", account="slow")
    trained(company, "learns0", "self_paced", "2025-03-16", account="learns")  # 60 days
    trained(company, "quick0", "self_paced", "2025-03-17", account="quick")  # 61
    company.add(
        "success_plans",
        plan_id="P",
        account_id="up",
        status="active",
        start_date="2025-01-01",
        recorded_date="2025-01-01",
    )
    for number in (1, 2):
        company.add(
            "success_objectives",
            objective_id=f"O{number}",
            plan_id="P",
            baseline_value="0",
            target_value="100",
        )
        company.add(
            "objective_measurements",
            measurement_id=f"M{number}",
            objective_id=f"O{number}",
            measured_date=f"2025-0{number + 2}-10",
            value="50",
        )
    marts = build(company)
    realized = dict(
        marts.rows(
            "select month_number - 2025 * 12 + 1, outcome_value from marts.fct_effect_outcomes where outcome_key = 'plan_realization' and customer_id = 'templates:up'"
        )
    )
    # Nothing is known until the first measurement, and of the second objective until its own: each is half of the way.
    assert realized == {3: six("0.5"), 4: six("0.5"), 5: six("0.5"), 6: six("0.5")}
    growth = dict(
        marts.rows(
            "select customer_id, outcome_value from marts.fct_effect_outcomes"
            " where outcome_key = 'revenue_expansion' and month_number = 2024 * 12 + 4"
        )
    )
    assert growth == {"templates:up": six("0.5"), "templates:down": 0, "templates:gone": 0}
    waits = {
        row[0].removeprefix("templates:"): row[1:]
        for row in marts.rows(
            "select customer_id, is_adopted, observed_days, training from marts.fct_adoption_waits"
            " where month_end = date '2025-05-31' and first_revenue_date = date '2025-01-15'"
        )
    }
    assert waits == {
        # To the end of February, to the last day seen, to the end of March.
        "quick": (True, 44, "not_trained"),
        "slow": (False, 136, "trained"),
        "learns": (True, 75, "trained"),
    }


def test_how_to_cases_of_a_user_are_those_of_three_months(build: Builder) -> None:
    company = (
        Company()
        .customer("A", crm_account_id="A")
        .line("A", "2024-01-01", None, 100, quantity=10, unit_of_measure="seat")
    )
    for month, users in ((1, 1), (2, 2), (3, 3), (4, 5)):
        for user in range(users):
            use(company, "A", f"a{user}", f"2025-0{month}-20")
    use(company, "A", "a0", "2024-11-02", "2025-06-29")
    company.exports["salesforce/account"] = [{"id": "A", "name": "A", "created_date": "2024-01-01"}]
    company.exports["zendesk/organization"] = [{"id": "1", "external_id": "A", "created_at": "2024-01-01"}]
    cases = (
        ("2024-12-10", "How to"),
        ("2025-01-10", "How to"),
        ("2025-02-10", "How to"),
        ("2025-03-10", "Bug"),
        ("2025-04-10", "How to"),
    )
    company.exports["zendesk/ticket"] = [
        {
            "id": number,
            "created_at": f"{day} 10:00:00",
            "status": "open",
            "organization_id": "1",
            "custom_contact_reason": reason,
        }
        for number, (day, reason) in enumerate(cases, 1)
    ]
    marts = build(company, systems=("salesforce", "templates", "zendesk"))
    found = dict(
        marts.rows(
            "select month_number - 2025 * 12 + 1, outcome_value from marts.fct_effect_outcomes where outcome_key = 'how_to_cases_per_user'"
        )
    )
    # Users 0, 1, 2, 3, 5, 0, 1 from December on; three months are first known at the end of February.
    assert found == {2: 1, 3: six(2 / 6), 4: six(2 / 10), 5: six(1 / 8), 6: six(1 / 6)}
