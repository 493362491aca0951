"""What services Sales puts beside the products: on the same deal, or in an order of their own some weeks later.

Causes: fully qualified reps attach more; Americas attach most and APAC least, the company's own people more than partners, and
those more than the shop online. Support that a contract bills from the start was sold with it. What is sold here once changes
nothing else of the company.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from postsale.demo.catalog import (
    CURRENCIES,
    FAMILIES,
    FAMILY_OF,
    LIST_PRICE,
    ONBOARDING,
    PREMIER_SUPPORT,
    PRICE_LEVEL,
    PRODUCTS,
    STANDARD_SUPPORT,
    TRAINING,
)
from postsale.demo.clock import Clock, Flags, Ints, month_start
from postsale.demo.contracts import Contracts
from postsale.demo.crm_files import RENEWAL_TYPE, REPS, STAGES, TYPES, WON, loader
from postsale.demo.dice import Dice
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    ParquetFiles,
    always,
    booleans,
    constant,
    dates,
    decimals,
    labels,
    numbers,
    size,
    stamps,
    take,
    text_ids,
)
from postsale.demo.people import REGIONS, ZUORA, People
from postsale.demo.reps import Reps
from postsale.demo.usage import mixed

CHANCES = np.array([[0.62, 0.45, 0.25], [0.52, 0.38, 0.2], [0.42, 0.3, 0.12]])
"""Chance that a sale gets a service, by region and channel."""
QUALIFIED = (1.5, 0.8)
"""What a fully qualified rep makes of it, and one who is not."""
SAME_DEAL = 0.7
ORDER_DAYS = 45
"""An order of its own follows within so many days; not all of them are within the days in which it is an attached one."""
WINDOW_DAYS = 30
COMPULSORY = 0.15
SOLD_PRODUCTS = 9
"""The first products are subscriptions of a product; what is sold from number eleven on are services."""
FIRST_SERVICE = 11
ORDERS, ON_DEAL, SUPPORT = 10**11, 2 * 10**11, 3 * 10**11
"""Added to the number of a deal: its order, and lines of it."""
SELLING_COST = 800
"""US dollars a month and region, beside a quarter of what is sold."""


@dataclass
class Services:
    """One block's services sold; amounts are hundredths of the currency."""

    lines: Frame
    """number, deal, customer, currency, created, product, months (of which the amount is), list, net, is_compulsory."""
    orders: Frame
    """number, customer, account, currency, close, amount."""
    sales: Frame
    """Sales of products, with what was attached: number, customer, close, is_attached, is_support, is_education, is_onboarding."""
    sold: Ints
    """US dollars of services sold at list prices, by month and region."""


def draw_services(
    people: People, dice: Dice, contracts: Contracts, deals: Frame, reps: Reps, clock: Clock
) -> Services:
    """Draw one block's services for the deals of its CRM."""
    salt = (dice.uniform("services sold") * 2**40).astype(np.int64)
    sale = take(
        deals, (deals["stage"] == WON) & (deals["type"] != RENEWAL_TYPE) & (deals["product"] < SOLD_PRODUCTS)
    )
    sale = take(sale, is_new_family(sale, contracts))
    key, customer = salt[sale["customer"]], sale["customer"]
    qualified = reps.is_qualified(people.index[customer] % len(REPS), sale["close"])
    chance = CHANCES[people.region[customer], people.channel[customer]] * np.where(qualified, *QUALIFIED)
    gets_one = mixed(key, sale["number"], 1) < chance
    is_order = mixed(key, sale["number"], 2) >= SAME_DEAL
    product = np.where(mixed(key, sale["number"], 3) < 0.6, ONBOARDING, TRAINING)
    day = sale["close"] + np.where(
        is_order, 1 + (mixed(key, sale["number"], 4) * ORDER_DAYS).astype(np.int64), 0
    )
    gets_one &= day <= clock.as_of
    once = take({**sale, "product": product, "day": day, "is_order": is_order.astype(np.int64)}, gets_one)
    price = LIST_PRICE[once["product"]] * PRICE_LEVEL[once["currency"]]
    cut = (mixed(salt[once["customer"]], once["number"], 5) * 4).astype(np.int64) * 5
    number = once["number"] + ON_DEAL
    deal = once["number"] + np.where(once["is_order"] == 1, ORDERS, 0)
    parts: list[Frame] = [
        {
            "number": number,
            "deal": deal,
            "customer": once["customer"],
            "currency": once["currency"],
            "created": np.where(once["is_order"] == 1, once["day"], once["created"]),
            "day": once["day"],
            "product": once["product"],
            "months": np.full(size(once), 12),
            "list": price,
            "net": price * (100 - cut) // 100,
            "is_compulsory": np.zeros(size(once), dtype=np.int64),
        }
    ]
    billed = support_of(contracts, sale)
    has = billed["months"] > 0
    kept = take({**sale, **billed}, has)
    product = kept["support"]
    parts.append(
        {
            "number": kept["number"] + SUPPORT,
            "deal": kept["number"],
            "customer": kept["customer"],
            "currency": kept["currency"],
            "created": kept["created"],
            "day": kept["close"],
            "product": product,
            "months": kept["months"],
            "list": LIST_PRICE[product] * PRICE_LEVEL[kept["currency"]] * kept["months"],
            "net": kept["support_mrr"] * kept["months"],
            "is_compulsory": (mixed(salt[kept["customer"]], kept["number"], 6) < COMPULSORY).astype(np.int64),
        }
    )
    lines = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    ordered = take(once, once["is_order"] == 1)
    orders: Frame = {
        "number": ordered["number"] + ORDERS,
        "customer": ordered["customer"],
        "account": ordered["account"],
        "currency": ordered["currency"],
        "close": ordered["day"],
        "amount": parts[0]["net"][once["is_order"] == 1],
    }
    sold = np.zeros((clock.months, len(REGIONS)), dtype=np.int64)
    month = lines["day"].astype("M8[D]").astype("M8[M]").astype(np.int64) + 1970 * 12 - clock.first_month
    at = (month >= 0) & (month < clock.months)
    dollars = LIST_PRICE[lines["product"]] * np.where(lines["product"] < ONBOARDING, 12, 1)
    np.add.at(sold, (month[at], people.region[lines["customer"]][at]), dollars[at])
    return Services(lines, orders, attached(sale, lines, deals), sold)


def is_new_family(sale: Frame, contracts: Contracts) -> Flags:
    """Whether nothing of the family was under contract with the customer on the day before."""
    held = take(
        contracts.segments, (contracts.segments["mrr"] > 0) & (contracts.segments["product"] < SOLD_PRODUCTS)
    )
    group = held["customer"] * len(FAMILIES) + FAMILY_OF[held["product"]]
    order = np.argsort(group, kind="stable")
    group, start, end = group[order], held["start"][order], held["end"][order]
    own = sale["customer"] * len(FAMILIES) + FAMILY_OF[sale["product"]]
    first, last = np.searchsorted(group, own, side="left"), np.searchsorted(group, own, side="right")
    return np.array(
        [
            not bool(((start[low:high] < day) & (end[low:high] >= day)).any())
            for low, high, day in zip(first.tolist(), last.tolist(), sale["close"].tolist(), strict=True)
        ],
        dtype=bool,
    )


def support_of(contracts: Contracts, sale: Frame) -> Frame:
    """Support that the contract of a sale bills from its first day on: product, price a month, months; 0 months without."""
    segments, terms = contracts.segments, contracts.terms
    chosen = np.isin(segments["product"], (STANDARD_SUPPORT, PREMIER_SUPPORT)) & (segments["slot"] > 0)
    found = {
        (sub, start): (product, mrr)
        for sub, start, product, mrr in zip(
            *(segments[name][chosen].tolist() for name in ("sub", "start", "product", "mrr")), strict=True
        )
    }
    months = np.where(terms["is_evergreen"] == 1, 12, terms["months"])
    of_contract = {
        sub * 100 + number: (*found.get((sub, start), (0, 0)), length)
        for sub, number, start, length in zip(
            *(terms[name].tolist() for name in ("sub", "number", "start")), months.tolist(), strict=True
        )
    }
    rows = [of_contract.get(contract, (0, 0, 0)) for contract in sale["contract"].tolist()]
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
    return {
        "support": np.asarray(table[:, 0]),
        "support_mrr": table[:, 1],
        "months": np.where(table[:, 1] > 0, table[:, 2], 0),
    }


def attached(sale: Frame, lines: Frame, deals: Frame) -> Frame:
    """Sales with what is attached to them: what is on the deal, and what was ordered within the days after the customer's latest one."""
    alone = take(
        deals, (deals["stage"] == WON) & (deals["type"] != RENEWAL_TYPE) & (deals["product"] >= FIRST_SERVICE)
    )
    place = {number: at for at, number in enumerate(sale["number"].tolist())}
    by_customer: dict[int, list[tuple[int, int]]] = {}
    for at, (who, day) in enumerate(zip(sale["customer"].tolist(), sale["close"].tolist(), strict=True)):
        by_customer.setdefault(who, []).append((day, at))
    found = np.zeros((size(sale), len(PRODUCTS)), dtype=bool)
    sold = [
        *zip(*(lines[name].tolist() for name in ("deal", "customer", "day", "product")), strict=True),
        *zip(*(alone[name].tolist() for name in ("number", "customer", "close", "product")), strict=True),
    ]
    for deal, who, day, product in sold:
        if deal in place:
            found[place[deal], product] = True
            continue
        fitting = [
            (close, -at) for close, at in by_customer.get(who, []) if close <= day <= close + WINDOW_DAYS
        ]
        if fitting:
            found[-max(fitting)[1], product] = True
    return {
        "number": sale["number"],
        "customer": sale["customer"],
        "close": sale["close"],
        "is_attached": np.asarray(found.any(axis=1), dtype=np.int64),
        "is_onboarding": found[:, ONBOARDING].astype(np.int64),
        "is_education": found[:, TRAINING].astype(np.int64),
        "is_support": np.asarray(found[:, [STANDARD_SUPPORT, PREMIER_SUPPORT]].any(axis=1), dtype=np.int64),
    }


def write_services(crm: CsvFiles, people: People, services: Services, clock: Clock) -> None:
    """Write orders of services as opportunities, and all lines."""
    order = services.orders
    count = size(order)
    customer = people.index[order["customer"]]
    crm.write(
        "opportunity",
        {
            "id": text_ids("006DM", order["number"], 12),
            **loader(count, clock),
            "account_id": text_ids("001DM", order["account"], 10, "AAA"),
            "amount": decimals(order["amount"], 2),
            "close_date": dates(order["close"]),
            "contract_id": constant(None, count),
            "created_date": stamps(order["close"], 31000),
            "currency_iso_code": labels(CURRENCIES, order["currency"]),
            "forecast_category": constant("Closed", count),
            "is_closed": always(True, count),
            "is_deleted": always(False, count),
            "is_won": always(True, count),
            "last_modified_date": stamps(order["close"], 31000),
            "lead_source": labels(["Sales", "Partner", "Web"], people.channel[order["customer"]]),
            "loss_reason_c": constant(None, count),
            "name": text_ids("Services ", order["number"], 12),
            "next_step": constant(None, count),
            "owner_id": text_ids("005DM", customer % len(REPS), 10, "AAA"),
            "probability": numbers(np.full(count, 100)),
            "sbqq_renewed_contract_c": constant(None, count),
            "stage_name": constant(STAGES[WON], count),
            "type": constant(TYPES[1], count),
        },
        personal=("loss_reason_c", "next_step"),
    )
    line = services.lines
    count = size(line)
    crm.write(
        "opportunity_line_item",
        {
            "id": text_ids("00kDM", line["number"], 12),
            **loader(count, clock),
            "created_date": stamps(line["created"], 31000),
            "discount": constant(None, count),
            "is_compulsory_c": booleans(line["is_compulsory"]),
            "is_deleted": always(False, count),
            "last_modified_date": stamps(line["day"], 31000),
            "list_price": decimals(line["list"], 2),
            "name": labels([product.name for product in PRODUCTS], line["product"]),
            "opportunity_id": text_ids("006DM", line["deal"], 12),
            "pricebook_entry_id": constant(None, count),
            "product_2_id": text_ids("01tDM", line["product"], 10, "AAA"),
            "product_code": text_ids("P-", line["product"], 3),
            "quantity": numbers(np.ones(count, dtype=np.int64)),
            "service_date": dates(line["day"]),
            "term_months_c": numbers(line["months"]),
            "total_price": decimals(line["net"], 2),
            "unit_price": decimals(line["net"], 2),
        },
    )


def write_selling_costs(templates: CsvFiles, sold: Ints, clock: Clock) -> None:
    """Write what selling services costs by month and region: people who are there anyway, and a quarter of what they sell."""
    month, region = (
        part.ravel() for part in np.meshgrid(np.arange(clock.months), np.arange(len(REGIONS)), indexing="ij")
    )
    amount = (SELLING_COST + sold[month, region] // 4) * 100
    count = len(month)
    templates.write(
        "service_costs",
        {
            "cost_id": text_ids("CS", region * 10000 + month, 8),
            "period_month": dates(month_start(month + clock.first_month)),
            "service_line": constant("service_sales", count),
            "cost_centre": constant("CC-900", count),
            "region": labels(REGIONS, region),
            "amount": decimals(amount, 2),
            "currency": constant("USD", count),
            "is_investment": always(False, count),
        },
    )


def write_service_ledger(truth: ParquetFiles, people: People, services: Services) -> None:
    """Write which sales have which services attached."""
    sale = services.sales
    truth.write(
        "service_sales",
        {
            "customer_id": people.customer_ids().take(pa.array(sale["customer"])),
            "opportunity_id": text_ids("006DM", sale["number"], 12),
            "close_date": dates(sale["close"]),
            "region": labels(REGIONS, people.region[sale["customer"]]),
            **{
                name: booleans(sale[name])
                for name in ("is_attached", "is_onboarding", "is_education", "is_support")
            },
            # A subscription online may have brought the family before.
            "is_alone": booleans(people.model[sale["customer"]] == ZUORA),
        },
    )
