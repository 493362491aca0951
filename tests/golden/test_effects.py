"""Lift of adoption after actions: one month by hand, and an oracle in Python over a random company (clarifications B13)."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

import pytest

from tests import harness
from tests.golden.test_stratified_effect import Subject, by_the_rules
from tests.golden.warehouse import Builder, Company, Warehouse, month_ends, six

AS_OF = date(2025, 6, 30)
MIN_N = 3
FIRST_USE, LAST = 2024 * 12, 2025 * 12 + 5
TYPES = {
    "Training": "training",
    "workshop": "training",
    "Health check": "service",
    "Enhancement": "product_enhancement",
    "Magic": "unknown",
}


def first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


@dataclass
class Client:
    """A customer with ten seats, of which some are used each month."""

    name: str
    segment: str
    region: str
    start: int
    end: int | None
    mrr: int
    users: dict[int, int] = field(default_factory=dict)

    def is_active(self, month: int) -> bool:
        return self.start <= month and (self.end is None or month < self.end)

    def adoption(self, month: int) -> float | None:
        """Share of the seats in use; unknown before anything was tracked."""
        return self.users.get(month, 0) / 10 if month >= FIRST_USE else None


def draw_clients(dice: random.Random) -> tuple[list[Client], dict[str, dict[str, set[int]]], Company]:
    """Clients, the months of their actions by type, and the exports that tell of both."""
    company = Company().add("products", product_id="core", product_family="Core", offer_type="product")
    clients, treated = [], defaultdict[str, dict[str, set[int]]](lambda: defaultdict(set))
    for number in range(150):
        client = Client(
            f"C{number:03d}", dice.choice(("Large", "Small")), dice.choice(("EMEA", "Americas")), dice.randrange(2022 * 12, 2025 * 12),
            dice.choice((None, None, None, dice.randrange(2025 * 12 - 3, LAST + 1))), dice.choice((100, 200, 200, 300, 400)),
        )  # fmt: skip
        clients.append(client)
        company.customer(client.name, segment=client.segment, region=client.region)
        company.line(
            client.name, str(first_of(client.start)), str(first_of(client.end)) if client.end else None, client.mrr, quantity=10,
            unit_of_measure="seat", is_cancelled="true" if client.end else None,
        )  # fmt: skip
        months = [month for month in range(FIRST_USE - 4, LAST + 1) if dice.random() < 0.06]
        for month in months:
            _act(dice, company, client.name, month, treated)
        # A training helps from the next month on, and customers come and go in their use anyway.
        helped = min(treated["training"][client.name], default=LAST) + 1
        for month in range(max(FIRST_USE, client.start), LAST + 1):
            client.users[month] = min(10, dice.randrange(1, 6) + (4 if month >= helped else 0))
    for client in clients:
        for month, users in client.users.items():
            for user in range(users):
                company.add(
                    "product_events", event_id=f"{client.name}-{month}-{user}", account_id=client.name, user_id=f"{client.name}u{user}",
                    product_id="core", occurred_at=str(first_of(month).replace(day=15)),
                )  # fmt: skip
    # The first and the last thing known of all.
    for day in ("2024-01-02", "2025-06-29"):
        company.add(
            "product_events",
            event_id=day,
            account_id="C000",
            user_id="C000u0",
            product_id="core",
            occurred_at=day,
        )
    for day in ("2023-01-02", "2025-06-29"):
        company.add(
            "engagements",
            engagement_id=day,
            account_id="C000",
            engagement_type="meeting",
            started_at=day,
        )
    return clients, treated, company


def _act(
    dice: random.Random,
    company: Company,
    name: str,
    month: int,
    treated: dict[str, dict[str, set[int]]],
) -> None:
    """One action: in the list of actions, or an engagement of the type; or an engagement that nobody took part in."""
    words = dice.choice(("Training", "workshop", "Health check", "Enhancement", "Magic"))
    number = f"{name}-{month}"
    day = first_of(month).replace(day=dice.randrange(1, 29))
    is_engagement = words in ("Training", "Health check") and dice.random() < 0.5
    if is_engagement:
        has_reply = dice.random() < 0.8
        company.add(
            "engagements", engagement_id=number, account_id=name, engagement_type=words, started_at=day,
            has_reply="true" if has_reply else "false",
        )  # fmt: skip
        if not has_reply:
            return
    else:
        company.add("customer_actions", action_id=number, account_id=name, action_type=words, action_date=day)
    treated[TYPES[words]][name].add(month)
    treated["all"][name].add(month)


def _quartiles(clients: list[Client], month: int) -> dict[str, int]:
    """Clients of a month by recurring revenue, in four parts of which the first are the larger."""
    ranked = sorted((c for c in clients if c.is_active(month)), key=lambda c: (c.mrr, c.name))
    parts: dict[str, int] = {}
    taken = 0
    for part in range(4):
        size = len(ranked) // 4 + (part < len(ranked) % 4)
        parts |= {client.name: part + 1 for client in ranked[taken : taken + size]}
        taken += size
    return parts


def _tenure_band(months: int) -> str:
    return "<1" if months < 12 else "1–2" if months < 24 else "2–3" if months < 36 else "3–5"


def subjects_by_the_rules(
    clients: list[Client], treated: dict[str, set[int]], recorded_from: int, member: str
) -> list[Subject]:
    """Who is compared with whom; the month is that in which the outcome ends."""
    rows = []
    anchors = {min(months) for months in treated.values() if months}
    for anchor in sorted(anchors):
        if anchor + 3 > LAST or recorded_from > anchor - 6:
            continue
        quartiles = _quartiles(clients, anchor - 1)
        for client in clients:
            own = treated.get(client.name, set())
            is_treated = bool(own) and min(own) == anchor
            if not client.is_active(anchor - 1) or not (is_treated or client.is_active(anchor + 3)):
                continue
            if not is_treated and any(anchor - 6 <= month <= anchor + 6 for month in own):
                continue
            before, after, earlier = (client.adoption(anchor + step) for step in (-1, 3, -4))
            known = earlier if client.is_active(anchor - 4) else None
            # A treated customer that is lost meanwhile stays among the treated.
            after = after if client.is_active(anchor + 3) else None
            rows.append(
                Subject(
                    client.name,
                    f"{anchor}|{client.segment}|{client.region}|{_tenure_band(anchor - 1 - client.start)}|{quartiles[client.name]}",
                    is_treated,
                    None if before is None or after is None else round(after - before, 6),
                    after,
                    None if before is None or known is None else round(before - known, 6),
                    member,
                    anchor + 3,
                )
            )
    return rows


Drawn = tuple[Warehouse, dict[str, list[Subject]]]


@pytest.fixture(scope="module")
def drawn(build: Builder) -> Drawn:
    clients, treated, company = draw_clients(random.Random(5))
    logged = {row["engagement_type"] for row in company.exports["templates/engagements"]}
    listed: dict[str, int] = {}
    for row in company.exports["templates/customer_actions"]:
        month = row["action_date"].year * 12 + row["action_date"].month - 1
        kind = TYPES[row["action_type"]]
        listed[kind] = min(month, listed.get(kind, month))
    # The log of engagements tells of the types it has from January 2023 on, the list from its first entry of the type on.
    for words, kind in TYPES.items():
        if words in logged:
            listed[kind] = 2023 * 12
    listed["all"] = min(listed.values())
    subjects = {kind: subjects_by_the_rules(clients, treated[kind], listed[kind], kind) for kind in treated}
    return build(company, as_of_date=str(AS_OF), effect_min_n=MIN_N), subjects


def test_every_effect_of_a_random_company_is_what_python_says(drawn: Drawn) -> None:
    marts, subjects = drawn
    rows = marts.rows(
        "select member, period_grain, period_end, verdict, n_treated_all, n_treated, n_control, coverage, adjusted_effect, ci_low,"
        " ci_high, placebo_effect, placebo_ci_low, placebo_ci_high, raw_gap from marts.fct_effects order by all"
    )
    verdicts = set()
    for member, _, period_end, verdict, treated_all, treated, control, coverage, *numbers in rows:
        closing = period_end.year * 12 + period_end.month - 1
        pool = [subject for subject in subjects[member] if closing - 12 < subject.month <= closing]
        expected = by_the_rules(pool, MIN_N, side="up")
        names = (
            "effect",
            "ci_low",
            "ci_high",
            "placebo_effect",
            "placebo_ci_low",
            "placebo_ci_high",
            "raw_gap",
        )
        key = (member, period_end)
        assert (verdict, treated_all, treated, control) == (
            expected["verdict"], expected["n_treated_all"], expected["n_treated"], expected["n_control"],
        ), key  # fmt: skip
        assert coverage == six(expected["coverage"])
        verdicts.add(verdict)
        if verdict == "insufficient_evidence":
            assert set(numbers) == {None}
        else:
            for name, number in zip(names, numbers, strict=True):
                if expected[name] is None:
                    assert number is None, (key, name)
                else:
                    assert abs(float(number) - expected[name]) < 2e-6, (key, name)
    assert verdicts == {"supported", "not_supported", "insufficient_evidence"}
    assert {member for member, *_ in rows} == {"all", "training", "service", "product_enhancement", "unknown"}


def test_an_effect_opens_into_those_it_is_about(drawn: Drawn) -> None:
    """Treated customers with their change; the mean of those in it less their controls' is the effect."""
    marts, subjects = drawn
    end = date(2025, 6, 30)
    rows = marts.rows(
        "select subject_id, numerator, denominator, is_included, exclusion_reason from marts.fct_metric_contributions"
        " where metric_key = 'adoption_lift_after_action' and period_grain = 't12m' and period_end = ? and member = 'training'",
        end,
    )
    pool = [s for s in subjects["training"] if s.is_treated and LAST - 12 < s.month <= LAST]
    assert {(row[0], row[1]) for row in rows} == {
        (f"templates:{s.name}", None if s.outcome is None else six(s.outcome)) for s in pool
    }
    matched = marts.one(
        "select n_treated from marts.fct_effects where member = 'training' and period_grain = 't12m' and period_end = ?",
        end,
    )
    assert sum(included for *_, included, _ in rows) == matched
    assert {reason for *_, included, reason in rows if not included} == {"no_control"}
    found = harness.metric(
        marts.connection, "adoption_lift_after_action", "t12m", str(end), "action_type", "training"
    )
    assert found is not None
    # Three months later somebody may turn out to be treated: the value is final then.
    assert (found["n"], found["verdict"]) == (matched, "provisional")


def test_words_that_nobody_mapped_are_listed(drawn: Drawn) -> None:
    marts, _ = drawn
    assert marts.one(
        "select count(*) from marts.dq_findings where finding = 'type of an action is not in the seed action_types'"
    )


# ---- By hand ---------------------------------------------------------------------------------------------------------------


def test_twelve_trained_in_one_month_use_two_seats_more(build: Builder) -> None:
    """December 2024: twelve of 24 customers are trained. Trained: 3 → 6 or 7 of 10 seats; the others: 3 → 4 or 5.

    Each quartile has three of both sides. In two of them the changes are 0.3, 0.4, 0.3 against 0.1, 0.2, 0.1, in the others 0.4, 0.3, 0.4
    against 0.2, 0.1, 0.2: gains of 1/6, 4/15, 1/6 and 7/30, 2/15, 7/30, mean 0.2. Their squared deviations sum to 4 × 1/150, those of the
    controls as well: se² = 4/150/11/12 + 4/150/8 × 4 × (1/4)²/3, se = 0.021904, interval 0.2 ± 0.042932.
    """
    company = Company().add("products", product_id="core", product_family="Core", offer_type="product")
    for number in range(24):
        name = f"T{number:02d}"
        company.customer(name, segment="one", region="EMEA")
        company.line(name, "2022-01-01", None, 100, quantity=10, unit_of_measure="seat")
        # Every quartile has three of the trained and three of the others.
        is_trained = number % 2 == 0
        for month in range(FIRST_USE, LAST + 1):
            users = 3 if month < 2024 * 12 + 11 else (6 if is_trained else 4) + number // 2 % 2
            for user in range(users):
                company.add(
                    "product_events", event_id=f"{name}-{month}-{user}", account_id=name, user_id=f"{name}u{user}", product_id="core",
                    occurred_at=str(first_of(month).replace(day=15)),
                )  # fmt: skip
        if is_trained:
            company.add(
                "customer_actions",
                action_id=name,
                account_id=name,
                action_type="Training",
                action_date="2024-12-10",
            )
    company.add(
        "product_events",
        event_id="0",
        account_id="T00",
        user_id="T00u0",
        product_id="core",
        occurred_at="2024-01-02",
    )
    company.add(
        "product_events",
        event_id="1",
        account_id="T00",
        user_id="T00u0",
        product_id="core",
        occurred_at="2025-06-29",
    )
    # The list has been kept since 2024 at least: somebody who left was trained then.
    company.customer("gone").line("gone", "2022-01-01", "2024-03-01", 100, is_cancelled="true")
    company.add(
        "customer_actions", action_id="0", account_id="gone", action_type="Training", action_date="2024-02-10"
    )
    marts = build(company)
    row = marts.one(
        "select n_treated, n_control, coverage, raw_gap, adjusted_effect, ci_low, ci_high, placebo_effect, verdict from marts.fct_effects"
        " where member = 'training' and period_grain = 't12m' and period_end = date '2025-03-31'"
    )
    interval = (six("0.157068"), six("0.242932"))
    assert row == (12, 12, 1, six("0.2"), six("0.2"), *interval, 0, "supported")
    # It is the only treatment, and it is in the pools of twelve months from the third month after on.
    ends = "select period_end from marts.fct_effects where member = ? and period_grain = 't12m' order by 1"
    for member in ("all", "training"):
        assert [end for (end,) in marts.rows(ends, member)] == list(month_ends(date(2025, 3, 1), AS_OF))
