"""Contracts due and their renewals: known answers, one contract a branch, and an oracle in Python over a random company."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests import harness
from tests.golden.random_company import AS_OF, GRACE, PRODUCTS, Line, Oracle, draw
from tests.golden.warehouse import Builder, Company, Warehouse, six

Due = tuple[str, bool, bool, bool, Decimal | None, Decimal | None]


# ---- Known answers ---------------------------------------------------------------------------------------------------------


def _due_in_may(company: Company) -> None:
    """G19: A and B renewed at other prices, C lost on record, D open."""
    company.segment_of("G19", *(f"G19-{name}" for name in "ABCD"))
    for name, available, renewed in (("A", 100, 130), ("B", 100, 60), ("C", 50, None), ("D", 50, None)):
        account = f"G19-{name}"
        company.line(account, "2023-06-01", "2024-06-01", available, contract_id=f"{account}1")
        if renewed:
            company.line(
                account,
                "2024-06-01",
                "2025-06-01",
                renewed,
                contract_id=f"{account}2",
                renewal_of_contract_id=f"{account}1",
            )
    company.add(
        "loss_reasons", loss_reason_id="N1", account_id="G19-C", contract_id="G19-C1", reason_date="2024-05-20",
        reason_source="crm_renewal", reason_raw="price",
    )  # fmt: skip


def _examples() -> Company:
    company = Company()
    # G01, ServiceXRG: of 100 service contracts due in the first quarter 90 are renewed
    names = [f"G01-{number}" for number in range(100)]
    company.segment_of("G01", *names)
    for number, name in enumerate(names):
        company.line(name, "2023-04-01", "2024-04-01", 10, line_type="support", contract_id=f"{name}a")
        if number < 90:
            company.line(
                name,
                "2024-04-01",
                "2025-04-01",
                10,
                line_type="support",
                contract_id=f"{name}b",
                renewal_of_contract_id=f"{name}a",
            )
    _due_in_may(company)
    # Clarifications B9.4: X 100 and Y 50 into one contract, at 120 without links, at 180 with them
    for example, price, links in (("B94a", 120, (None, None)), ("B94b", 180, ("X", "Y"))):
        company.segment_of(example, example)
        company.line(example, "2023-06-01", "2024-06-01", 100, contract_id=f"{example}X")
        company.line(example, "2023-06-01", "2024-06-01", 50, contract_id=f"{example}Y")
        for link in links:
            company.line(
                example,
                "2024-06-01",
                "2025-06-01",
                price / 2,
                contract_id=f"{example}Z",
                renewal_of_contract_id=link and f"{example}{link}",
            )
    return company


@pytest.fixture(scope="module")
def examples(build: Builder) -> Warehouse:
    return build(_examples())


def test_g01_nine_of_ten_service_contracts_are_renewed(examples: Warehouse) -> None:
    row = examples.row("contract_renewal_rate", "quarter", "2024-03-31", "G01")
    assert (row["numerator"], row["denominator"], row["value"]) == (90, 100, six("0.90"))
    assert (row["ci_low"], row["ci_high"]) == (six("0.825634"), six("0.944771"))  # clarifications B2.10
    services = harness.metric(
        examples.connection, "contract_renewal_rate", "quarter", "2024-03-31", "contract_kind", "service"
    )
    assert services is not None
    assert (services["numerator"], services["denominator"]) == (90, 100)


#: What is renewed, gross, net and at most, and contracts of those due and of those resolved.
G19 = {
    "revenue_renewal_rate": (160, 300),
    "revenue_renewal_rate_net": (190, 300),
    "contract_renewal_rate": (2, 4),
}


@pytest.mark.parametrize(
    ("as_of", "more", "is_provisional"),
    [
        ("2024-06-15", {"revenue_renewal_rate_max": (210, 300), "contract_renewal_rate_resolved": (2, 3)}, True),
        ("2024-08-31", {"revenue_renewal_rate_max": (160, 300), "contract_renewal_rate_resolved": (2, 4)}, False),
    ],
)  # fmt: skip
def test_g19_what_is_open_is_resolved_when_the_grace_is_over(
    build: Builder, as_of: str, more: dict[str, tuple[int, int]], is_provisional: bool
) -> None:
    company = Company()
    _due_in_may(company)
    marts = build(company, as_of_date=as_of)
    for key, (numerator, denominator) in (G19 | more).items():
        row = marts.row(key, "month", "2024-05-31", "G19")
        assert row["value"] == six(numerator / denominator), key
        assert row["is_provisional"] is is_provisional


def test_b94_one_contract_for_two_is_shared_by_their_value(examples: Warehouse) -> None:
    for example, shares, gross, net in (("B94a", (80, 40), "0.80", "0.80"), ("B94b", (120, 60), "1", "1.20")):
        month = ("month", "2024-05-31", example)
        found = examples.rows(
            "select renewed_amount / 12 from marts.fct_contract_renewals where segment = ? and due_date = date '2024-05-31' order by 1 desc",
            example,
        )
        assert [amount for (amount,) in found] == [six(share) for share in shares]
        assert examples.row("contract_renewal_rate", *month)["numerator"] == 2
        assert examples.value("revenue_renewal_rate", *month) == six(gross)
        assert examples.value("revenue_renewal_rate_net", *month) == six(net)


# ---- One contract a branch -------------------------------------------------------------------------------------------------

#: What the contracts of a customer are, and what is due by 30 June 2025 of its first contract: due date, renewed, late, open,
#: available and renewed a month. The first one runs from 2023-06-01 to 2024-05-31 at 100 unless told otherwise.
CASES: dict[str, tuple[list[dict[str, Any]], list[Due]]] = {}


def case(name: str, *lines: dict[str, Any], due: list[tuple[str, bool, bool, bool, Any, Any]]) -> None:
    CASES[name] = (
        list(lines),
        [(day, renewed, late, still_open, six(a), six(b)) for day, renewed, late, still_open, a, b in due],
    )


def _line(
    start: str = "2023-06-01", end: str | None = "2024-06-01", mrr: Any = 100, **columns: Any
) -> dict[str, Any]:
    return {"start": start, "end": end, "mrr": mrr, "contract_id": "1", **columns}


# fmt: off
MAY = "2024-05-31"
NO = (False, False, False)
case("nothing follows", _line(), due=[(MAY, *NO, 100, 0)])
case("the next day", _line(), _line("2024-06-01", None, 110, contract_id="2"), due=[(MAY, True, False, False, 100, 110)])
case("late within grace", _line(), _line("2024-07-01", None, 90, contract_id="2"), due=[(MAY, True, True, False, 100, 90)])
case("a day after grace", _line(), _line("2024-07-02", None, 90, contract_id="2"), due=[(MAY, *NO, 100, 0)])
case("linked, a day after grace", _line(), _line("2024-07-02", None, contract_id="2", renewal_of="1"), due=[(MAY, *NO, 100, 0)])
case("signed early, without a link", _line(), _line("2024-05-01", None, 120, contract_id="2"), due=[(MAY, True, False, False, 100, 120)])
case("replaced early", _line(), _line("2024-01-01", "2024-12-01", 120, contract_id="2", renewal_of="1"),
     due=[(MAY, True, False, False, 100, 120), ("2024-11-30", *NO, 120, 0)])
case("ended early", _line(end="2024-02-01", term_end_date="2024-06-01"), due=[(MAY, *NO, 100, 0)])
case("no longer than the old one", _line(), _line("2024-03-01", "2024-06-01", contract_id="2"), due=[(MAY, *NO, 100, 0), (MAY, *NO, 100, 0)])
case("another family", _line(), _line("2024-06-01", None, contract_id="2", product="other"), due=[(MAY, *NO, 100, 0)])
case("another family, linked", _line(), _line("2024-06-01", None, contract_id="2", product="other", renewal_of="1"),
     due=[(MAY, True, False, False, 100, 100)])
case("a service does not renew a product", _line(), _line("2024-06-01", None, contract_id="2", line_type="support"),
     due=[(MAY, *NO, 100, 0)])
case("a service that a link makes the renewal", _line(), _line("2024-06-01", None, contract_id="2", line_type="support", renewal_of="1"),
     due=[(MAY, True, False, False, 100, 100)])
case("one into two", _line(), _line("2024-06-01", None, 60, contract_id="2"), _line("2024-06-10", None, 30, contract_id="3"),
     due=[(MAY, True, False, False, 100, 90)])
case("the link wins over the family", _line(), _line("2024-06-01", None, 60, contract_id="2", renewal_of="1"),
     _line("2024-06-01", None, 30, contract_id="3"), due=[(MAY, True, False, False, 100, 60)])
case("what renews another contract renews no second one", _line(), _line(contract_id="2", mrr=40),
     _line("2024-06-01", None, 50, contract_id="3", renewal_of="2"), due=[(MAY, *NO, 100, 0), (MAY, True, False, False, 40, 50)])
case("goes on by itself", _line(), _line("2024-06-01", "2025-06-01", 105), due=[
    (MAY, True, False, False, 100, 105), ("2025-05-31", False, False, True, 105, 0)])
case("goes on by itself, late", _line(), _line("2024-06-20", None, 105), due=[(MAY, True, True, False, 100, 105)])
case("product and service of one contract", _line(), _line(mrr=20, line_type="support"), _line("2024-06-01", None),
     due=[(MAY, *NO, 20, 0), (MAY, True, False, False, 100, 100)])
case("open", _line("2024-06-15", "2025-06-15"), due=[("2025-06-14", False, False, True, 100, 0)])
case("cancelled, so not open", _line("2024-06-15", "2025-06-15", is_cancelled="true"), due=[("2025-06-14", *NO, 100, 0)])
case("without an end", _line(end=None), due=[])
case("month by month", *[_line(f"2024-0{month}-01", f"2024-0{month + 1}-01") for month in range(1, 6)], due=[])
case("two months", _line("2024-01-01", "2024-03-01"), due=[("2024-02-29", *NO, 100, 0)])
case("free", _line(mrr=0), due=[])
case("only the present term is exported", _line("2022-03-01", None, term_start_date="2024-03-01", term_end_date="2025-03-01"), due=[
    ("2023-02-28", True, False, False, 100, 100), ("2024-02-29", True, False, False, 100, 100),
    ("2025-02-28", True, False, False, 100, 100)])
case("goes on after the term that is exported", _line("2023-06-01", "2025-03-01", term_end_date="2024-06-01"), due=[
    (MAY, True, False, False, 100, 100), ("2025-05-31", *NO, 100, 0)])  # the next one was ended early
case("ended early, and back within grace", _line(end="2024-03-01", term_end_date="2024-06-01"), _line("2024-06-10", None, 70),
     due=[(MAY, True, True, False, 100, 70)])
case("a line within the term of another", _line(), _line("2023-09-01", "2024-03-01", 10), due=[(MAY, *NO, 100, 0)])
case("without an exchange rate", _line(currency="XXX"), due=[(MAY, *NO, None, 0)])
# fmt: on


@pytest.fixture(scope="module")
def cases(build: Builder) -> Warehouse:
    company = Company()
    for name, (lines, _) in CASES.items():
        company.customer(name, segment="case")
        for line in lines:
            columns = dict(line)
            start, end, mrr = columns.pop("start"), columns.pop("end"), columns.pop("mrr")
            contract, renewed = columns.pop("contract_id"), columns.pop("renewal_of", None)
            company.line(
                name,
                start,
                end,
                mrr,
                contract_id=f"{name}|{contract}",
                renewal_of_contract_id=renewed and f"{name}|{renewed}",
                **columns,
            )
    return build(company)


@pytest.mark.parametrize("name", CASES)
def test_what_becomes_of_a_contract(cases: Warehouse, name: str) -> None:
    found = cases.rows(
        "select cast(due_date as varchar), is_renewed, is_late, is_open, cast(available_amount / 12 as decimal(18, 6)),"
        " cast(renewed_amount / 12 as decimal(18, 6)) from marts.fct_contract_renewals"
        " where customer_id = ? and due_date <= date '2025-06-30' order by all",
        f"templates:{name}",
    )
    assert sorted(found, key=str) == sorted(CASES[name][1], key=str)


# ---- The oracle ------------------------------------------------------------------------------------------------------------


@dataclass
class Part:
    """The products, or the services, of one contract: amounts by day, paid days alone."""

    customer: str
    families: set[str]
    amounts: dict[date, Decimal]
    """What the lines in service come to, by day; days on which no line has a price are left out."""
    cancelled: set[date]
    """Days on which a line is in service that is cancelled at its end."""
    is_open: bool

    @property
    def start(self) -> date:
        return min(self.amounts)

    @property
    def end(self) -> date | None:
        return None if self.is_open else max(self.amounts) + timedelta(days=1)


def _add_two_months(day: date) -> date:
    year, month = divmod(day.year * 12 + day.month + 1, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def _kind(line: Line) -> str:
    return "service" if PRODUCTS[line.product][2] == "support" else "product"


def _parts_of(oracle: Oracle, customer: str, lines: list[Line]) -> dict[tuple[str, str], Part]:
    ends = oracle._ends(lines)
    horizon = max(day for line in lines for day in (line.start, line.end or line.start, AS_OF))
    horizon += timedelta(days=120)
    net = oracle._net(customer, lines, ends, horizon)
    parts: dict[tuple[str, str], Part] = {}
    for line in lines:
        end = ends[line.line_id]
        days = {day: amount for day, amount in net[line.line_id].items() if end is None or day < end}
        if not any(amount > 0 for amount in days.values()):
            continue
        part = parts.setdefault(
            (line.contract, _kind(line)), Part(customer, set(), defaultdict(Decimal), set(), False)
        )
        part.families.add(PRODUCTS[line.product][0])
        for day, amount in days.items():
            if amount > 0:
                part.amounts[day] += amount
            if line.is_cancelled:
                part.cancelled.add(day)
        part.is_open |= end is None and days[horizon - timedelta(days=1)] > 0
    return parts


def _by_the_rules(oracle: Oracle) -> dict[tuple[str, str, date], tuple[Any, ...]]:
    """Clarifications B9.3–B9.5: contract, kind and due date → renewed, late, open, available and renewed a year."""
    by_customer: dict[str, list[Line]] = defaultdict(list)
    for line in oracle.company.lines:
        if line.exclusion is None:
            by_customer[line.customer].append(line)
    lost = {contract: day for _, contract, day in oracle.company.lost_renewals}
    found: dict[tuple[str, str, date], tuple[Any, ...]] = {}
    for customer, lines in by_customer.items():
        parts = _parts_of(oracle, customer, lines)
        found |= _of_customer(lines, parts, lost)
    return found


def _terms(lines: list[Line]) -> dict[str, list[tuple[date, date]]]:
    """Contract → its terms, those within another one left out."""
    terms: dict[str, dict[date, date]] = defaultdict(dict)
    for line in lines:
        if line.end is not None and line.start < line.end:
            terms[line.contract][line.end] = min(line.start, terms[line.contract].get(line.end, line.start))
    return {
        contract: [
            (start, end)
            for end, start in ends.items()
            if not any(other_start <= start and other > end for other, other_start in ends.items())
        ]
        for contract, ends in terms.items()
    }


def _of_customer(
    lines: list[Line], parts: dict[tuple[str, str], Part], lost: dict[str, date]
) -> dict[tuple[str, str, date], tuple[Any, ...]]:
    grace, day = timedelta(days=GRACE), timedelta(days=1)
    contracts = {contract for contract, _ in parts}
    begins = {
        name: min(part.start for (contract, _), part in parts.items() if contract == name)
        for name in contracts
    }
    links = {
        (line.contract, line.renewal_of)
        for line in lines
        if line.renewal_of in contracts
        and line.contract in contracts
        and begins[line.contract] > begins[line.renewal_of]
    }
    linked = {contract for contract, _ in links}
    all_terms = _terms(lines)
    found: dict[tuple[str, str, date], tuple[Any, ...]] = {}
    claims: dict[tuple[str, str], list[tuple[str, str, date]]] = defaultdict(list)
    available: dict[tuple[str, str, date], Decimal] = {}
    for (contract, kind), part in parts.items():
        for start, end in all_terms.get(contract, ()):
            served = [when for when in part.amounts if start <= when < end]
            if _add_two_months(start) > end or not served:
                continue
            key = (contract, kind, end)
            last = max(served)
            available[key] = part.amounts[last]
            goes_on = [when for when in part.amounts if end <= when <= end + grace]
            is_decided = end <= AS_OF or any(other > end for _, other in all_terms[contract])
            if goes_on and is_decided:
                found[key] = (True, min(goes_on) > end, False, part.amounts[min(goes_on)])
                continue
            is_over = last in part.cancelled or (last + day < end and last + day <= AS_OF) or contract in lost
            is_over |= any(
                unknown not in contracts
                and any(line.contract == unknown for line in lines)
                and end - 90 * day <= when <= end + grace
                for unknown, when in lost.items()
            )
            found[key] = (False, False, not is_over and end + grace > AS_OF, Decimal(0))
            kinds = [k for name, k in parts if name == contract]
            by_link = [
                (name, its)
                for name, its in parts
                if (name, contract) in links
                and (its == kind or ((name, kind) not in parts and len(kinds) == 1))
                and start < parts[name, its].start <= end + grace
            ]
            by_family = [
                (name, its)
                for (name, its), other in parts.items()
                if name != contract and its == kind and name not in linked and part.families & other.families
                and start < other.start <= end + grace and (other.end is None or other.end > end)
            ]  # fmt: skip
            for successor in by_link or by_family:
                claims[successor].append(key)
    for successor, claimants in claims.items():
        first = parts[successor].start
        value = parts[successor].amounts[first]
        total = sum((available[key] for key in claimants), Decimal(0))
        for key in claimants:
            was_renewed, was_late, _, so_far = found[key]
            share = (value * available[key] / total).quantize(Decimal("0.000001"), ROUND_HALF_UP)
            is_late = first > key[2] and (was_late or not was_renewed)
            found[key] = (True, is_late, False, so_far + share)
    return {
        (contract, kind, end - day): (*outcome[:3], 12 * available[contract, kind, end], 12 * outcome[3])
        for (contract, kind, end), outcome in found.items()
    }


@pytest.fixture(scope="module", params=(1, 2))
def random_marts(request: pytest.FixtureRequest, build: Builder) -> tuple[Warehouse, Oracle]:
    company = draw(request.param, 150)
    return build(company.exports(), as_of_date=str(AS_OF)), Oracle(company)


def test_a_random_company_renews_as_python_says(random_marts: tuple[Warehouse, Oracle]) -> None:
    marts, oracle = random_marts
    found = {
        (contract.removeprefix("templates:"), kind, due): outcome
        for contract, kind, due, *outcome in marts.rows(
            "select contract_key, contract_kind, due_date, is_renewed, is_late, is_open, available_amount, renewed_amount"
            " from marts.fct_contract_renewals"
        )
    }
    expected = _by_the_rules(oracle)
    assert set(found) == set(expected)
    for key, (*flags, available, renewed) in expected.items():
        *own_flags, own_available, own_renewed = found[key]
        assert own_flags == flags, key
        assert abs(own_available - available) < Decimal("0.0001"), key
        assert abs(own_renewed - renewed) < Decimal("0.0001"), key
    assert {flags[0] for flags in expected.values()} == {True, False}


def test_contract_rates_lie_in_order(random_marts: tuple[Warehouse, Oracle]) -> None:
    """On time ≤ due ≤ resolved; kept ≤ at most; what is renewed is renewed at some price."""
    marts, _ = random_marts
    rows = marts.rows(
        "pivot (select metric_key, period_grain, period_end, dimension, member, numerator / denominator as rate"
        " from marts.fct_metric_values where metric_key in ('contract_renewal_rate', 'contract_renewal_rate_resolved',"
        " 'contract_renewal_rate_on_time', 'revenue_renewal_rate', 'revenue_renewal_rate_net', 'revenue_renewal_rate_max'))"
        " on metric_key using any_value(rate) group by period_grain, period_end, dimension, member"
    )
    assert len(rows) > 500
    columns = (
        "contract_renewal_rate", "contract_renewal_rate_on_time", "contract_renewal_rate_resolved", "revenue_renewal_rate",
        "revenue_renewal_rate_max", "revenue_renewal_rate_net",
    )  # fmt: skip
    for *_, rate, on_time, resolved, gross, most, net in rows:
        assert on_time <= rate, columns
        assert resolved is None or rate <= resolved
        assert gross <= most <= 1
        assert gross <= net
