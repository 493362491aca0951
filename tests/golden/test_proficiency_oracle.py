"""Proficiency counted again in plain Python, for companies drawn at random.

The companies come through the documented templates with all that is awkward there: use and learning on the first and last days of
their windows, certificates that expire on the day looked at or were renewed before they did, attempts repeated on one day, one customer
with two accounts, one user at many customers, users and customers that left, customers that nobody measures, that only ever come without
a name, or of which nobody learns, words nobody knows, dates left empty, rows of the day after the one looked at, kinds of learning that
are told of only lately, months in which nothing was required yet.

The oracle reads the rows that were fed and the written rules alone (metrics 2.10, clarifications B1, B2, B5, B6, B12.5 and C.I, the
definitions of the catalogue and of the templates); it shares no code with the models. Where these are silent it follows what the
warehouse does, so that a change of it is seen:

- A user active at two customers is one of each. What a user learnt counts wherever the user is active, whatever account told of it.
- The newest assessment speaks also where it has no result: then the user is not proficient, nor assessed in that type of skill.
- Of attempts on one day the one with the smaller id came first.
- A kind of learning is known from the first day on which any user had it; proficiency from the first certificate or assessment with a
  result; access from any trace of a user. Of newcomers it has to be known by their sixtieth day.
- Changes of scores, paths and incentives are of active customers, but of all their users; a path that is completed is completed for all
  its assignments; a code offered again was issued on its first day, and whoever redeems it, it is the customer's that was offered it.
- A customer that comes without telling who has no active users, as long as the export tells users of others.
- n of costs is the number of months that have any.

Not drawn, for it is not settled: a row put on record after the day looked at for a day before it; one code offered to two customers, or
an offer without a code; requirements listed twice. Effects, times to adoption and the fixes of causes are no sums over subjects of this
theme and have tests of their own.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from operator import itemgetter
from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Row, Warehouse, month_ends, six

SEEDS = (1, 2, 3)
AS_OF = date(2025, 6, 30)
MONTHS = tuple(month_ends(date(2024, 4, 1), AS_OF))
SEGMENTS = ("Enterprise", "Small", None)
DAY = timedelta(days=1)

#: Words of the template → mode of training; any other word is no mode that is asked for.
MODES = {
    "self_paced": "self_paced", "E-Learning": "self_paced", "coaching": "live_coaching", "Office hours": "live_coaching",
    "classroom": "ilt_in_person", "ilt_virtual": "ilt_virtual", "webinar": "ilt_virtual", "dream": None,
}  # fmt: skip

#: Kinds of accounts; of each there are some.
KINDS = (
    "seats", "seats", "seats", "seats", "no_seats", "no_seats", "two_accounts", "two_accounts", "silent", "not_mapped", "no_users_told",
    "churned", "churned", "new", "new", "new", "perpetual", "never_paid", "free", "trial",
)  # fmt: skip

#: Export → the columns of its id and its day, on which a row came to be known.
EXPORTS = {
    "product_events": ("event_id", "occurred_at"),
    "training_completions": ("completion_id", "completed_date"),
    "skill_assessments": ("assessment_id", "assessed_date"),
    "certificates": ("certificate_id", "issued_date"),
    "learning_steps": ("step_id", "step_date"),
    "skill_requirements": ("requirement_id", "required_from"),
    "service_costs": ("cost_id", "period_month"),
}


def _month_end(day: date, months: int = 0) -> date:
    """The last day of the month so many months later."""
    number = day.year * 12 + day.month + months
    return date(number // 12, number % 12 + 1, 1) - DAY


# ---- The company -----------------------------------------------------------------------------------------------------------


@dataclass
class Draw:
    """A company drawn at random; the same seed draws the same one."""

    seed: int
    company: Company = field(default_factory=Company)
    users: dict[str, list[str]] = field(default_factory=dict)
    starts: dict[str, date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.ids = iter(self.dice.sample(range(100_000, 1_000_000), 20_000))
        #: Nothing of a kind is told of before its day.
        self.first_days = {
            kind: self.dice.choice((date(2022, 1, 1), date(2022, 1, 1), date(2024, 9, 30), self.near()))
            for kind in (*MODES, "certificates", "assessments", "path_assigned", "path_completed", "incentive_offered", "reward")
        }  # fmt: skip
        self.dice.shuffle(kinds := list(KINDS) * 2)
        # Use on the first and the last day: all between is known of every account that the usage tracking knows.
        self.account("tracker", "no_seats", date(2022, 1, 1))
        for day in (date(2022, 1, 1), AS_OF):
            self.add(
                "product_events",
                account_id="tracker",
                user_id="tracker-0",
                product_id="core",
                occurred_at=day,
            )
        for number, kind in enumerate(kinds):
            start = (
                self.near() if kind == "new" else date(2022, 1, 1) + timedelta(days=self.dice.randrange(500))
            )
            self.account(f"{kind}-{number}", kind, start)
        self.use()
        self.learn()
        self.thirty_percent()
        self.require()
        for number, month in enumerate(MONTHS):
            for line in ("education", "knowledge_base", "support"):
                if self.dice.random() < 0.6:
                    self.add(
                        "service_costs", period_month=month.replace(day=1), service_line=line, amount=100 + number * 7, currency="USD"
                    )  # fmt: skip

    def add(self, table: str, **columns: Any) -> None:
        """A row with an id that tells nothing of its turn."""
        self.company.add(table, **{EXPORTS[table][0]: f"R{next(self.ids)}"}, **columns)

    def near(self, *months_back: int) -> date:
        """A day about a month-end, or about one so many months before; sometimes any day, also one to come."""
        if self.dice.random() < 0.25:
            return date(2022, 6, 1) + timedelta(days=self.dice.randrange(1140))
        month_end = _month_end(self.dice.choice(MONTHS), -self.dice.choice(months_back or (0,)))
        return month_end + self.dice.choice((-1, 0, 0, 1, -9)) * DAY

    def account(self, name: str, kind: str, start: date) -> None:
        dice, company = self.dice, self.company
        self.starts[name] = start
        self.users[name] = [f"{name}-{number}" for number in range(dice.randrange(1, 8))]
        if kind != "not_mapped":
            company.customer(name, segment=dice.choice(SEGMENTS))
        seats: Row = {} if kind in ("no_seats", "perpetual") else {"quantity": 10, "unit_of_measure": "seat"}
        if kind == "two_accounts":
            company.customer(f"{name}b", segment=dice.choice(SEGMENTS), parent_account_id=name)
            # Some people work for both.
            self.users[f"{name}b"] = [f"{name}b-0", self.users[name][0]]
            if dice.random() < 0.5:
                company.line(f"{name}b", str(start), None, 10)
        if kind == "perpetual":
            for day in (start, self.near(12)):
                company.invoice(name, str(day), 500, "one_time", licence_model="perpetual")
        elif kind == "free":
            company.line(name, str(start), None, 0, **seats)
        elif kind == "trial":
            company.line(name, str(start), None, 100, exclusion_reason="trial", **seats)
        elif kind == "churned":
            company.line(name, str(start), str(self.near()), 100, is_cancelled="true", **seats)
        elif kind != "never_paid":
            company.line(name, str(start), None, 100, **seats)
        if kind == "new" and dice.random() < 0.3:
            company.invoice(name, str(start - 40 * DAY), 50, "one_time", licence_model="subscription")

    def use(self) -> None:
        """Who came when; a guest comes to many customers."""
        for account, users in self.users.items():
            if account.startswith(("silent", "not_mapped", "tracker")):
                continue
            is_told = not account.startswith("no_users_told")
            self.add(
                "product_events", account_id=account, user_id=users[0] if is_told else None, product_id="core",
                occurred_at=date(2022, 1, 2),
            )  # fmt: skip
            guests = ["guest"] if self.dice.random() < 0.3 else []
            for user in [*users, *guests]:
                leaves = self.dice.choice((*MONTHS, AS_OF, AS_OF))
                for _ in range(self.dice.choice((0, 3, 9, 14))):
                    day = self.dice.choice(MONTHS) - self.dice.choice((0, 10, 27, 28)) * DAY
                    if day <= leaves:
                        self.add(
                            "product_events", account_id=account, product_id="core", occurred_at=day,
                            user_id=user if is_told and self.dice.random() < 0.97 else None,
                        )  # fmt: skip

    def tell(self, table: str, kind: str, day: date, **columns: Any) -> None:
        """A row of learning, unless nothing of its kind is told of yet."""
        if day >= self.first_days.get(kind, day):
            recorded = self.dice.choice((None, day))
            self.add(table, **{EXPORTS[table][1]: day}, recorded_date=recorded, **columns)

    def learn(self) -> None:
        dice = self.dice
        taught = {account: users for account, users in self.users.items() if dice.random() < 0.85}
        learners = [
            (account, user) for account, users in taught.items() for user in users if dice.random() < 0.9
        ]
        learners += [("tracker", "guest"), ("nowhere", "nobody"), ("silent", "never came")]
        for account, user in learners:
            for _ in range(dice.choice((0, 1, 2, 4))):
                mode = dice.choice((*MODES, None))
                self.tell(
                    "training_completions", str(mode), self.near(0, 12), account_id=account, user_id=user, mode=mode,
                    rating=dice.choice((None, 1, 3, "4.5", 5)),
                )  # fmt: skip
            if not account.startswith("new") or dice.random() < 0.1:
                self.assess(account, user)
            for _ in range(dice.choice((0, 0, 1, 2))):
                issued = self.near(0, 12)
                expires = dice.choice((None, self.near(), issued + 365 * DAY))
                self.certify(account, user, issued, expires)
                if expires is not None and dice.random() < 0.4:
                    # Renewed before it expires, on the very day, or late.
                    renewed = expires + dice.choice((-30, -1, 0, 5)) * DAY
                    self.certify(account, user, renewed, renewed + 365 * DAY)
            for path in dice.sample(("P0", "P1", "P2"), dice.choice((0, 0, 1, 2))):
                assigned = self.near(0, 12)
                due = dice.choice(
                    (None, assigned + 60 * DAY, _month_end(assigned, 2), _month_end(assigned, 2) + DAY)
                )
                self.step("path_assigned", assigned, account, user_id=user, subject_id=path, due_date=due)
                if dice.random() < 0.6:
                    done = dice.choice((assigned, due or assigned, self.near()))
                    self.step("path_completed", max(done, assigned), account, user_id=user, subject_id=path)
            if dice.random() < 0.3:
                self.step("reward", self.near(0, 12), account, user_id=user)
            if dice.random() < 0.1:
                self.step("dream", self.near(0), account, user_id=user)
        for account, start in self.starts.items():
            # Sixty days after the start, the day before and the day after; a few before it.
            for kind in ("skills_inventory", "training_plan"):
                if dice.random() < 0.6:
                    self.step(kind, start + dice.choice((-20, 0, 59, 60, 61)) * DAY, account)
            if dice.random() < 0.6:
                self.assess(account, None, start + dice.choice((-20, 0, 59, 60, 61)) * DAY)
            for _ in range(dice.choice((0, 1, 2, 3))):
                code, offered = f"code{next(self.ids)}", self.near(0, 12)
                for day in (offered, offered + 40 * DAY)[: dice.choice((1, 1, 1, 2))]:  # told of once more
                    self.step("incentive_offered", day, account, subject_id=code)
                if dice.random() < 0.5:
                    redeemer = dice.choice((account, None))
                    self.step("incentive_redeemed", max(offered, self.near()), redeemer, subject_id=code)

    def assess(self, account: str, user: str | None, *days: date) -> None:
        """Attempts, some of them repeated on the same day."""
        dice = self.dice
        for day in days or [self.near(0, 24) for _ in range(dice.choice((0, 2, 4, 6)))]:
            skill, skill_type = dice.choice(
                (("core", None), ("flow", "technical"), ("value", "business"), ("Working with Insight", None), ("flow", "magic"))
            )  # fmt: skip
            for _ in range(dice.choice((1, 1, 2))):
                score = dice.choice((None, 0, "79.9", 80, 95, 100, 60))
                passed = dice.choice(("true", "false")) if score is None and dice.random() < 0.8 else None
                self.tell(
                    "skill_assessments", "assessments", day, account_id=account, user_id=user, skill=skill,
                    skill_type=skill_type, score=score, is_passed=passed,
                )  # fmt: skip

    def certify(self, account: str, user: str, issued: date, expires: date | None) -> None:
        told = self.dice.choice((account, account, None))
        self.tell("certificates", "certificates", issued, account_id=told, user_id=user, expires_date=expires)  # fmt: skip

    def step(self, kind: str, day: date, account: str | None, **columns: Any) -> None:
        self.tell("learning_steps", kind, day, account_id=account, step_type=kind, **columns)

    def thirty_percent(self) -> None:
        """Three of ten users are certified, just enough for a proficient customer; what is told of only lately begins here."""
        self.company.customer("thirty").line(
            "thirty", "2022-01-01", None, 100, quantity=10, unit_of_measure="seat"
        )
        for number, month in itertools.product(range(10), MONTHS):
            self.add(
                "product_events",
                account_id="thirty",
                user_id=f"thirty-{number}",
                product_id="core",
                occurred_at=month,
            )
        for number in range(3):
            self.certify("thirty", f"thirty-{number}", self.first_days["certificates"], None)
        for kind in ("incentive_offered", "reward", "path_assigned"):
            self.step(
                kind, self.first_days[kind], "thirty", user_id="thirty-0", subject_id="T", due_date=None
            )

    def require(self) -> None:
        """Roles of products, one of them with standards for all it needs in time; nothing is required before 2024."""
        for product in ("core", "flow"):
            for role in ("analyst", "admin", "unheard of"):
                for number in range(self.dice.randrange(5)):
                    resource = self.dice.choice((None, self.near()))
                    self.add(
                        "skill_requirements", product=product, role=role, skill=f"S{number}",
                        skill_type=self.dice.choice(("technical", "business", "magic", None)),
                        required_from=max(date(2024, 5, 31), self.near()), resource_from=resource,
                        resource_until=None if resource is None else self.dice.choice((None, max(resource + DAY, self.near()))),
                        standard_from=self.dice.choice((None, date(2023, 1, 1), self.near())),
                    )  # fmt: skip


# ---- The oracle ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """What one subject adds to a metric; without a numerator it is not known."""

    #: Customer, or type of skill.
    owner: str
    numerator: Decimal | int | None
    denominator: Decimal | int = 1


#: Numerator, denominator, n, coverage, value
Figures = tuple[Decimal | int, Decimal | int | None, int, Decimal | None, Decimal | None]


def _good(row: Row) -> bool | None:
    """Whether an attempt shows proficiency: 80 of 100, else the word of the system; none where neither is told."""
    if row["score"] is not None:
        return Decimal(str(row["score"])) >= 80
    return None if row["is_passed"] is None else row["is_passed"] == "true"


def _has_result(row: Row) -> bool:
    return row["user_id"] is not None and _good(row) is not None


class Oracle:
    """Proficiency by the rules alone, from the rows of the exports."""

    def __init__(self, company: Company) -> None:
        exports = {name.removeprefix("templates/"): rows for name, rows in company.exports.items()}
        self.customers = {row["account_id"]: row for row in exports.get("customers", ())}
        #: Lines that recur: free ones, trials and those that end before they start are none.
        self.lines = [
            row
            for row in exports.get("contract_lines", ())
            if row["mrr_amount"]
            and "exclusion_reason" not in row
            and row["start_date"] < (row["end_date"] or "9999")
        ]
        self.invoices = [row for row in exports.get("invoice_lines", ()) if row["invoice_date"] <= str(AS_OF)]
        #: In the order of their days and ids. B1.1: rows recorded after the as-of day are dropped.
        self.told: dict[str, list[Row]] = {
            table: sorted((row for row in exports.get(table, ()) if row[columns[1]] <= AS_OF), key=itemgetter(*reversed(columns)))
            for table, columns in EXPORTS.items()
        }  # fmt: skip
        self.by_user: dict[str, dict[str, list[Row]]] = {}
        for table, rows in self.told.items():
            self.by_user[table] = defaultdict(list)
            for row in rows:
                if row.get("user_id") is not None:
                    self.by_user[table][row["user_id"]].append(row)
        self.active_users = cache(self._active_users)

    # Customers

    def customer(self, account: str) -> str:
        """The ultimate parent."""
        parent = self.customers.get(account, {}).get("parent_account_id")
        return account if parent is None else self.customer(parent)

    def segment(self, customer: str) -> str:
        """B2.3: the parent's; if empty there, that of its other account."""
        accounts = [
            customer,
            *(name for name, row in self.customers.items() if row.get("parent_account_id") == customer),
        ]
        told = [self.customers.get(account, {}).get("segment") for account in accounts]
        return next((segment for segment in told if segment), "unknown")

    def lines_at(self, day: date) -> list[Row]:
        return [
            row
            for row in self.lines
            if row["start_date"] <= str(day) and (row["end_date"] is None or str(day) < row["end_date"])
        ]

    def active_customers(self, month: date) -> set[str]:
        """B5.1: with recurring revenue; or invoiced within twelve months, with a perpetual licence or never any recurring revenue."""
        recurred = {self.customer(row["account_id"]) for row in self.lines if row["start_date"] <= str(month)}
        return {self.customer(row["account_id"]) for row in self.lines_at(month)} | {
            customer
            for row in self.invoices
            if (customer := self.customer(row["account_id"])) not in recurred
            or row["licence_model"] == "perpetual"
            if str(_month_end(month, -12)) < row["invoice_date"] <= str(month)
        }

    def first_revenue(self) -> dict[str, date]:
        """B1.8: the earlier of the first invoice and the first day with recurring revenue."""
        days = [(row["account_id"], row["start_date"]) for row in self.lines]
        days += [(row["account_id"], row["invoice_date"]) for row in self.invoices]
        found: dict[str, date] = {}
        for account, text in days:
            customer, day = self.customer(account), date.fromisoformat(text)
            if day <= AS_OF:
                found[customer] = min(day, found.get(customer, day))
        return found

    # Users

    def _active_users(self, month: date) -> dict[str, set[str]]:
        """Customer → users with use in the last 28 days."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.told["product_events"]:
            if row["user_id"] is not None and month - 28 * DAY < row["occurred_at"] <= month:
                found[self.customer(row["account_id"])].add(row["user_id"])
        return found

    def with_users(self, month: date) -> Iterator[tuple[str, set[str] | None]]:
        """Active customers that hold seats or whose users come, with these; None where no usage tells of the customer."""
        seats = {self.customer(row["account_id"]) for row in self.lines_at(month) if "quantity" in row}
        used = {self.customer(row["account_id"]) for row in self.told["product_events"]}
        for customer in sorted(self.active_customers(month)):
            users = self.active_users(month)[customer]
            if customer in seats or users:
                # B6.2: mapped and silent is nobody, not mapped is unknown.
                yield customer, users if customer in self.customers or customer in used else None

    def is_told(self, table: str, day: date, matches: Callable[[Row], bool] = lambda _: True) -> bool:
        """Whether anybody had anything of the kind by then."""
        return any(row[EXPORTS[table][1]] <= day and matches(row) for row in self.told[table])

    def share_of_users(self, month: date, is_known: bool, counts: Callable[[str], bool]) -> Iterator[Part]:
        for customer, users in self.with_users(month):
            if users is None or not is_known:
                yield Part(customer, None)
            else:
                yield Part(customer, sum(map(counts, users)), len(users))

    def within(self, table: str, user: str, after: date, until: date) -> list[Row]:
        return [row for row in self.by_user[table][user] if after < row[EXPORTS[table][1]] <= until]

    # Metrics of users

    def participation(self, mode: str) -> Callable[[date], Iterator[Part]]:
        def is_of_mode(row: Row) -> bool:
            return MODES.get(row["mode"]) == mode

        def parts(month: date) -> Iterator[Part]:
            return self.share_of_users(
                month, self.is_told("training_completions", month, is_of_mode),
                lambda user: any(map(is_of_mode, self.within("training_completions", user, _month_end(month, -12), month))),
            )  # fmt: skip

        return parts

    def is_certified(self, user: str, month: date) -> bool:
        return any(
            row["expires_date"] is None or month < row["expires_date"]
            for row in self.within("certificates", user, date.min, month)
        )

    def newest(self, user: str, month: date, skill_type: str | None = None) -> bool | None:
        """Whether the newest assessment within 24 months is good."""
        found = [
            _good(row)
            for row in self.within("skill_assessments", user, _month_end(month, -24), month)
            if skill_type is None or _skill_type(row) == skill_type
        ]
        return found[-1] if found else None

    def is_proficient(self, user: str, month: date) -> bool:
        return self.is_certified(user, month) or self.newest(user, month) is True

    def certified(self, month: date) -> Iterator[Part]:
        known = self.is_told("certificates", month)
        return self.share_of_users(month, known, lambda user: self.is_certified(user, month))

    def proficient(self, month: date) -> Iterator[Part]:
        known = self.is_told("certificates", month) or self.is_told("skill_assessments", month, _has_result)
        return self.share_of_users(month, known, lambda user: self.is_proficient(user, month))

    def proficient_customers(self, month: date) -> Iterator[Part]:
        for part in self.proficient(month):
            if part.numerator is None:
                yield part
            elif part.denominator:
                yield Part(part.owner, int(part.numerator / Decimal(part.denominator) >= Decimal("0.3")))

    def skilled(self, skill_type: str) -> Callable[[date], Iterator[Part]]:
        def parts(month: date) -> Iterator[Part]:
            known = self.is_told(
                "skill_assessments", month, lambda row: _has_result(row) and _skill_type(row) == skill_type
            )
            for customer, users in self.with_users(month):
                found = [self.newest(user, month, skill_type) for user in users or ()]
                numerator = None if users is None or not known else found.count(True)
                yield Part(customer, numerator, len(found) - found.count(None))

        return parts

    def with_path(self, month: date) -> Iterator[Part]:
        return self.users_with_step("path_assigned", month, date.min)

    def rewarded(self, month: date) -> Iterator[Part]:
        return self.users_with_step("reward", month, _month_end(month, -12))

    def users_with_step(self, kind: str, month: date, after: date) -> Iterator[Part]:
        known = self.is_told("learning_steps", month, lambda row: row["step_type"] == kind)
        return self.share_of_users(
            month, known, lambda user: any(row["step_type"] == kind for row in self.within("learning_steps", user, after, month))
        )  # fmt: skip

    def with_access(self, month: date) -> Iterator[Part]:
        """The templates have no accounts of learners: the first trace of a person is one."""
        tables = ("training_completions", "skill_assessments", "certificates", "learning_steps")
        known = any(self.is_told(table, month, lambda row: row["user_id"] is not None) for table in tables)
        return self.share_of_users(
            month, known, lambda user: any(self.within(table, user, date.min, month) for table in tables)
        )

    # Metrics of customers

    def steps(self, kind: str, after: date, until: date) -> dict[str | None, list[Row]]:
        """Customer → its steps of a kind."""
        found: dict[str | None, list[Row]] = defaultdict(list)
        for row in self.told["learning_steps"]:
            if row["step_type"] == kind and after < row["step_date"] <= until:
                found[row["account_id"] and self.customer(row["account_id"])].append(row)
        return found

    def completed_paths(self, month: date) -> Iterator[Part]:
        assigned = self.steps("path_assigned", date.min, month)
        done = {
            (row["user_id"], row["subject_id"])
            for rows in self.steps("path_completed", date.min, month).values()
            for row in rows
        }
        for customer in self.active_customers(month):
            due = [
                (row["user_id"], row["subject_id"])
                for row in assigned[customer]
                if row["due_date"] is not None and _month_end(month, -12) < row["due_date"] <= month
            ]
            if due:
                yield Part(customer, sum(path in done for path in due), len(due))

    def issued(self, month: date) -> dict[str | None, set[str]]:
        """Customer → codes of twelve months; one that is told of again was issued on its first day."""
        before = self.steps("incentive_offered", date.min, _month_end(month, -12))
        since = self.steps("incentive_offered", _month_end(month, -12), month)
        found: dict[str | None, set[str]] = defaultdict(set)
        for customer, rows in since.items():
            found[customer] = {row["subject_id"] for row in rows} - {
                row["subject_id"] for row in before[customer]
            }
        return found

    def offered(self, month: date) -> Iterator[Part]:
        known = self.is_told("learning_steps", month, lambda row: row["step_type"] == "incentive_offered")
        for customer in self.active_customers(month):
            yield Part(customer, int(bool(self.issued(month)[customer])) if known else None)

    def redeemed(self, month: date) -> Iterator[Part]:
        redeemed = {
            row["subject_id"]
            for rows in self.steps("incentive_redeemed", date.min, month).values()
            for row in rows
        }
        for customer in self.active_customers(month):
            codes = self.issued(month)[customer]
            if codes:
                yield Part(customer, len(codes & redeemed), len(codes))

    def recency(self, month: date) -> Iterator[Part]:
        newest: dict[str, date] = {}
        for row in self.told["skill_assessments"]:
            if _month_end(month, -12) < row["assessed_date"] <= month:
                newest[self.customer(row["account_id"])] = row["assessed_date"]
        for customer in self.active_customers(month):
            yield Part(customer, (month - newest[customer]).days if customer in newest else None)

    def change(self, month: date) -> Iterator[Part]:
        """Of skills of all users with two scores, as the customer's account tells of them."""
        scores: dict[str, dict[tuple[str, str], list[Decimal]]] = defaultdict(lambda: defaultdict(list))
        for row in self.told["skill_assessments"]:
            if (
                row["user_id"] is not None
                and row["score"] is not None
                and _month_end(month, -24) < row["assessed_date"] <= month
            ):
                customer = self.customer(row["account_id"])
                scores[customer][row["user_id"], row["skill"]].append(Decimal(str(row["score"])))
        for customer in self.active_customers(month):
            changes = [found[-1] - found[0] for found in scores[customer].values() if len(found) > 1]
            if changes:
                yield Part(customer, sum(changes, Decimal(0)), len(changes))

    # Skills that roles need

    def required(self, month: date) -> list[Row]:
        return [row for row in self.told["skill_requirements"] if row["required_from"] <= month]

    def gap(self, month: date) -> Iterator[Part]:
        for row in self.required(month):
            has_resource = row["resource_from"] is not None and row["resource_from"] <= month
            if has_resource and row["resource_until"] is not None:
                has_resource = month < row["resource_until"]
            yield Part(_known_type(row["skill_type"]), int(not has_resource))

    def standards(self, month: date) -> Iterator[Part]:
        roles: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for row in self.required(month):
            is_defined = row["standard_from"] is not None and row["standard_from"] <= month
            roles[row["product"], row["role"]].append(is_defined)
        for found in roles.values():
            yield Part("", int(all(found)))

    # What happens in a period

    def first_attempts(self, after: date, until: date) -> Iterator[Part]:
        for rows in self.by_user["skill_assessments"].values():
            firsts: dict[str, Row] = {}
            for row in rows:
                firsts.setdefault(row["skill"], row)
            for row in firsts.values():
                if after < row["assessed_date"] <= until:
                    good = _good(row)
                    yield Part(self.customer(row["account_id"]), None if good is None else int(good))

    def ratings(self, after: date, until: date) -> Iterator[Part]:
        for row in self.told["training_completions"]:
            if after < row["completed_date"] <= until:
                rating = None if row["rating"] is None else Decimal(str(row["rating"]))
                yield Part(self.customer(row["account_id"]), rating)

    def onboarding(self, days: Iterable[tuple[str, date]]) -> Callable[[date, date], Iterator[Part]]:
        """New customers with something on a day by the sixtieth after their first revenue."""
        told = list(days)

        def parts(after: date, until: date) -> Iterator[Part]:
            for customer, start in self.first_revenue().items():
                if after < start <= until:
                    limit = start + 60 * DAY
                    is_known = any(day <= limit for _, day in told)
                    has_it = any(name == customer and day <= limit for name, day in told)
                    yield Part(customer, int(has_it) if is_known else None)

        return parts

    def investment(self, after: date, until: date) -> Iterator[Part]:
        costs: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in self.told["service_costs"]:
            if (
                row["service_line"] in ("education", "knowledge_base")
                and after < row["period_month"] <= until
            ):
                costs[row["period_month"]][row["service_line"]] += row["amount"]
        for month in costs.values():
            yield Part("", month["education"], sum(month.values()))

    def balances(self) -> dict[str, Callable[[date], Iterator[Part]]]:
        """Key → its parts at a month-end."""
        return {
            **{f"training_participation_rate_{mode}": self.participation(mode) for mode in dict.fromkeys(MODES.values()) if mode},
            "certified_user_share": self.certified,
            "proficiency_rate": self.proficient,
            "proficient_customer_share": self.proficient_customers,
            "technical_skill_proficiency_rate": self.skilled("technical"),
            "business_skill_proficiency_rate": self.skilled("business"),
            "learning_path_assignment_rate": self.with_path,
            "learning_path_completion_rate": self.completed_paths,
            "reward_recipient_share": self.rewarded,
            "training_access_rate": self.with_access,
            "incentive_offer_rate": self.offered,
            "incentive_redemption_rate": self.redeemed,
            "assessment_recency": self.recency,
            "proficiency_change": self.change,
            "skill_resource_gap": self.gap,
            "proficiency_standard_coverage": self.standards,
        }  # fmt: skip

    def flows(self) -> dict[str, Callable[[date, date], Iterator[Part]]]:
        """Key → its parts in the days after the first and until the second."""
        assessed = [
            (self.customer(row["account_id"]), row["assessed_date"]) for row in self.told["skill_assessments"]
        ]
        had = {
            kind: [
                (self.customer(row["account_id"]), row["step_date"])
                for row in self.told["learning_steps"]
                if row["step_type"] == kind
            ]
            for kind in ("skills_inventory", "training_plan")
        }
        return {
            "assessment_pass_rate": self.first_attempts,
            "learning_satisfaction_score": self.ratings,
            "onboarding_assessment_rate": self.onboarding(assessed),
            "skills_inventory_coverage": self.onboarding(had["skills_inventory"]),
            "training_plan_coverage": self.onboarding(had["training_plan"]),
            "proficiency_investment_share": self.investment,
        }


def _known_type(word: str | None) -> str:
    return word if word in ("technical", "business") else "unknown"


def _skill_type(row: Row) -> str:
    """The word of the row, else what the seed says of the skill."""
    return _known_type(row["skill_type"] or ("technical" if row["skill"] == "Working with Insight" else None))


# ---- What is compared ------------------------------------------------------------------------------------------------------


def _figures(key: str, parts: Iterable[Part]) -> Figures:
    """B2.7: sums over what is known, n by what the denominator counts, coverage by subjects; an amount has no denominator."""
    found = list(parts)
    known = [part for part in found if part.numerator is not None]
    numerator = sum((Decimal(part.numerator or 0) for part in known), Decimal(0))
    denominator = sum((Decimal(part.denominator) for part in known), Decimal(0))
    coverage = six(Decimal(len(known)) / len(found)) if found else None
    if key == "skill_resource_gap":
        return numerator, None, len(known), coverage, numerator
    n = len(known) if key == "proficiency_investment_share" else int(denominator)
    return numerator, denominator, n, coverage, six(numerator / denominator) if denominator else None


def _after(grain: str, end: date) -> date:
    """The last day before a period that ends on this one."""
    return _month_end(end, -{"month": 1, "quarter": 3, "year": 12, "t12m": 12}[grain])


#: (key, grain, period end, dimension, member) → figures
Table = dict[tuple[str, str, date, str, str], Figures]

#: Keys without customers → the dimension they have instead.
_DIMENSIONS = {
    "skill_resource_gap": "skill_type",
    "proficiency_standard_coverage": None,
    "proficiency_investment_share": None,
}


def _expected(oracle: Oracle) -> Table:
    """All that is to be published for the months looked at, and the quarters and years that end with one of them."""
    balances, flows = oracle.balances(), oracle.flows()
    table: Table = {}
    for end, grain in itertools.product(MONTHS, ("month", "quarter", "year", "t12m")):
        if end.month % {"quarter": 3, "year": 12}.get(grain, 1) == 0:
            found = {key: parts(_after(grain, end), end) for key, parts in flows.items()}
            if grain != "t12m":
                found |= {key: parts(end) for key, parts in balances.items()}
            for key, parts in found.items():
                table |= {
                    (key, grain, end, *member): figures for member, figures in _by_member(oracle, key, parts)
                }
    return table


def _by_member(oracle: Oracle, key: str, parts: Iterable[Part]) -> Iterator[tuple[tuple[str, str], Figures]]:
    """Figures of the whole and of every member; of no subjects there are none."""
    members: dict[tuple[str, str], list[Part]] = defaultdict(list)
    dimension = _DIMENSIONS.get(key, "segment")
    for part in parts:
        members["all", "all"].append(part)
        if dimension is not None:
            member = part.owner if dimension == "skill_type" else oracle.segment(part.owner)
            members[dimension, member].append(part)
    for name, found in members.items():
        yield name, _figures(key, found)


def _published(marts: Warehouse, keys: Iterable[str]) -> Table:
    rows = marts.rows(
        "select metric_key, period_grain, period_end, dimension, member, numerator, denominator, n, coverage, value"
        " from marts.fct_metric_values where list_contains(?, metric_key) and period_end >= ? and dimension in ('all', 'segment', 'skill_type')",
        list(keys), MONTHS[0],
    )  # fmt: skip
    return {row[:5]: row[5:] for row in rows}


@cache
def _company(seed: int) -> tuple[Company, Table]:
    company = Draw(seed).company
    return company, _expected(Oracle(company))


KEYS = (*Oracle(Company()).balances(), *Oracle(Company()).flows())


@pytest.fixture(scope="module", params=SEEDS)
def compared(request: pytest.FixtureRequest, build: Builder) -> tuple[Table, Table]:
    """What is published of a company, and what the rules say."""
    company, expected = _company(request.param)
    return _published(build(company, as_of_date=str(AS_OF)), KEYS), expected


@pytest.mark.parametrize("key", KEYS)
def test_every_published_figure_is_what_the_rules_say(compared: tuple[Table, Table], key: str) -> None:
    """Numerator, denominator, n, coverage and value of the company and its segments, every month, quarter, year and twelve months."""
    published, expected = (
        {place: row for place, row in table.items() if place[0] == key} for table in compared
    )
    assert published.keys() == expected.keys()
    assert {place: (row, expected[place]) for place, row in published.items() if row != expected[place]} == {}


@pytest.mark.parametrize("key", KEYS)
def test_companies_are_drawn_in_which_the_figure_says_something(key: str) -> None:
    """A figure that is always none or all would agree with many a wrong rule."""
    found = [row for seed in SEEDS for place, row in _company(seed)[1].items() if place[0] == key]
    assert sum(row[2] >= 3 and row[0] not in (0, row[1]) for row in found) >= 10
