"""Health and risk: known answers, every rule on both sides of its limit, what was known when, and an oracle in Python.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0) unless a test says otherwise.
"""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse, six
from tests.harness import PROJECT, metric

T = "2025-05-31"
Row = dict[str, Any]


def seed(name: str) -> list[Row]:
    """Rows of one of the project's seeds."""
    with (PROJECT / "seeds" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def rule(key: str, **changes: Any) -> Row:
    """A later row of a rule."""
    (row,) = (row for row in seed("risk_rules") if row["rule_key"] == key)
    return {**row, **changes}


def measures(valid_from: str, **weights: int) -> list[Row]:
    return [
        {
            "measure": name,
            "weight": weight,
            "from_tenure_months": 0,
            "valid_from": valid_from,
            "meaning": name,
        }
        for name, weight in weights.items()
    ]


#: Up to April the set of G17, in May two measures of one weight, in June licences alone.
SEEDS = {
    "health_measures": [
        *measures("2000-01-01", adoption=50, support=30, perception=20),
        *measures("2025-05-31", adoption=50, perception=50),
        *measures("2025-06-30", adoption=10),
    ],
    "risk_rules": [
        *seed("risk_rules"),
        rule("adoption_falling", valid_from="2025-06-01", is_active="false"),
        rule("other_open_risk", valid_from="2025-06-30", risk_class="reducing", rule_order=20),
        rule("open_contraction_risk", valid_from="2025-06-30", from_tenure_months=24),
        # Of a day to come: not yet.
        rule("open_churn_risk", valid_from="2025-07-01", is_active="false"),
    ],
}  # fmt: skip


class Account:
    """One customer of ten seats, all used and with a benefit seen, until told otherwise."""

    def __init__(self, company: Company, name: str, segment: str = "rules", **row: Any) -> None:
        self.company, self.name = company, name
        company.customer(name, segment=segment, **row)

    def line(self, start: str = "2023-01-01", end: str | None = None, mrr: int = 100, **row: Any) -> Account:
        self.company.line(self.name, start, end, mrr, quantity=10, unit_of_measure="seat", **row)
        return self

    def answer(self, kind: str, day: str, score: Any, contact: str | None = "ann", **row: Any) -> Account:
        number = len(self.company.exports.get("templates/survey_responses", ()))
        self.company.add(
            "survey_responses", answer_id=f"A{number}", account_id=self.name, contact_id=contact and f"{contact}@{self.name}",
            question_kind=kind, score=score, answered_date=day, **row,
        )  # fmt: skip
        return self

    def uses(self, percent: float, day: str = "2025-05-10") -> Account:
        return self.answer("adoption_share", day, percent)

    def sees(self, score: int, day: str = "2025-05-10", contact: str = "ann") -> Account:
        return self.answer("perception", day, score, contact)

    def well(self) -> Account:
        return self.line().uses(100).sees(5)

    def risk(self, kind: str, opened: str = "2025-05-20", closed: str | None = None, **row: Any) -> Account:
        number = len(self.company.exports.get("templates/risk_records", ()))
        self.company.add(
            "risk_records", risk_id=f"R{number}", account_id=self.name, risk_type=kind, opened_date=opened, closed_date=closed, **row
        )  # fmt: skip
        return self

    def touch(self, day: str, kind: str = "meeting", **row: Any) -> Account:
        number = len(self.company.exports.get("templates/engagements", ()))
        self.company.add(
            "engagements", engagement_id=f"E{number}", account_id=self.name, engagement_type=kind, started_at=day, **row
        )  # fmt: skip
        return self


#: Name → class and reason at the end of May 2025.
EXPECTED: dict[str, tuple[str, str | None]] = {
    "well": ("healthy", None),
    "nothing known": ("unknown", None),
    "notice on the day": ("defecting", "cancellation_notice"),
    "notice the day after": ("healthy", None),
    "notice and renewed": ("healthy", None),
    "unknown with notice": ("defecting", "cancellation_notice"),
    "lapsed": ("defecting", "pending_lapse"),
    "renewal signed before": ("healthy", None),
    "churn risk": ("defecting", "open_churn_risk"),
    "churn risk the day after": ("healthy", None),
    "churn risk closed on the day": ("healthy", None),
    "churn risk closed later": ("defecting", "open_churn_risk"),
    "risk of a word nobody knows": ("healthy", None),
    "expansion, no risk": ("healthy", None),
    "competitor": ("defecting", "competitor"),
    "competitor by reason": ("defecting", "competitor"),
    "red and negative": ("defecting", "below_red_and_negative"),
    "negative at the limit": ("watch", "score_below_green"),
    "red and neutral": ("watch", "score_below_green"),
    "part cancelled": ("reducing", "downgrade_request"),
    "contraction risk": ("reducing", "open_contraction_risk"),
    "use fallen by 30 %": ("reducing", "adoption_falling"),
    "use fallen by 29 %": ("healthy", None),
    "use fallen, four seats": ("healthy", None),
    "never used": ("watch", "score_below_green"),
    "few licences, due in 180 days": ("reducing", "low_adoption_before_renewal"),
    "few licences, due in 181 days": ("watch", "score_below_green"),
    "half of the licences, due soon": ("healthy", None),
    "score below green": ("watch", "score_below_green"),
    "score green": ("healthy", None),
    "other risk": ("watch", "other_open_risk"),
    "all at once": ("defecting", "cancellation_notice"),
    "contraction before falling use": ("reducing", "open_contraction_risk"),
    "score before other risk": ("watch", "score_below_green"),
}  # fmt: skip


def rules(company: Company) -> None:
    """A customer on either side of every rule."""

    def account(name: str) -> Account:
        assert name in EXPECTED
        return Account(company, name)

    def well(name: str) -> Account:
        return account(name).well()

    well("well")
    account("nothing known").line()
    for name, day in (("notice on the day", "2025-05-31"), ("notice the day after", "2025-06-01")):
        account(name).line("2023-01-01", "2025-10-01", cancel_requested_date=day).uses(100).sees(5)
    account("notice and renewed").line(
        "2023-01-01", "2025-10-01", cancel_requested_date="2025-03-01", contract_id="old"
    ).line("2025-10-01", None, renewal_of_contract_id="old", recorded_date="2025-05-02").uses(100).sees(5)
    account("unknown with notice").line("2023-01-01", "2025-10-01", cancel_requested_date="2025-03-01")
    for name, day in (("lapsed", "2025-06-05"), ("renewal signed before", "2025-05-15")):
        account(name).line("2023-01-01", "2025-05-20").line("2025-06-10", None, recorded_date=day).uses(
            100
        ).sees(5)
    well("churn risk").risk("churn")
    well("churn risk the day after").risk("churn", "2025-06-01")
    well("churn risk closed on the day").risk("churn", "2025-03-01", "2025-05-31")
    well("churn risk closed later").risk("churn", "2025-03-01", "2025-06-01")
    well("risk of a word nobody knows").risk("tea")
    well("expansion, no risk").risk("expansion")
    well("competitor").risk("sponsor risk", has_competitor="true")
    well("competitor by reason").risk("product risk", reason_raw="Competitor")
    account("red and negative").line().uses(90).sees(1)
    account("negative at the limit").line().uses(100).sees(2)
    account("red and neutral").line().uses(40).sees(3)
    well("part cancelled").line(
        "2023-01-01", "2025-10-01", product="other", cancel_requested_date="2025-03-01"
    )
    well("contraction risk").risk("downgrade")
    for name, share, seats in (
        ("use fallen by 30 %", 70, 5),
        ("use fallen by 29 %", 71, 5),
        ("use fallen, four seats", 60, 4),
    ):
        company.line(name, "2023-01-01", None, 100, quantity=seats, unit_of_measure="seat")
        account(name).uses(100, "2025-02-10").uses(share).sees(5)
    account("never used").line().uses(0, "2025-02-10").uses(0).sees(5)
    for name, end, share in (
        ("few licences, due in 180 days", "2025-11-27", 49),
        ("few licences, due in 181 days", "2025-11-28", 49),
        ("half of the licences, due soon", "2025-09-01", 50),
    ):
        account(name).line("2023-01-01", end).uses(share).sees(5)
    account("score below green").line().uses(49).sees(5)
    account("score green").line().uses(50).sees(5)
    well("other risk").risk("adoption risk")
    account("all at once").line("2023-01-01", "2025-10-01", cancel_requested_date="2025-03-01").uses(
        100, "2025-02-10"
    ).uses(10).sees(1).risk("churn").risk("downgrade").risk("other", has_competitor="true")
    account("contraction before falling use").line().uses(100, "2025-02-10").uses(70).sees(5).risk(
        "contraction"
    )
    account("score before other risk").line().uses(49).sees(5).risk("other")


def g17(company: Company) -> None:
    """80 % of licences in use, three of five cases satisfied, a benefit seen by one and by the other not asked."""
    company.exports["zendesk/user"] = [
        {"id": "ann", "role": "end-user"},
        {"id": "bob", "role": "agent"},
    ]
    tables: dict[str, list[Row]] = {
        name: []
        for name in (
            "salesforce/account",
            "zendesk/organization",
            "zendesk/ticket",
            "zendesk/satisfaction_rating",
            "zendesk/ticket_field_history",
        )
    }
    company.exports.update(tables)
    for name in ("three", "two", "one", "none"):
        crm = f"001{name}"
        tables["salesforce/account"].append(
            {"id": crm, "name": name, "segment_c": "G17", "created_date": "2023-01-01"}
        )
        tables["zendesk/organization"].append(
            {"id": f"org-{name}", "external_id": crm, "created_at": "2023-01-01"}
        )
        account = Account(company, name, "G17", crm_account_id=crm).line()
        if name in ("three", "two"):
            account.uses(80, "2025-04-10")
        if name in ("three", "one"):
            account.sees(4, "2025-04-10")
        if name in ("three", "two", "none"):
            for number in range(5):
                ticket = f"{name}{number}"
                tables["zendesk/ticket"].append(
                    {
                        "id": ticket, "created_at": "2025-04-01 10:00:00", "status": "solved", "requester_id": "ann",
                        "organization_id": f"org-{name}", "custom_sentiment": "negative" if number == 4 else "neutral",
                    }
                )  # fmt: skip
                tables["zendesk/ticket_field_history"].append(
                    {
                        "ticket_id": ticket, "field_name": "status", "updated": "2025-04-02 12:00:00", "value": "solved", "user_id": "bob",
                    }
                )  # fmt: skip
                tables["zendesk/satisfaction_rating"].append(
                    {
                        "id": ticket, "ticket_id": ticket, "score": "good" if number < 3 else "bad", "created_at": "2025-04-03 12:00:00",
                    }
                )  # fmt: skip


def surroundings(company: Company) -> None:
    """Sentiments, answers, interventions and what became of customers at risk, each in a segment of its own."""
    states = {
        "judged last": ("anxious", [("2025-03-03", "anxious")], [("2025-05-01", "content")]),
        "judged too long ago": ("content", [("2025-03-02", "anxious")], [("2024-06-01", "content")]),
        "newest judgement": ("angry", [("2025-04-01", "content"), ("2025-05-01", "angry")], []),
        "surveyed too long ago": ("unknown", [], [("2024-05-31", "content")]),
        "judged after": ("restless", [("2025-06-01", "angry")], [("2025-05-31", "restless")]),
        "word nobody knows": ("unknown", [("2025-05-01", "purple")], []),
    }
    for name, (_, judgements, answers) in states.items():
        account = Account(company, name, "sentiment").line()
        for day, state in judgements:
            account.touch(day, relationship_state=state)
        for day, state in answers:
            account.answer("intent", day, None, answer=state)
    # Two promoters, one passive, one detractor; earlier answers of the same person and such of more than a year ago are out.
    nps = Account(company, "nps", "nps").line()
    for contact, day, score in (
        ("a", "2025-05-01", 10), ("b", "2024-06-01", 9), ("c", "2025-01-01", 8), ("d", "2025-05-31", 6), ("a", "2025-04-01", 0),
        ("e", "2024-05-31", 0), ("f", "2025-06-01", 0),
    ):  # fmt: skip
        nps.answer("nps", day, score, contact)
    # Nobody knows who these are: each stands for itself. The customer has left; what it said counts for a year.
    gone = Account(company, "nps of one who left", "nps gone").line("2023-01-01", "2025-03-31")
    gone.answer("nps", "2025-02-01", 3, None).answer("nps", "2025-02-01", 9, None)
    # Half of four people see a benefit: the lower one of the two in the middle counts.
    median = Account(company, "median", "perception").line()
    for contact, score in (("a", 5), ("b", 4), ("c", 3), ("d", 1)):
        median.sees(score, contact=contact)
    # A log that reaches over all windows.
    log = Account(company, "log", "log").line()
    for day in ("2024-01-02", "2025-05-30", "2025-06-29"):
        log.touch(day)
    for name in ("promoter at risk", "promoter well", "promoter unknown"):
        account = Account(company, name, "disagreement").line().answer("nps", "2025-05-01", 9)
        if name != "promoter unknown":
            account.uses(100).sees(5)
        if name == "promoter at risk":
            account.risk("churn")
    for name, kind, day in (
        ("stepped in", "at-risk call", "2025-03-03"),
        ("stepped in too early", "at-risk call", "2025-03-02"),
        ("only met", "meeting", "2025-05-03"),
        ("not stepped in", "", ""),
    ):
        account = Account(company, name, "intervention").well().risk("churn", "2025-03-01")
        if kind:
            account.touch(day, kind)
    touches: tuple[tuple[str, str, Row], ...] = (
        ("met", "meeting", {}),
        ("written to", "email", {"direction": "outbound"}),
        ("wrote", "email", {"direction": "inbound"}),
        ("newsletter", "newsletter", {"direction": "outbound"}),
        ("left alone", "", {}),
    )
    for name, kind, row in touches:
        account = Account(company, name, "nurture").well()
        if kind:
            account.touch("2025-03-03", kind, **row)
    # At risk at the end of March; what they are at the end of May.
    for name, closed in (("recovered", "2025-05-31"), ("still at risk", None)):
        Account(company, name, "recovery").well().risk("churn", "2025-03-01", closed)
    Account(company, "lost", "recovery").line("2023-01-01", "2025-05-01").risk("churn", "2025-03-01")
    Account(company, "nobody knows", "recovery").line().risk("churn", "2025-03-01", "2025-05-01")
    for survey, sent, done, failed in (
        ("Pulse", "2025-05-01", "2025-05-02", False),
        ("Pulse", "2025-05-31", None, False),
        ("Pulse", "2025-05-10", None, True),
        ("Exit", "2025-05-10", "2025-06-02", False),
        ("Exit", "2025-04-30", None, False),
    ):
        number = len(company.exports.get("templates/survey_invitations", ()))
        company.add(
            "survey_invitations", invitation_id=f"V{number}", account_id="log", survey_id=survey, survey_title=survey, sent_date=sent,
            completed_date=done, is_failed=str(failed).lower(),
        )  # fmt: skip


@pytest.fixture(scope="module")
def examples(build: Builder) -> Warehouse:
    company = Company()
    company.add("products", product_id="core", product_family="Core", offer_type="product")
    company.add("products", product_id="other", product_family="Other", offer_type="product")
    rules(company)
    g17(company)
    surroundings(company)
    return build(
        company,
        systems=("templates", "salesforce", "zendesk"),
        seeds=SEEDS,
        tested="health|risk_|survey|outlook",
    )


def months_of(marts: Warehouse, columns: str, segment: str, day: str = T) -> dict[str, Any]:
    """Name of the customer → columns of fct_health_months."""
    rows = marts.rows(
        f"select customer_id, {columns} from marts.fct_health_months inner join marts.dim_customers using (customer_id)"
        " where segment = ? and month_end = cast(? as date)",
        segment,
        day,
    )
    return {
        name.split(":")[-1].removeprefix("001"): found[0] if len(found) == 1 else tuple(found)
        for name, *found in rows
    }


def test_g17_the_mean_of_what_is_known(examples: Warehouse) -> None:
    found = months_of(examples, "health_score, known_weight_share", "G17", "2025-04-30")
    assert found == {
        "three": (six(78), 1),
        "two": (six("72.5"), six("0.8")),
        # 0.2 of the weights are too few, and 0.3.
        "one": (None, six("0.2")),
        "none": (None, six("0.3")),
    }
    shares = examples.rows(
        "select measure, score, contribution_points, lost_points, source_date from marts.fct_health_signals"
        " where customer_id = 'salesforce:001two' and month_end = date '2025-04-30' order by measure"
    )
    assert shares == [
        ("adoption", 80, 50, six("12.5"), date(2025, 4, 30)),
        ("perception", None, None, None, None),
        ("support", 60, six("22.5"), 15, date(2025, 4, 3)),
    ]


def test_a_set_of_weights_holds_for_months_that_end_on_or_after_its_day(examples: Warehouse) -> None:
    days = ("2025-04-30", "2025-05-31", "2025-06-30")
    assert [months_of(examples, "health_score", "G17", day)["three"] for day in days] == [78, 90, 80]
    assert examples.rows(
        "select month_end, string_agg(measure, ' ' order by measure) from marts.fct_health_signals"
        " where customer_id = 'salesforce:001three' and month_end >= date '2025-04-30' group by 1 order by 1"
    ) == [
        (date(2025, 4, 30), "adoption perception support"),
        (date(2025, 5, 31), "adoption perception"),
        (date(2025, 6, 30), "adoption"),
    ]


@pytest.mark.parametrize("name", EXPECTED)
def test_each_rule_on_both_sides_of_its_limit(examples: Warehouse, name: str) -> None:
    assert months_of(examples, "risk_class, primary_reason", "rules")[name] == EXPECTED[name]


def test_what_to_do_follows_from_the_reason(examples: Warehouse) -> None:
    steps = {row["rule_key"]: row["next_step"] for row in seed("risk_rules")}
    found = months_of(examples, "primary_reason, next_step", "rules")
    assert all(step == steps.get(reason) for reason, step in found.values())


def test_rules_change_from_their_day_on(examples: Warehouse) -> None:
    may, june = (months_of(examples, "primary_reason", "rules", day) for day in (T, "2025-06-30"))
    # Retired, made a rule of another class, and kept for older customers (all are of January 2023).
    for name, then in (
        ("use fallen by 30 %", "score_below_green"),
        ("other risk", "other_open_risk"),
        ("contraction risk", "open_contraction_risk"),
        ("churn risk", "open_churn_risk"),
    ):
        assert may[name] is not None and june[name] == then
    assert months_of(examples, "risk_class", "rules", "2025-06-30")["other risk"] == "reducing"


def test_a_lapse_is_pending_while_grace_runs(build: Builder) -> None:
    company = Company().line("a", "2023-01-01", "2025-06-20", 10).line("b", "2023-01-01", None, 10)
    assert build(company).rows(
        "select customer_id, risk_class, primary_reason, renews_on, renews_within from marts.fct_health_months"
        " where month_end = date '2025-06-30' order by 1"
    ) == [
        ("templates:a", "defecting", "pending_lapse", date(2025, 6, 20), "90"),
        ("templates:b", "unknown", None, None, "none"),
    ]


def test_what_pulls_down_most_is_listed_first(examples: Warehouse) -> None:
    drivers = "driver_1, driver_1_points, driver_2, driver_2_points, driver_3, driver_3_points"
    found = months_of(examples, drivers, "rules")
    assert found["well"] == (None,) * 6
    # 45 points by the use of licences, 50 by no benefit seen, and four rules of which the notice weighs most.
    assert found["all at once"] == ("cancellation_notice", 60, "open_churn_risk", 50, "perception", 50)
    assert found["red and neutral"] == ("adoption", 30, "perception", 25, None, None)


def test_the_score_without_engagement_leaves_it_out_of_both_sides(build: Builder) -> None:
    """The project's own weights: (30 × 80 + 20 × 100 + 15 × 0) ÷ 65, without engagement 4,400 ÷ 50 of 85."""
    company = Company()
    company.add("products", product_id="core", product_family="Core", offer_type="product")
    Account(company, "a").line().uses(80).sees(5)
    log = Account(company, "log").line()
    for day in ("2024-01-02", "2025-06-29"):
        log.touch(day)
    marts = build(company)
    row = "select health_score, score_without_engagement, known_weight_share from marts.fct_health_months where customer_id = 'templates:a'"
    assert marts.one(f"{row} and month_end = date '{T}'") == (six(4400 / 65), 88, six("0.65"))
    # Too little is known without it where adoption alone is: 30 of 85.
    assert marts.one(f"{row.replace('templates:a', 'templates:log')} and month_end = date '{T}'") == (
        None,
        None,
        six("0.15"),
    )


def test_a_state_comes_from_the_best_source_that_is_recent(examples: Warehouse) -> None:
    found = months_of(examples, "relationship_state", "sentiment")
    assert found == {
        "judged last": "anxious",
        "judged too long ago": "content",
        "newest judgement": "angry",
        "surveyed too long ago": "unknown",
        "judged after": "restless",
        "word nobody knows": "unknown",
    }
    # The tone of cases comes last; the neutral ones say nothing.
    assert months_of(examples, "relationship_state, sentiment_source", "G17")["three"] == ("angry", "case")
    row = metric(examples.connection, "relationship_sentiment_mix", "month", T, "state", "unknown")
    assert row is not None and row["coverage"] + row["value"] == 1


def test_recommendation_counts_each_person_once(examples: Warehouse) -> None:
    row = examples.row("nps", "month", T, "nps")
    assert (row["value"], row["numerator"], row["denominator"], row["n"]) == (25, 100, 4, 4)
    assert months_of(examples, "nps_median", "nps")["nps"] == six("8.5")
    assert examples.row("nps", "month", T, "nps gone")["numerator"] == 0
    assert months_of(examples, "perception", "perception") == {"median": "neutral"}


def test_satisfaction_is_of_the_month_of_the_rating(examples: Warehouse) -> None:
    row = examples.row("csat", "month", "2025-04-30", "G17")
    assert (row["value"], row["n"], row["coverage"]) == (six("0.6"), 15, 1)


def test_promoters_may_be_at_risk(examples: Warehouse) -> None:
    row = examples.row("health_vs_nps_disagreement", "month", T, "disagreement")
    assert (row["numerator"], row["denominator"], row["coverage"]) == (1, 2, six(2 / 3))


def test_interventions_and_care_within_ninety_days(examples: Warehouse) -> None:
    row = examples.row("at_risk_intervention_rate", "month", T, "intervention")
    assert (row["numerator"], row["denominator"]) == (1, 4)
    assert months_of(examples, "open_intervention_count", "intervention") == {
        "stepped in": 1,
        "stepped in too early": 1,
        "only met": 0,
        "not stepped in": 0,
    }
    assert months_of(examples, "is_nurtured", "nurture") == {
        "met": True,
        "written to": True,
        "wrote": False,
        "newsletter": False,
        "left alone": False,
    }
    row = examples.row("healthy_customer_nurture_rate", "month", T, "nurture")
    assert (row["numerator"], row["denominator"]) == (2, 5)


def test_recovery_is_from_two_months_before(examples: Warehouse) -> None:
    row = examples.row("at_risk_recovery_rate", "month", T, "recovery")
    assert (row["numerator"], row["denominator"], row["coverage"]) == (1, 3, six("0.75"))


def test_surveys_are_answered_to_the_end_or_not(examples: Warehouse) -> None:
    row = examples.row("survey_response_rate", "month", T)
    assert (row["numerator"], row["denominator"]) == (2, 3)
    exits = metric(examples.connection, "survey_response_rate", "month", T, "survey", "Exit")
    assert exits is not None and (exits["numerator"], exits["denominator"]) == (1, 1)


def test_classes_are_everybody_once_and_money_adds_up(examples: Warehouse) -> None:
    """Identities over all months of the company: classes, revenue by class and by renewal, points of measures."""
    assert examples.rows(
        "select month_end from marts.fct_health_months group by 1"
        " having count(*) <> (select count(*) from marts.fct_customer_months as months"
        " where is_active and months.month_end = fct_health_months.month_end)"
    ) == []  # fmt: skip
    for dimension in ("class", "renews_within"):
        assert examples.rows(
            "select period_grain, period_end from marts.fct_metric_values where metric_key = 'revenue_at_risk'"
            " and dimension in ('all', ?) group by all"
            " having abs(sum(case when dimension = 'all' then value else -value end)) > 0.000001",
            dimension,
        ) == []  # fmt: skip
    assert examples.rows(
        "select customer_id, month_end from marts.fct_health_months inner join"
        " (select customer_id, month_end, sum(contribution_points) as points, sum(lost_points) as lost from marts.fct_health_signals"
        " group by all) using (customer_id, month_end)"
        " where health_score is not null and (abs(health_score - points) > 0.00001 or abs(100 - points - lost) > 0.00001)"
    ) == []  # fmt: skip
    total = examples.row("revenue_at_risk", "month", T)
    assert total["value"] == examples.one(
        "select sum(numerator) from marts.fct_metric_contributions where metric_key = 'revenue_at_risk' and period_grain = 'month'"
        f" and period_end = date '{T}' and dimension = 'all' and is_included"
    )
    assert total["value"] == 1200 * Decimal(
        examples.one(
            "select count(*) from marts.fct_health_months where risk_class in ('defecting', 'reducing')"
            f" and month_end = date '{T}' and customer_id not like '%part cancelled'"
        )
        + 2
    )


#: Contract line, days looked at → day of the next renewal.
RENEWALS: dict[str, tuple[Row, dict[str, date | None]]] = {
    "two years": ({"start": "2024-03-01", "end": "2026-03-01"}, {"2024-12-31": date(2026, 3, 1), T: date(2026, 3, 1)}),
    # Exports tell the present term only.
    "earlier term": (
        {"start": "2022-01-01", "term_start_date": "2025-01-01", "term_end_date": "2026-01-01"},
        {"2023-12-31": date(2024, 1, 1), "2024-01-31": date(2025, 1, 1), T: date(2026, 1, 1)},
    ),
    "later term": (
        {"start": "2022-01-01", "term_start_date": "2022-01-01", "term_end_date": "2024-01-01"},
        {"2023-12-31": date(2024, 1, 1), "2024-01-31": date(2026, 1, 1), T: date(2026, 1, 1)},
    ),
    "month by month": ({"start": "2022-01-01", "term_start_date": "2025-05-15", "term_end_date": "2025-06-15"}, {T: None}),
    "open-ended": ({"start": "2022-01-01"}, {T: None}),
    # Open-ended until notice was given on 10 June: before, nobody knew of an end.
    "ended by a later notice": (
        {"start": "2022-01-15", "end": "2025-09-20", "cancel_requested_date": "2025-06-10"},
        {T: None, "2025-06-30": date(2025, 9, 20)},
    ),
    "term not renewed": (
        {"start": "2022-09-01", "end": "2025-09-01", "cancel_requested_date": "2025-06-10"},
        {T: date(2025, 9, 1), "2025-06-30": date(2025, 9, 1)},
    ),
}  # fmt: skip


def test_the_next_renewal_is_the_one_known_then(build: Builder) -> None:
    company = Company()
    for name, (line, _) in RENEWALS.items():
        row = dict(line)
        company.line(name, row.pop("start"), row.pop("end", None), 10, **row)
    marts = build(company)
    for name, (_, days) in RENEWALS.items():
        for day, expected in days.items():
            assert marts.rows(
                "select renews_on from marts.fct_health_months where customer_id = ? and month_end = cast(? as date)",
                f"templates:{name}",
                day,
            ) == [(expected,)], (name, day)


def drawn() -> Company:
    """Sixty customers with contracts, notices, risks, answers and touches at random days of two years."""
    draw = random.Random(11)
    company = Company()
    company.add("products", product_id="core", product_family="Core", offer_type="product")
    company.add("products", product_id="other", product_family="Other", offer_type="product")

    def day(first: str, days: int) -> date:
        return date.fromisoformat(first) + timedelta(draw.randrange(days))

    for number in range(60):
        account = Account(company, f"c{number}", draw.choice(("a", "b")))
        for product in ("core", "other")[: draw.choice((1, 1, 2))]:
            start = day("2023-01-01", 500)
            end = start + timedelta(draw.choice((365, 500, 730, 900)))
            notice = end - timedelta(draw.randrange(1, 200)) if draw.random() < 0.4 else None
            account.line(str(start), str(end), product=product, cancel_requested_date=notice and str(notice))
            if notice is None and draw.random() < 0.7:
                again = end + timedelta(draw.choice((0, 0, 5, 20, 29)))
                account.line(
                    str(again),
                    None,
                    product=product,
                    recorded_date=str(again + timedelta(draw.choice((-30, -3, -1)))),
                )
        for _ in range(draw.choice((0, 1, 3, 6))):
            account.uses(draw.randrange(101), str(day("2023-06-01", 740)))
        for _ in range(draw.choice((0, 1, 3, 6))):
            account.sees(draw.randrange(1, 6), str(day("2023-06-01", 740)), draw.choice("abc"))
        for _ in range(draw.choice((0, 0, 1, 2))):
            opened = day("2024-06-01", 390)
            closed = opened + timedelta(draw.randrange(5, 200))
            account.risk(
                draw.choice(("churn", "contraction", "sponsor risk")),
                str(opened),
                str(closed) if closed < date(2025, 6, 30) else None,
                has_competitor=draw.choice(("true", "", "", "")),
            )
        for _ in range(draw.choice((0, 2, 10))):
            account.touch(
                str(day("2024-01-01", 540)),
                draw.choice(("meeting", "email", "at-risk call")),
                relationship_state=draw.choice(("", "", "content", "angry")),
            )
    return company


@pytest.mark.parametrize("day", ["2025-02-28", "2025-04-30"])
def test_the_class_of_a_month_is_the_one_it_had_on_its_last_day(build: Builder, day: str) -> None:
    """Built as of a past month-end, without what came later, every customer has the same row as in the build of today."""
    company = drawn()
    columns = "* exclude (is_provisional)"
    query = f"select {columns} from marts.fct_health_months where month_end = date '{day}'"
    then = {row[0]: row for row in build(company, as_of_date=day).rows(query)}
    now = {row[0]: row for row in build(company).rows(query)}
    # A contract that lapsed and was never renewed has churned since, dated back to its end: by then that was not known.
    names = [name for name in then if name not in now]
    assert set(now) <= set(then) and len(now) > 30
    for name in names:
        assert "pending_lapse" in then[name]
    assert {name: row for name, row in then.items() if name in now} == now
    reasons = {row[11] for row in now.values()}
    assert len(reasons) >= 6, reasons
