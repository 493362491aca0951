"""How services are sold: deals, their quotes in versions, approvals, what Sales used, bookings, and what became of it.

Causes: guided selling shortens configuration and spares revisions; since the selling platform is live, fewer deals are keyed in again,
and errors come from that; one tool (``LIFTER``) raises the chance to win; APAC gives discounts beyond its policy.

The deals have no lines in the CRM and change nothing else of the company: they are offers on top of what contracts tell of.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.care import Course
from postsale.demo.catalog import (
    CURRENCIES,
    LIST_PRICE,
    ONBOARDING,
    PREMIER_SUPPORT,
    PRICE_LEVEL,
    STANDARD_SUPPORT,
    SUCCESS_PLAN,
    TRAINING,
)
from postsale.demo.clock import LAST_MONTH, NEVER, NONE, Clock, Floats, Ints, month_start
from postsale.demo.contracts import Contracts
from postsale.demo.crm_files import LOST, REPS, STAGES, STILL_OPEN, WON, loader
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
from postsale.demo.online import Online
from postsale.demo.people import REGIONS, SEGMENTS, People
from postsale.demo.usage import mixed

DEALS_A_MONTH = 0.1
GO_LIVE_MONTH = LAST_MONTH - 13
"""The selling platform went live thirteen months before the last one."""
OFFERS = np.array([STANDARD_SUPPORT, PREMIER_SUPPORT, SUCCESS_PLAN, ONBOARDING, TRAINING], dtype=np.int64)
OFFER_STEPS = np.array([0.15, 0.3, 0.55, 0.8])
POLICY = np.array([20, 15, 10], dtype=np.int64)
"""Highest discount in percent, by region."""
DISCOUNTS = np.array([0, 5, 10, 15, 20, 25], dtype=np.int64)
DISCOUNT_STEPS = np.array(
    [[0.25, 0.5, 0.7, 0.85, 0.95], [0.3, 0.55, 0.75, 0.9, 0.97], [0.1, 0.2, 0.35, 0.6, 0.85]]
)
"""Chance of up to each discount, by region."""
RESOURCES = (
    ("tool", "ROI calculator", True),
    ("content", "Case study", True),
    ("content", "Service brochure", False),
    ("content", "Demo video", False),
    ("tool", "Price sheet", False),
    ("message", "Adopt faster", False),
    ("message", "Lower your risk", False),
    ("message", "Save effort", False),
)
LIFTER = 0
USED = np.array([0.35, 0.3, 0.4, 0.25, 0.2, 0.5, 0.35, 0.3])
SELLING_STAGES = ["Qualification", "Needs Analysis", "Proposal/Price Quote", "Negotiation/Review"]
LOST_REASONS = ["Too expensive", "Lost to competitor", "No value", "Missing features", "Budget cut", ""]
NO_APPROVAL, AUTOMATIC, MANUAL = range(3)
APPROVALS = ["none", "automatic", "manual"]
OPENING, CLOSING = 9 * 60, 17 * 60
MONDAY = 4
"""1970-01-05, the first Monday, as a day number."""


def business_end(day: Ints, minute: Ints, length: Ints) -> tuple[Ints, Ints]:
    """Day and minute of the day that lie ``length`` (at least 1) minutes of business after a weekday's minute of business."""
    position = minute - OPENING + length
    full = CLOSING - OPENING
    ahead, rest = (position - 1) // full, (position - 1) % full + 1
    weekday = (day - MONDAY) % 7
    return day + ahead + 2 * ((weekday + ahead) // 5), OPENING + rest


def to_weekday(day: Ints) -> Ints:
    """The day itself, or the Monday after a weekend."""
    weekday = (day - MONDAY) % 7
    return day + np.where(weekday >= 5, 7 - weekday, 0)


def draw_deals(people: People, dice: Dice, online: Online, contracts: Contracts, clock: Clock) -> Frame:
    """One block's deals for services. Days and minutes are whole, amounts hundredths of the currency."""
    course = Course(people, online, contracts, clock)
    salt = (dice.uniform("selling services") * 2**40).astype(np.int64)
    customer, at = np.nonzero(
        course.active & (mixed(salt[:, None], course.months[None, :], 1) < DEALS_A_MONTH)
    )
    month = course.months[at]
    key = salt[customer]

    def draw(purpose: int) -> Floats:
        return mixed(key, month, 100 + purpose)

    region = people.region[customer]
    created = month_start(month) + (draw(1) * 28).astype(np.int64)
    is_late = created >= int(month_start(np.array([GO_LIVE_MONTH]))[0])
    platform = is_late & (draw(2) < 0.8)
    guided = draw(3) < np.where(platform, 0.75, 0.25)
    renewal = (at >= 12) & (draw(4) < 0.15)
    offer = OFFERS[np.searchsorted(OFFER_STEPS, draw(5), side="right")]
    custom = draw(6) < np.where(guided, 0.1, 0.3)
    bundle = draw(7) < 0.3
    own_sow = custom & (draw(8) < 0.5)
    automated = draw(9) < np.where(platform, 0.85, 0.15)
    on_demand = automated & ~custom & (draw(10) < 0.7)
    configuring = (60 * (4 + 68 * draw(11)) * np.where(guided, 0.4, 1.0)).astype(np.int64)
    proposing = (60 * (6 + 60 * draw(12)) * np.where(automated, 0.2, 1.0)).astype(np.int64)
    configured = 540 + configuring
    proposed = configured + proposing
    steps = DISCOUNT_STEPS[region]
    discount = DISCOUNTS[(draw(13)[:, None] >= steps).sum(axis=1)]
    is_beyond = discount > POLICY[region]
    approval = np.where(
        ~is_beyond & (discount == 0), NO_APPROVAL, np.where(~is_beyond & platform, AUTOMATIC, MANUAL)
    )
    exception = is_beyond & (draw(14) < 0.4)
    asked_day = to_weekday(created + proposed // 1440 + 1)
    asked_minute = OPENING + (draw(15) * 400).astype(np.int64)
    waited = np.where(approval == MANUAL, 30 + (draw(16) ** 2 * 2400).astype(np.int64), 1)
    decided_day, decided_minute = business_end(asked_day, asked_minute, waited)
    rejected = (approval == MANUAL) & ~renewal & (draw(17) < 0.12)
    presented = decided_day + 1
    revised = ~rejected & (draw(18) < np.where(guided, 0.12, 0.4))
    revision = presented + 4 + (draw(19) * 6).astype(np.int64)
    uses = np.stack([draw(30 + number) < share for number, share in enumerate(USED)], axis=1)
    chance = 0.34 + 0.4 * uses[:, LIFTER] + 0.06 * uses[:, 6] - 0.05 * people.dissatisfaction[customer]
    won = ~rejected & (renewal | (draw(20) < chance))
    closed = np.where(revised, revision, presented) + 3 + (draw(21) * 25).astype(np.int64)
    is_closed = closed <= clock.as_of
    status = np.where(~is_closed, STILL_OPEN, np.where(won, WON, LOST))
    accepted = np.where(status == WON, closed, NONE)
    booked = np.where(status == WON, closed + 1 + (draw(22) * 9).astype(np.int64), NEVER)
    booked = np.where(booked <= clock.as_of, booked, NONE)
    rekeyed = draw(23) < np.where(platform, 0.08, 0.6)
    has_other_amount = draw(24) < np.where(rekeyed, 0.2, 0.02)
    corrected = (booked > NONE) & ~has_other_amount & (draw(25) < np.where(rekeyed, 0.12, 0.03))
    fixed = closed + 10 + (draw(26) * 40).astype(np.int64)
    fixed = np.where(corrected & (fixed <= clock.as_of), fixed, NONE)
    scheduled = booked + 1 + (draw(27) * np.where(platform, 20, 40)).astype(np.int64)
    scheduled = np.where((booked > NONE) & (scheduled <= clock.as_of), scheduled, NONE)
    reached = np.where(won, 3, (draw(28) * 4).astype(np.int64))
    price = LIST_PRICE[offer] * np.where(np.isin(offer, (ONBOARDING, TRAINING)), 1, 12)
    quantity = np.where(offer == TRAINING, 5, 1)
    listed = price * quantity * PRICE_LEVEL[people.currency[customer]]
    net = listed * (100 - discount) // 100
    needed = created - 1 - (draw(29) * 10).astype(np.int64)
    deals: Frame = {
        "number": people.index[customer] * 1200 + month % 1200,
        "customer": customer,
        "account": people.index[customer] * 10,
        "currency": people.currency[customer],
        "region": region,
        "created": created,
        "configured": configured,
        "proposed": proposed,
        "presented": presented,
        "revision": np.where(revised & (revision <= clock.as_of), revision, NONE),
        "accepted": accepted,
        "closed": np.where(is_closed, closed, NONE),
        "planned": closed,
        "status": status,
        "offer": offer,
        "quantity": quantity,
        "list": listed,
        "net": net,
        "discount": discount,
        "is_compliant": (~is_beyond | (exception & (approval == MANUAL))).astype(np.int64),
        "is_exception": exception.astype(np.int64),
        "approval": approval,
        "asked_day": asked_day,
        "asked_minute": asked_minute,
        "waited": waited,
        "decided_day": decided_day,
        "decided_minute": decided_minute,
        "is_rejected": rejected.astype(np.int64),
        "is_guided": guided.astype(np.int64),
        "is_platform": platform.astype(np.int64),
        "is_automated": automated.astype(np.int64),
        "is_on_demand": on_demand.astype(np.int64),
        "is_custom": custom.astype(np.int64),
        "is_bundle": bundle.astype(np.int64),
        "has_own_sow": own_sow.astype(np.int64),
        "is_renewal": renewal.astype(np.int64),
        "is_esigned": (draw(40) < np.where(platform, 0.9, 0.45)).astype(np.int64),
        "booked": booked,
        "is_rekeyed": rekeyed.astype(np.int64),
        "booked_amount": np.where(has_other_amount, net + 5000, net),
        "has_other_amount": has_other_amount.astype(np.int64),
        "fixed": fixed,
        "scheduled": scheduled,
        "reached": reached,
        "reason": (draw(41) * len(LOST_REASONS)).astype(np.int64),
        "needed": needed,
        "matched": needed + 1 + (draw(42) * np.where(guided, 5, 14)).astype(np.int64),
        **{f"use_{number}": uses[:, number].astype(np.int64) for number in range(len(RESOURCES))},
    }
    # What begins in the last days is not told of: every day that a deal is sure to have lies within the simulated span.
    return take(deals, decided_day + 2 <= clock.as_of)


def write_policies(templates: CsvFiles, clock: Clock) -> None:
    """Write sales policy: one limit a region."""
    regions = np.arange(len(REGIONS), dtype=np.int64)
    begun = np.full(len(REGIONS), int(month_start(np.array([clock.first_month - 12]))[0]))
    templates.write(
        "sales_policies",
        {
            "policy_id": text_ids("POL", regions, 3),
            "region": labels(REGIONS, regions),
            "max_discount": decimals(POLICY, 2),
            "valid_from": dates(begun),
            "recorded_date": dates(begun),
        },
    )


def write_selling(crm: CsvFiles, templates: CsvFiles, people: People, deals: Frame, clock: Clock) -> None:
    """Write one block's deals: opportunities and their stages, quotes, approvals, bookings, uses and needs."""
    write_opportunities(crm, people, deals, clock)
    write_quotes(crm, people, deals, clock)
    booked = take(deals, deals["booked"] > NONE)
    templates.write(
        "bookings",
        {
            "booking_id": text_ids("BK", booked["number"]),
            "account_id": text_ids("001DM", booked["account"], 10, "AAA"),
            "opportunity_id": text_ids("006SV", booked["number"], 12),
            "source_quote_id": text_ids(
                "a0qSV", np.where(booked["is_rekeyed"] == 1, NONE, booked["number"]), 12
            ),
            "booked_date": dates(booked["booked"]),
            "booked_amount": decimals(booked["booked_amount"], 2),
            "currency": labels(CURRENCIES, booked["currency"]),
            "corrected_date": dates(booked["fixed"]),
            "scheduled_date": dates(booked["scheduled"]),
        },
    )
    for number, (kind, name, shows_value) in enumerate(RESOURCES):
        used = take(deals, deals[f"use_{number}"] == 1)
        templates.write(
            "sales_resource_uses",
            {
                "use_id": text_ids(f"USE{number}-", used["number"]),
                "opportunity_id": text_ids("006SV", used["number"], 12),
                "rep_id": text_ids("005DM", people.index[used["customer"]] % len(REPS), 10, "AAA"),
                "resource_kind": constant(kind, size(used)),
                "resource_id": constant(name, size(used)),
                "is_value_asset": always(shows_value, size(used)),
                "used_date": dates(used["created"] + 1),
            },
        )


def write_opportunities(crm: CsvFiles, people: People, deals: Frame, clock: Clock) -> None:
    """Write the deals and the stages they went through."""
    count, status = size(deals), deals["status"]
    created, closed = deals["created"], deals["closed"]
    modified = np.where(closed > NONE, closed, created)
    crm.write(
        "opportunity",
        {
            "id": text_ids("006SV", deals["number"], 12),
            **loader(count, clock),
            "account_id": text_ids("001DM", deals["account"], 10, "AAA"),
            "amount": decimals(deals["net"], 2),
            "close_date": dates(deals["planned"]),
            "contract_id": constant(None, count),
            "created_date": stamps(created, 32400),
            "currency_iso_code": labels(CURRENCIES, deals["currency"]),
            "forecast_category": labels(["Closed", "Omitted", "Pipeline"], status),
            "is_closed": booleans(status != STILL_OPEN),
            "is_deleted": always(False, count),
            "is_won": booleans(status == WON),
            "last_modified_date": stamps(modified, 64000),
            "lead_source": constant("Sales", count),
            "loss_reason_c": labels(LOST_REASONS, np.where(status == LOST, deals["reason"], -1)),
            "name": text_ids("Service deal ", deals["number"], 12),
            "next_step": constant(None, count),
            "owner_id": text_ids("005DM", people.index[deals["customer"]] % len(REPS), 10, "AAA"),
            "probability": numbers(np.where(status == WON, 100, np.where(status == LOST, 0, 50))),
            "sbqq_renewed_contract_c": constant(None, count),
            "stage_name": labels(STAGES, status),
            "type": labels(["Expansion", "Renewal"], deals["is_renewal"]),
        },
    )
    entered = (created, created + 1, deals["presented"], deals["presented"] + 2)
    for number, (stage, day) in enumerate(zip(SELLING_STAGES, entered, strict=True)):
        there = (deals["reached"] >= number) & (day <= clock.as_of)
        write_stages(crm, deals["number"][there], number, stage, day[there], clock)
    for number, (stage, code) in enumerate((("Closed Won", WON), ("Closed Lost", LOST))):
        there = status == code
        write_stages(crm, deals["number"][there], 8 + number, stage, closed[there], clock)


def write_stages(crm: CsvFiles, number: Ints, place: int, stage: str, day: Ints, clock: Clock) -> None:
    """Write the states of opportunities that enter one stage."""
    count = len(number)
    crm.write(
        "opportunity_history",
        {
            "id": text_ids(f"008SV{place}", number, 12),
            "_fivetran_synced": stamps(np.full(count, clock.as_of), 20400),
            "created_date": stamps(day, 34000),
            "is_deleted": always(False, count),
            "opportunity_id": text_ids("006SV", number, 12),
            "stage_name": constant(stage, count),
        },
    )


def write_quotes(crm: CsvFiles, people: People, deals: Frame, clock: Clock) -> None:
    """Write quotes with their lines and approvals; a revision is a second quote, and the primary one."""
    revised = deals["revision"] > NONE
    first = take(deals, np.ones(size(deals), dtype=bool))
    again = take(deals, revised)
    for version, part, is_primary in ((0, first, ~revised), (1, again, np.ones(size(again), dtype=bool))):
        count = size(part)
        quote = text_ids("a0qSV", part["number"] + version * 10**11, 12)
        created = part["revision"] if version else part["created"]
        configured, proposed = (
            part[name] * 60 + part["created"] * 86400 for name in ("configured", "proposed")
        )
        if version:
            configured, proposed = created * 86400 + 40000, created * 86400 + 50000
        accepted = np.where(is_primary, part["accepted"], NONE)
        presented = part["revision"] + 1 if version else part["presented"]
        crm.write(
            "sbqq_quote_c",
            {
                "id": quote,
                **loader(count, clock),
                "created_date": stamps(created, 32400),
                "currency_iso_code": labels(CURRENCIES, part["currency"]),
                "is_deleted": always(False, count),
                "last_modified_date": stamps(np.where(accepted > NONE, accepted, created), 64000),
                "owner_id": text_ids("005DM", people.index[part["customer"]] % len(REPS), 10, "AAA"),
                "sbqq_account_c": text_ids("001DM", part["account"], 10, "AAA"),
                "sbqq_opportunity_2_c": text_ids("006SV", part["number"], 12),
                "sbqq_primary_c": booleans(is_primary),
                "sbqq_status_c": labels(["Presented", "Accepted"], (accepted > NONE).astype(np.int64)),
                "sbqq_type_c": labels(["Quote", "Renewal"], part["is_renewal"]),
                "sbqq_net_amount_c": decimals(part["net"], 2),
                "region_c": labels(REGIONS, part["region"]),
                "configured_at_c": stamps(configured // 86400, configured % 86400),
                "proposal_at_c": stamps(proposed // 86400, proposed % 86400),
                "is_proposal_automated_c": booleans(part["is_automated"]),
                "presented_at_c": stamps(presented, 43200),
                "accepted_at_c": stamps(accepted, 57600),
                "is_esigned_c": booleans(part["is_esigned"]),
                "is_guided_c": booleans(part["is_guided"]),
                "is_on_demand_c": booleans(part["is_on_demand"]),
                "is_on_platform_c": booleans(part["is_platform"]),
                "has_custom_sow_c": booleans(part["has_own_sow"]),
            },
        )
        crm.write(
            "sbqq_quoteline_c",
            {
                "id": text_ids("a0lSV", part["number"] + version * 10**11, 12),
                **loader(count, clock),
                "created_date": stamps(created, 32400),
                "is_deleted": always(False, count),
                "last_modified_date": stamps(created, 32400),
                "sbqq_quote_c": quote,
                "sbqq_product_c": text_ids("01tDM", part["offer"], 10, "AAA"),
                "sbqq_quantity_c": numbers(part["quantity"]),
                "sbqq_list_price_c": decimals(part["list"] // part["quantity"], 2),
                "sbqq_net_total_c": decimals(part["net"], 2),
                "is_outcome_bundle_c": booleans(part["is_bundle"]),
                "is_custom_c": booleans(part["is_custom"]),
            },
        )
    asked = take(deals, deals["approval"] != NO_APPROVAL)
    count, manual = size(asked), asked["approval"] == MANUAL
    person = text_ids("005DM", np.where(manual, 0, NONE), 10, "AAA")
    crm.write(
        "sbaa_approval_c",
        {
            "id": text_ids("a0aSV", asked["number"], 12),
            **loader(count, clock),
            "created_date": stamps(asked["asked_day"], asked["asked_minute"] * 60),
            "is_deleted": always(False, count),
            "last_modified_date": stamps(asked["decided_day"], asked["decided_minute"] * 60),
            "quote_c": text_ids("a0qSV", asked["number"], 12),
            "sbaa_approved_by_c": person,
            "sbaa_assigned_to_c": person,
            "sbaa_approved_date_c": stamps(asked["decided_day"], asked["decided_minute"] * 60),
            "sbaa_status_c": labels(["Approved", "Rejected"], asked["is_rejected"]),
            "is_exception_c": booleans(asked["is_exception"]),
        },
    )


def write_selling_ledger(truth: ParquetFiles, people: People, deals: Frame) -> None:
    """Write what is true of every deal: days, minutes of business, hundredths of the currency, and yes or no as 1 or 0."""
    names = (
        "created", "configured", "proposed", "accepted", "closed", "status", "list", "net", "discount", "is_compliant", "waited",
        "is_rejected", "is_guided", "is_platform", "is_automated", "is_on_demand", "is_custom", "is_bundle", "has_own_sow", "is_renewal",
        "is_esigned", "is_rekeyed", "has_other_amount", "reached",
    )  # fmt: skip
    days = ("created", "accepted", "closed", "revision", "booked", "fixed", "scheduled", "needed", "matched")
    truth.write(
        "selling_deals",
        {
            "quote_number": pa.array(deals["number"]),
            "opportunity_key": text_ids("salesforce:006SV", deals["number"], 12),
            "customer_id": people.customer_ids().take(pa.array(deals["customer"])),
            "segment": labels(SEGMENTS, people.segment[deals["customer"]]),
            "region": labels(REGIONS, deals["region"]),
            "currency": labels(CURRENCIES, deals["currency"]),
            "approval_kind": labels(APPROVALS, deals["approval"]),
            **{name: pa.array(deals[name]) for name in names if name not in days},
            **{f"{name}_date": dates(deals[name]) for name in days},
            **{f"use_{number}": pa.array(deals[f"use_{number}"]) for number in range(len(RESOURCES))},
        },
    )


def write_deal_needs(
    templates: CsvFiles,
    truth: ParquetFiles,
    people: People,
    dice: Dice,
    deals: Frame,
    products: Frame,
    clock: Clock,
) -> None:
    """Write the needs for services that Sales found: in deals for services, and in six of ten deals of products."""
    salt = (dice.uniform("service needs") * 2**40).astype(np.int64)
    found = take(products, mixed(salt[products["customer"]], products["number"], 1) < 0.6)
    found = take(found, found["created"] + 20 <= np.minimum(found["close"], clock.as_of))
    for prefix, opportunity, frame, first, last in (
        ("ND", "006SV", deals, deals["needed"], deals["matched"]),
        ("NP", "006DM", found, found["created"] + 2, found["created"] + 12),
    ):
        templates.write(
            "deal_needs",
            {
                "need_id": text_ids(prefix, frame["number"], 12),
                "opportunity_id": text_ids(opportunity, frame["number"], 12),
                "identified_date": dates(first),
                "matched_date": dates(last),
            },
        )
        truth.write(
            "deal_needs",
            {
                "opportunity_key": text_ids(f"salesforce:{opportunity}", frame["number"], 12),
                "identified_date": dates(first),
                "matched_date": dates(last),
            },
        )
