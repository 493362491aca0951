"""Health, risk classes and their back-test of the demo company equal what plain Python makes of the simulator's own ledger.

Every signal is held to the ledger: use, answers, ratings, touches, risks on record, judgements. What contracts say (notices, lapses,
the next renewal) is taken from the warehouse, whose rules the golden tests hold day by day; here a notice has to be of contracts that
the simulator ends by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from statistics import median, median_low
from typing import Any

import duckdb
import pytest

WEIGHTS = {"adoption": 30, "success": 25, "perception": 20, "engagement": 15, "support": 10}
Key = tuple[str, date]


def months_back(day: date, months: int) -> date:
    """First day of the month so many months before that of a day."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def month_end(day: date, months: int) -> date:
    """Last day of the month so many months after that of a month-end."""
    return months_back(day, -months - 1) - timedelta(1)


@dataclass
class Truth:
    """The ledger, by customer, and what the rules make of it."""

    rows: Callable[[str], list[tuple[Any, ...]]]
    active: list[Key] = field(default_factory=list)
    scores: dict[Key, dict[str, Fraction]] = field(default_factory=dict)
    extras: dict[Key, dict[str, Any]] = field(default_factory=dict)
    classes: dict[Key, tuple[str, str | None]] = field(default_factory=dict)

    def by_customer(self, query: str) -> dict[str, list[tuple[Any, ...]]]:
        """Rows of a query by their first column."""
        found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for customer, *values in self.rows(query):
            found[customer].append(tuple(values))
        return found

    def read(self) -> Truth:
        """Read all signals of every active customer and month-end."""
        self.active = [
            (customer, day)
            for customer, day in self.rows("select customer_id, month_end from ledger.customer_months where is_active order by 1, 2")
        ]  # fmt: skip
        answers = self.by_customer(
            "select customer_id, question_kind, contact, answered_date, score, answer from ledger.survey_answers where customer_id is not null"
        )
        in_scope = "exclusion_reason is null and customer_id is not null"
        ratings = self.by_customer(f"select customer_id, rated_date, is_satisfied from ledger.cases where {in_scope} and is_satisfied is not null")  # fmt: skip
        replied = self.by_customer(f"select customer_id, cast(created_at as date) from ledger.cases where {in_scope} and (first_reply_at is not null or reply_count > 0)")  # fmt: skip
        talks = self.by_customer(
            "select customer_id, engagement_date, engagement_type from ledger.engagements where is_two_way and is_completed and customer_id is not null"
        )
        use = self.by_customer(
            "select customer_id, month_end, is_tracked, seat_count, active_user_count from ledger.usage_months"
        )
        risks = self.by_customer(
            "select customer_id, risk_type, risk_reason, opened_date, closed_date from ledger.risk_records"
        )
        judged = self.by_customer(
            "select customer_id, score_date, score, relationship_state from ledger.health_scores"
        )
        reached = self.by_customer(
            "select customer_id, month_end, weight, attainment from ledger.success_objectives where attainment is not null"
        )
        for customer, day in self.active:
            year = months_back(day, 11)
            scores: dict[str, Fraction] = {}
            goals = [(weight, share) for at, weight, share in reached[customer] if at == day]
            if goals:
                scores["success"] = 100 * (
                    Fraction(sum(weight * share for weight, share in goals))
                    / sum(weight for weight, _ in goals)
                )
            extras: dict[str, Any] = {}
            newest: dict[tuple[str, int], tuple[date, Any]] = {}
            for kind, contact, answered, score, _ in answers[customer]:
                if year <= answered <= day and score is not None:
                    newest[kind, contact] = max(newest.get((kind, contact), (date.min, 0)), (answered, score))
            for kind in ("perception", "nps"):
                found = [score for (asked, _), (_, score) in newest.items() if asked == kind]
                middle_of = median if kind == "nps" else median_low
                extras[kind] = middle_of(found) if found else None
            if extras["perception"] is not None:
                seen = extras["perception"]
                scores["perception"] = Fraction(100 if seen >= 4 else 0 if seen <= 2 else 50)
            rated = [good for rated_on, good in ratings[customer] if year <= rated_on <= day]
            if rated:
                scores["support"] = Fraction(100 * sum(rated), len(rated))
            days = [touched for touched, _ in talks[customer]] + [opened for (opened,) in replied[customer]]
            extras["last_engagement"] = max((d for d in days if d <= day), default=None)
            scores["engagement"] = Fraction(100 * any(day - timedelta(90) < d <= day for d in days))
            saves = [touched for touched, kind in talks[customer] if kind == "risk_review"]
            is_open = [
                (kind, reason, opened)
                for kind, reason, opened, closed in risks[customer]
                if opened <= day and (closed is None or closed > day)
            ]
            extras["kinds"] = {kind for kind, _, _ in is_open}
            extras["competitor"] = any(reason == "competitor" for _, reason, _ in is_open)
            extras["open_risks"] = len(is_open)
            extras["answered_risks"] = sum(any(opened <= d <= day for d in saves) for *_, opened in is_open)
            extras["intervention"] = any(day - timedelta(90) < d <= day for d in saves)
            recent = [row for row in judged[customer] if day - timedelta(90) < row[0] <= day]
            extras["vendor_score"] = max(recent)[1] if recent else None
            states = [(at, state) for at, _, state in recent if state]
            intents = [
                (answered, state)
                for kind, _, answered, _, state in answers[customer]
                if kind == "intent" and state and day - timedelta(365) < answered <= day
            ]
            extras["states"] = {state for at, state in (states or intents) if at == max(states or intents)[0]}
            # Use of the licences; where nobody measures it, what the newest answer of the last twelve months says.
            told = [
                (answered, score)
                for kind, _, answered, score, _ in answers[customer]
                if kind == "adoption_share" and months_back(day, 11) <= answered <= day
            ]
            extras["told_use"] = {score for at, score in told if at == max(told)[0]}
            measured = [
                (seats, users) for at, tracked, seats, users in use[customer] if at == day and tracked
            ]
            extras["seats"] = sum(seats for at, _, seats, _ in use[customer] if at == day)
            extras["is_tracked"] = bool(measured) and len(measured) == sum(
                at == day for at, *_ in use[customer]
            )
            if extras["is_tracked"]:
                scores["adoption"] = Fraction(
                    100 * sum(min(seats, users) for seats, users in measured),
                    sum(seats for seats, _ in measured),
                )
            self.scores[customer, day], self.extras[customer, day] = scores, extras
        return self

    def classify(self, outlooks: dict[Key, tuple[Any, ...]]) -> None:
        """Class and reason, given what contracts say: notice, lapse, downgrade, day of the next renewal."""
        for key in self.active:
            customer, day = key
            scores, extras = self.scores[key], self.extras[key]
            notice, lapse, downgrade, renews_on = outlooks.get(key, (False, False, False, None))
            known = sum(WEIGHTS[measure] for measure in scores)
            score = (
                sum(WEIGHTS[name] * value for name, value in scores.items()) / known
                if 2 * known >= 100
                else None
            )
            extras["score"] = score
            earlier = self.scores.get((customer, month_end(day, -3)), {}).get("adoption")
            seats = self.extras.get((customer, month_end(day, -3)), {}).get("seats", 0)
            use = scores.get("adoption")
            fits = [
                ("cancellation_notice", notice),
                ("pending_lapse", lapse),
                ("open_churn_risk", "churn" in extras["kinds"]),
                ("competitor", extras["competitor"]),
                ("below_red_and_negative", score is not None and score < 50 and scores.get("perception") == 0),
                ("downgrade_request", downgrade),
                ("open_contraction_risk", "contraction" in extras["kinds"]),
                ("adoption_falling", bool(earlier) and use is not None and seats >= 5 and 10 * use <= 7 * (earlier or 0)),
                ("low_adoption_before_renewal", use is not None and use < 50 and renews_on is not None and renews_on <= day + timedelta(180)),
                ("score_below_green", score is not None and score < 75),
                ("other_open_risk", "other" in extras["kinds"]),
            ]  # fmt: skip
            reason = next((name for name, fires in fits if fires), None)
            place = next((number for number, (_, fires) in enumerate(fits) if fires), None)
            if place is None:
                found = "healthy" if score is not None else "unknown"
            else:
                found = "defecting" if place < 5 else "reducing" if place < 9 else "watch"
            self.classes[key] = (found, reason)


@dataclass
class Demo:
    """One demo company, built, and the truth about it."""

    warehouse: duckdb.DuckDBPyConnection
    truth: Truth

    def months(self, columns: str, where: str = "true") -> dict[Key, tuple[Any, ...]]:
        """Columns of fct_health_months by customer and month-end."""
        found = self.warehouse.execute(
            f"select customer_id, month_end, {columns} from marts.fct_health_months where {where}"
        ).fetchall()
        return {(customer, day): tuple(values) for customer, day, *values in found}


@pytest.fixture(scope="module")
def demo(company: duckdb.DuckDBPyConnection) -> Demo:
    found = Demo(company, Truth(lambda query: company.execute(query).fetchall()).read())
    complete(found)
    found.truth.classify(
        found.months("has_cancellation_notice, is_pending_lapse, has_downgrade_request, renews_on")
    )
    return found


def signals(demo: Demo, measure: str) -> dict[Key, Any]:
    """Scores of a measure in the warehouse."""
    return {
        (customer, day): score
        for customer, day, score in demo.warehouse.execute(
            "select customer_id, month_end, score from marts.fct_health_signals where measure = ?", [measure]
        ).fetchall()
    }


def complete(demo: Demo) -> None:
    """What the ledger leaves open: use by holders of seats, use that is only told, and whose touches are logged since when."""
    truth = demo.truth
    with_seats = {
        (customer, day)
        for customer, day in truth.rows(
            "select customer_id, month_end from marts.fct_adoption_months where assigned_count > 0"
        )
    }
    for key, use in signals(demo, "adoption").items():
        measured = truth.scores[key].pop("adoption", None)
        truth.extras[key]["measured_use"] = None if key in with_seats else measured
        if use is not None:
            truth.scores[key]["adoption"] = Fraction(use)
    for key, engagement in signals(demo, "engagement").items():
        if engagement is None:
            truth.scores[key].pop("engagement")


def test_every_active_customer_has_a_class_at_every_month_end(demo: Demo) -> None:
    assert set(demo.months("risk_class")) == set(demo.truth.active)
    assert len(demo.truth.active) > 1000


@pytest.mark.parametrize("measure", ["perception", "support", "engagement"])
def test_measures_are_those_of_the_simulation(demo: Demo, measure: str) -> None:
    found = signals(demo, measure)
    told = {key: scores.get(measure) for key, scores in demo.truth.scores.items()}
    wrong = {
        key: (score, told[key])
        for key, score in found.items()
        if (score is None) != (told[key] is None)
        or (score is not None and abs(Fraction(score) - (told[key] or 0)) > Fraction(1, 10000))
    }
    assert dict(list(wrong.items())[:3]) == {}
    assert sum(score is not None for score in found.values()) > 300


def test_use_is_what_is_measured_else_what_customers_say(demo: Demo) -> None:
    """All but what holders of seats use, and seats of contracts that wait for a renewal: the ledger does not tell these apart."""
    sold = {
        (customer, day): seats
        for customer, day, seats in demo.truth.rows(
            "select customer_id, month_end, known_sold_quantity from marts.fct_adoption_months"
        )
    }
    measured, told = 0, 0
    for key, use in signals(demo, "adoption").items():
        extras = demo.truth.extras[key]
        if sold.get(key) != extras["seats"]:
            continue
        if extras["measured_use"] is not None:
            assert use is not None and abs(Fraction(use) - extras["measured_use"]) < Fraction(1, 1000), key
            measured += 1
        elif not extras["is_tracked"] and extras["told_use"] and use is not None:
            assert any(abs(use - 100 * share) < 0.001 for share in extras["told_use"]), key
            told += 1
    assert measured > 100 and told > 20


def test_who_is_not_logged_is_unmatched_or_before_the_log(demo: Demo) -> None:
    unmatched = {
        row[0] for row in demo.truth.rows("select customer_id from ledger.customer_truth where is_unmatched")
    }
    first = min(day for _, day in demo.truth.active)
    unknown = {key for key, score in signals(demo, "engagement").items() if score is None}
    assert all(customer in unmatched or day < month_end(first, 4) for customer, day in unknown)


def test_signals_beside_the_score_are_those_of_the_simulation(demo: Demo) -> None:
    columns = (
        "nps_median, open_risk_count, open_intervention_count, last_engagement_date, vendor_score, relationship_state, sentiment_source,"
        " has_recent_intervention"
    )
    seen = 0
    for key, (nps, risks, answered, last, vendor, state, source, intervention) in demo.months(
        columns
    ).items():
        extras = demo.truth.extras[key]
        assert (nps, risks, answered, last) == (
            extras["nps"], extras["open_risks"], extras["answered_risks"], extras["last_engagement"],
        ), key  # fmt: skip
        assert vendor == extras["vendor_score"], key
        if extras["states"]:
            assert state in extras["states"] and source in ("judgement", "survey"), key
        else:
            assert source in (None, "case"), key
        assert intervention in (None, extras["intervention"]), key
        seen += bool(risks)
    assert seen > 50


def test_notices_are_of_contracts_that_end_by_one(demo: Demo) -> None:
    """Whoever is under notice and has left by now had a contract that the simulator ends by a notice."""
    lines = demo.truth.by_customer(
        "select customer_id, contract, start_date, end_date, is_cancelled from ledger.contract_lines"
    )
    noticed = [key for key, (notice,) in demo.months("has_cancellation_notice").items() if notice]
    assert noticed
    for customer, day in noticed:
        ended = {contract for contract, *_, is_cancelled in lines[customer] if is_cancelled}
        in_force = {
            contract
            for contract, start, end, _ in lines[customer]
            if start <= day and (end is None or end > day)
        }
        is_running = any(end is None or end > date(2026, 10, 31) for *_, end, _ in lines[customer])
        assert is_running or in_force & ended, (customer, day)


def test_scores_and_classes_follow_from_the_signals(demo: Demo) -> None:
    found = demo.months("risk_class, primary_reason, health_score")
    wrong = {
        key: (values[:2], demo.truth.classes[key])
        for key, values in found.items()
        if values[:2] != demo.truth.classes[key]
    }
    assert dict(list(wrong.items())[:3]) == {}
    for key, (_, _, score) in found.items():
        told = demo.truth.extras[key]["score"]
        assert (score is None) == (told is None), key
        assert score is None or abs(Fraction(score) - told) < Fraction(1, 10000), key
    assert {risk_class for risk_class, *_ in found.values()} == {
        "defecting",
        "reducing",
        "watch",
        "healthy",
        "unknown",
    }
    assert len({reason for _, reason, _ in found.values()}) >= 9


def backtest(demo: Demo, day: date) -> dict[str, list[tuple[str, bool]]]:
    """Class of six months before and what has become of the customer, of the twelve month-ends to a day, by test."""
    active = set(demo.truth.active)
    losses: dict[tuple[str, date], set[str]] = defaultdict(set)
    for customer, at, movement in demo.truth.rows(
        "select customer_id, month_end, movement from ledger.movements where movement in ('churn', 'contraction')"
    ):
        losses[customer, at].add(movement)
    for customer, at in active:
        after = month_end(at, 1)
        if (customer, after) not in active and after <= date(2026, 10, 31):
            losses[customer, after].add("churn")
    found: dict[str, list[tuple[str, bool]]] = {"defecting": [], "defecting_or_reducing": []}
    for back in range(12):
        closing = month_end(day, -back)
        opening = month_end(closing, -6)
        for customer in {name for name, at in active if at == opening}:
            fate = set().union(
                *(losses.get((customer, month_end(opening, ahead)), set()) for ahead in range(1, 7))
            )
            risk_class = demo.truth.classes[customer, opening][0]
            found["defecting"].append((risk_class, "churn" in fate))
            found["defecting_or_reducing"].append((risk_class, bool(fate)))
    return found


def test_the_back_test_is_that_of_plain_python(demo: Demo) -> None:
    day = date(2026, 10, 31)
    flagged = {"defecting": {"defecting"}, "defecting_or_reducing": {"defecting", "reducing"}}
    for member, rows in backtest(demo, day).items():
        hits = sum(fate for risk_class, fate in rows if risk_class in flagged[member])
        at_risk = sum(risk_class in flagged[member] for risk_class, _ in rows)
        lost = sum(fate for _, fate in rows)
        expected = {
            "risk_precision": Fraction(hits, at_risk),
            "risk_recall": Fraction(hits, lost),
            "risk_lift": Fraction(hits, at_risk) / Fraction(lost, len(rows)),
        }
        found = dict(
            demo.warehouse.execute(
                "select metric_key, value from marts.fct_metric_values where metric_key in ('risk_precision', 'risk_recall', 'risk_lift')"
                " and period_grain = 't12m' and period_end = ? and dimension = 'class' and member = ?",
                [day, member],
            ).fetchall()
        )
        assert {key: float(value) for key, value in found.items()} == pytest.approx(
            {key: float(value) for key, value in expected.items()}, abs=1e-6
        )


def test_who_was_defecting_leaves_several_times_as_often_as_who_was_healthy(demo: Demo) -> None:
    """The classes see the hidden causes: the simulator ends contracts by them."""
    fates = dict(
        demo.warehouse.execute(
            "select risk_class, avg(case when has_churned then 1.0 else 0 end) from marts.fct_risk_outcomes group by 1"
        ).fetchall()
    )
    assert fates["defecting"] > 3 * fates["healthy"]
    assert fates["defecting"] > 2 * fates["watch"]


def test_probabilities_know_nothing_of_what_they_are_tested_on(demo: Demo) -> None:
    """Recomputed in Python: outcomes known by the month-end of the class, thirty of them or none."""
    outcomes = demo.warehouse.execute(
        "select risk_class, month_end, has_churned from marts.fct_risk_outcomes where not is_provisional"
    ).fetchall()
    rows = demo.warehouse.execute(
        "select distinct risk_class, class_month_end, churn_probability from marts.fct_risk_backtest"
    ).fetchall()
    known = 0
    for risk_class, day, probability in rows:
        seen = [fate for name, at, fate in outcomes if name == risk_class and at <= day]
        if len(seen) < 30:
            assert probability is None
        else:
            assert float(probability) == pytest.approx(sum(seen) / len(seen), abs=1e-6)
            known += 1
    assert known > 20
