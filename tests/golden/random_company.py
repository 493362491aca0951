"""Companies drawn at random, and what the clarifications say about them, in plain Python.

The oracle walks day by day: it knows the rules (clarifications B3, B5), not the models.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.golden.warehouse import Company, month_ends

AS_OF = date(2025, 6, 30)
FIRST_DAY = date(2018, 1, 1)
GRACE = 30
ZERO = Decimal(0)

#: Product → family, tier, offer
PRODUCTS = {
    "suite-basic": ("suite", 1, "product"),
    "suite-plus": ("suite", 2, "product"),
    "server": ("server", 1, "product"),
    "care": ("care", 1, "support"),
}
SEGMENTS, REGIONS, CHANNELS = (
    ("Enterprise", "Mid", "Small"),
    ("EMEA", "Americas", None),
    ("direct", "partner"),
)
GAPS = (0, 0, 0, 0, 1, 9, 10, 28, 29, 30, 31, 32, 33, 59, 61, 90, 200, 500, -5, -20, -40)


@dataclass
class Line:
    """One contract line as the exports tell it."""

    line_id: str
    customer: str
    product: str
    contract: str
    start: date
    end: date | None
    mrr: Decimal
    quantity: int | None = None
    escalator: Decimal | None = None
    is_cancelled: bool = False
    renewal_of: str | None = None
    exclusion: str | None = None
    currency: str | None = None


@dataclass
class Discount:
    """One discount; without a line it is the whole contract's."""

    discount_id: str
    customer: str
    contract: str | None
    line: str | None
    percent: Decimal | None
    amount: Decimal | None
    months: int
    duration: str
    start: date
    end: date | None
    sequence: int


@dataclass
class RandomCompany:
    """Customers with chains of contracts, and what else the exports hold."""

    customers: dict[str, dict[str, str | None]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)
    lost_renewals: list[tuple[str, str, date]] = field(default_factory=list)
    cancel_reasons: list[tuple[str, date, str]] = field(default_factory=list)
    invoices: list[dict[str, Any]] = field(default_factory=list)
    usage: list[tuple[str, date]] = field(default_factory=list)

    def exports(self) -> Company:
        company = Company()
        for product, (family, tier, offer) in PRODUCTS.items():
            company.add(
                "products", product_id=product, product_family=family, tier_rank=tier, offer_type=offer
            )
        for number, (account_id, columns) in enumerate(self.customers.items()):
            # The last customer says that the exports reach to the end.
            recorded = AS_OF if number == len(self.customers) - 1 else None
            company.add("customers", account_id=account_id, recorded_date=recorded, **columns)
        for line in self.lines:
            company.add(
                "contract_lines", contract_line_id=line.line_id, account_id=line.customer, contract_id=line.contract,
                renewal_of_contract_id=line.renewal_of, product_id=line.product, start_date=line.start, end_date=line.end,
                quantity=line.quantity, mrr_amount=line.mrr, escalator_rate=line.escalator, currency=line.currency,
                is_cancelled="true" if line.is_cancelled else None, exclusion_reason=line.exclusion,
            )  # fmt: skip
        for discount in self.discounts:
            company.add(
                "contract_discounts", discount_id=discount.discount_id, account_id=discount.customer,
                contract_id=discount.contract, contract_line_id=discount.line, percent_off=discount.percent,
                amount_off=discount.amount, invoice_months=discount.months, duration=discount.duration,
                start_date=discount.start, end_date=discount.end, sequence_number=discount.sequence,
            )  # fmt: skip
        for number, (customer, contract, day) in enumerate(self.lost_renewals):
            company.add(
                "loss_reasons", loss_reason_id=f"N{number}", account_id=customer, contract_id=contract, reason_date=day,
                reason_source="crm_renewal", reason_raw="price",
            )  # fmt: skip
        for number, (customer, day, reason) in enumerate(self.cancel_reasons):
            company.add(
                "loss_reasons", loss_reason_id=f"B{number}", account_id=customer, reason_date=day,
                reason_source="billing_cancel", reason_raw=reason,
            )  # fmt: skip
        for row in self.invoices:
            company.add("invoice_lines", **row)
        for customer, day in self.usage:
            company.add("product_usage", account_id=customer, usage_date=day, event_count=1)
        return company


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def draw(seed: int, customers: int) -> RandomCompany:
    """The same seed draws the same company."""
    rng = random.Random(seed)
    company = RandomCompany()
    for number in range(customers):
        name = f"C{number:04d}"
        company.customers[name] = {
            "segment": rng.choice(SEGMENTS), "region": rng.choice(REGIONS), "channel": rng.choice(CHANNELS),
        }  # fmt: skip
        for family in rng.sample(("suite", "server", "care"), k=rng.choice((0, 1, 1, 1, 2, 2, 3))):
            _draw_chain(rng, company, name, family)
        if rng.random() < 0.25:
            _draw_purchases(rng, company, name)
        if rng.random() < 0.2:
            company.usage.append((name, AS_OF - timedelta(days=rng.randrange(40))))
    return company


def _draw_chain(rng: random.Random, company: RandomCompany, customer: str, family: str) -> None:
    """Terms of one family, one after the other, with gaps and overlaps."""
    products = [product for product, (its_family, _, _) in PRODUCTS.items() if its_family == family]
    start = FIRST_DAY + timedelta(days=rng.randrange((AS_OF - FIRST_DAY).days))
    if rng.random() < 0.4:
        start = start.replace(day=1)
    quantity = rng.choice((None, 1, 5, 10, 25))
    price = Decimal(rng.randrange(500, 40000)) / 100
    escalator = rng.choice((None, Decimal("0.03"), Decimal("0.05")))
    before: Line | None = None
    for _ in range(rng.choice((1, 2, 3, 5, 8))):
        draw_end = rng.random()
        if draw_end < 0.6:
            end: date | None = _add_months(start, rng.choice((1, 1, 3, 6, 12, 12, 24)))
        elif draw_end < 0.9:
            end = start + timedelta(days=rng.choice((0, 3, 10, 29, 30, 31, 45, 100, 365, 400)))
        else:
            end = None
        number = len(company.lines)
        line = Line(
            line_id=f"L{number:05d}", customer=customer, product=rng.choice(products),
            contract=f"K{number:05d}" if before is None or rng.random() < 0.8 else before.contract,
            start=start, end=end, mrr=ZERO if rng.random() < 0.06 else price, quantity=quantity, escalator=escalator,
            is_cancelled=rng.random() < 0.25, exclusion=rng.choice(("trial", "draft")) if rng.random() < 0.04 else None,
        )  # fmt: skip
        if before is not None and line.contract != before.contract and rng.random() < 0.4:
            line.renewal_of = before.contract
        company.lines.append(line)
        if rng.random() < 0.25:  # a second line of the same contract
            company.lines.append(
                Line(
                    line_id=f"L{number:05d}b", customer=customer, product=rng.choice(products), contract=line.contract,
                    start=start, end=end, mrr=price / 4, quantity=quantity, is_cancelled=line.is_cancelled,
                )
            )  # fmt: skip
        if rng.random() < 0.2:
            _draw_discount(rng, company, line)
        if end is None:
            break
        if rng.random() < 0.1:
            company.lost_renewals.append((customer, line.contract, end))
        if line.is_cancelled and rng.random() < 0.6:
            company.cancel_reasons.append(
                (customer, end, rng.choice(("too expensive", "bad support", "never heard of")))
            )
        start = max(end + timedelta(days=rng.choice(GAPS)), line.start + timedelta(days=1))
        if rng.random() < 0.5:
            price = (price * Decimal(rng.choice(("0.5", "0.9", "1.03", "1.1", "1.7")))).quantize(
                Decimal("0.01")
            )
        if quantity is not None and rng.random() < 0.4:
            quantity = max(1, quantity + rng.choice((-3, 2, 10)))
        before = line


def _draw_discount(rng: random.Random, company: RandomCompany, line: Line) -> None:
    is_percent = rng.random() < 0.6
    start = line.start + timedelta(days=rng.choice((0, 0, 15, 60)))
    company.discounts.append(
        Discount(
            discount_id=f"D{len(company.discounts):05d}", customer=line.customer,
            contract=None if rng.random() < 0.15 else line.contract,
            line=None,
            percent=rng.choice((Decimal("0.1"), Decimal("0.3333"), Decimal(1))) if is_percent else None,
            amount=None if is_percent else Decimal(rng.choice((7, 30, 60, 1000))),
            months=rng.choice((1, 12)), duration=rng.choice(("once", "repeating", "forever")), start=start,
            end=None if rng.random() < 0.3 else start + timedelta(days=rng.choice((20, 31, 90, 365))), sequence=rng.randrange(3),
        )
    )  # fmt: skip
    if company.discounts[-1].contract is not None and rng.random() < 0.4:
        company.discounts[-1].line = line.line_id


def _draw_purchases(rng: random.Random, company: RandomCompany, customer: str) -> None:
    for _ in range(rng.choice((1, 2, 4))):
        day = FIRST_DAY + timedelta(days=rng.randrange((AS_OF - FIRST_DAY).days + 1))
        company.invoices.append(
            {
                "invoice_line_id": f"I{len(company.invoices):05d}", "account_id": customer, "invoice_date": day,
                "amount": rng.choice((500, 120, -40)), "charge_type": rng.choice(("one_time", "recurring", "usage")),
                "licence_model": rng.choice(("perpetual", "subscription")),
            }
        )  # fmt: skip


# ---- The oracle ------------------------------------------------------------------------------------------------------------


def _six(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _days(start: date, end: date) -> Iterator[date]:
    for number in range(start.toordinal(), end.toordinal()):
        yield date.fromordinal(number)


@dataclass
class Oracle:
    """Month-end recurring revenue by customer and family, by the rules alone."""

    company: RandomCompany
    as_of: date = AS_OF
    grace: int = GRACE
    history: dict[tuple[str, str], dict[date, Decimal]] = field(default_factory=dict)
    pending: dict[tuple[str, str, date], Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_customer: dict[str, list[Line]] = defaultdict(list)
        for line in self.company.lines:
            if line.exclusion is None:
                by_customer[line.customer].append(line)
        for customer, lines in by_customer.items():
            # Beyond every known date, for known future starts and ends count.
            horizon = max(day for line in lines for day in (line.start, line.end or line.start, self.as_of))
            horizon += timedelta(days=self.grace + 2)
            ends = self._ends(lines)
            net = self._net(customer, lines, ends, horizon)
            for family in sorted({PRODUCTS[line.product][0] for line in lines}):
                members = [line for line in lines if PRODUCTS[line.product][0] == family]
                self._walk(customer, family, members, net, horizon)

    def _ends(self, lines: list[Line]) -> dict[str, date | None]:
        """B3.1: a linked successor ends its predecessor on its own start."""
        successors: dict[str, date] = {}
        for line in lines:
            if line.renewal_of is not None and (line.end is None or line.start < line.end):
                successors[line.renewal_of] = min(line.start, successors.get(line.renewal_of, line.start))
        self._successors = successors
        return {
            line.line_id: min(
                (day for day in (line.end, successors.get(line.contract)) if day is not None), default=None
            )
            for line in lines
        }

    def _net(
        self, customer: str, lines: list[Line], ends: dict[str, date | None], horizon: date
    ) -> dict[str, dict[date, Decimal]]:
        """B3.3: each line's amount a day, after the discounts in force; B3.7: linked renewals within grace go on."""
        discounts = sorted(
            (d for d in self.company.discounts if d.customer == customer and d.duration != "once"),
            key=lambda d: (d.sequence, d.start, d.discount_id),
        )
        net: dict[str, dict[date, Decimal]] = {}
        on_contract: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
        for line in lines:
            for day in _days(line.start, min(ends[line.line_id] or horizon, horizon)):
                on_contract[line.contract, day] += line.mrr
        for line in lines:
            found: dict[date, Decimal] = {}
            mine = [
                d for d in discounts if d.contract in (None, line.contract) and d.line in (None, line.line_id)
            ]
            known: dict[tuple[Any, ...], Decimal] = {}
            for day in _days(line.start, min(ends[line.line_id] or horizon, horizon)):
                in_force = tuple(
                    i for i, d in enumerate(mine) if d.start <= day and (d.end is None or day < d.end)
                )
                total = on_contract[line.contract, day]
                if (in_force, total) not in known:
                    amount = line.mrr
                    for d in (mine[i] for i in in_force) if amount > 0 else ():
                        if d.percent is not None:
                            amount = _six(amount * (1 - d.percent))
                        else:
                            assert d.amount is not None
                            share = line.mrr / total if d.line is None else Decimal(1)
                            amount = max(ZERO, amount - _six(d.amount / d.months * share))
                    known[in_force, total] = amount
                found[day] = known[in_force, total]
            net[line.line_id] = found
        last_ends: dict[str, date] = {}
        for line in lines:
            end = ends[line.line_id]
            if line.contract in self._successors and end is not None:
                last_ends[line.contract] = max(end, last_ends.get(line.contract, end))
        for line in lines:
            end = last_ends.get(line.contract)
            if end is None or ends[line.line_id] != end or line.start >= end:
                continue
            successor = self._successors[line.contract]
            if end < successor <= end + timedelta(days=self.grace):
                for day in _days(end, successor):
                    net[line.line_id][day] = net[line.line_id][end - timedelta(days=1)]
        return net

    def _walk(
        self,
        customer: str,
        family: str,
        lines: list[Line],
        net: dict[str, dict[date, Decimal]],
        horizon: date,
    ) -> None:
        """B3.7 and B3.8: gaps within grace are bridged, an open lapse is kept while grace runs."""
        level: dict[date, Decimal] = defaultdict(Decimal)
        for line in lines:
            for day, amount in net[line.line_id].items():
                level[day] += amount
        positive = sorted(day for day, amount in level.items() if amount > 0)
        if not positive:
            return
        for day, following in itertools.pairwise(positive):
            gap_start = day + timedelta(days=1)
            if following > gap_start and (following - gap_start).days <= self.grace:
                for inside in _days(gap_start, following):
                    level[inside] = level[day]
        last = positive[-1]
        gap_start = last + timedelta(days=1)
        if gap_start <= self.as_of < gap_start + timedelta(days=self.grace):
            lost = {contract for name, contract, _ in self.company.lost_renewals if name == customer}
            kept = sum(
                (net[line.line_id].get(last, ZERO) for line in lines if not line.is_cancelled and line.contract not in lost), ZERO
            )  # fmt: skip
            for day in _days(gap_start, gap_start + timedelta(days=self.grace)):
                level[day] = kept
                self.pending[customer, family, day] = kept
        months: dict[date, Decimal] = {}
        for day in month_ends(FIRST_DAY, self.as_of):
            if level.get(day, ZERO) > 0:
                months[day] = level[day]
        self.history[customer, family] = months

    def customer_months(self) -> dict[tuple[str, date], Decimal]:
        """Customer × month-end with recurring revenue."""
        totals: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
        for (customer, _), months in self.history.items():
            for day, amount in months.items():
                totals[customer, day] += amount
        return dict(totals)

    def movements(self, window: int, first_month: date) -> dict[tuple[str, date], tuple[str, Decimal]]:
        """Customer × month-end → movement against the month-end ``window`` months before, with its signed change.

        The time before the first month is known to be empty, but only one month-end of it is an opening.
        """
        totals = self.customer_months()
        days = list(month_ends(first_month, self.as_of))
        found: dict[tuple[str, date], tuple[str, Decimal]] = {}
        for customer in sorted({name for name, _ in totals}):
            for number, day in list(enumerate(days))[window - 1 :]:
                opening = totals.get((customer, days[number - window]), ZERO) if number >= window else ZERO
                closing = totals.get((customer, day), ZERO)
                earlier = days[: max(0, number - window + 1)]
                if opening > 0 and closing > 0:
                    kind = (
                        "expansion"
                        if closing > opening
                        else "contraction"
                        if closing < opening
                        else "unchanged"
                    )
                elif opening > 0:
                    kind = "churn"
                elif closing > 0:
                    was_here = any(totals.get((customer, day_before), ZERO) > 0 for day_before in earlier)
                    kind = "reactivation" if was_here else "new"
                else:
                    continue
                found[customer, day] = (kind, closing - opening)
        return found
