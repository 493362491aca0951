"""The company's CRM as Salesforce's exports show it (the layout of Fivetran's Salesforce connector)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.canaries import ADDRESS, MARK, NOTE, OWN_WORDS, marked
from postsale.demo.care import CALL, KINDS, MISSED, OPEN, Care, crm_delay, is_with_lead, lots
from postsale.demo.catalog import CURRENCIES, FAMILIES, LIST_PRICE, PRODUCTS
from postsale.demo.clock import NONE, Clock, Ints, month_start
from postsale.demo.contracts import CANCELLED, LAPSED, REASONS, RUNNING, Contracts
from postsale.demo.frames import (
    CsvFiles,
    Frame,
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
from postsale.demo.online import TRIALING, Online
from postsale.demo.people import (
    CHANNELS,
    COUNTRIES,
    INDUSTRIES,
    PROSPECT,
    REGIONS,
    SEGMENTS,
    People,
    accounts,
)

REPS = [
    "Ada Okafor",
    "Ben Larsen",
    "Chloé Dubois",
    "Dmitri Petrov",
    "Eva Müller",
    "Femi Adeyemi",
    "Grace Kim",
    "Hiro Tanaka",
    "Inés García",
    "Jonas Weber",
    "Kavya Rao",
    "Liam O'Neill",
]
TYPES = ["New Business", "Expansion", "Renewal"]
RENEWAL_TYPE = 2
STAGES = ["Closed Won", "Closed Lost", "Negotiation"]
WON, LOST, STILL_OPEN = range(3)
LOST_NEW = ["No decision", "Lost to competitor", OWN_WORDS]


def loader(count: int, clock: Clock) -> dict[str, pa.Array]:
    """The loader's own columns."""
    return {
        "_fivetran_synced": stamps(np.full(count, clock.as_of), 20400),
        "_fivetran_active": always(True, count),
    }


def write_catalog(files: CsvFiles, clock: Clock) -> None:
    """Write users and products."""
    reps = np.arange(len(REPS), dtype=np.int64)
    count = len(reps)
    old = np.full(count, month_start(np.array([clock.first_month - 12]))[0])
    files.write(
        "user",
        {
            "id": text_ids("005DM", reps, 10, "AAA"),
            **loader(count, clock),
            "_fivetran_deleted": booleans(reps < 0),
            "country": labels(COUNTRIES, reps % len(COUNTRIES)),
            "created_date": stamps(old),
            "email": text_ids(f"rep.{MARK}.", reps, 2, ADDRESS),
            "is_active": booleans(reps != 3),
            "last_modified_date": stamps(old),
            "manager_id": text_ids("005DM", np.where(reps > 0, 0, NONE), 10, "AAA"),
            "name": pa.array([marked(name) for name in REPS]),
            "user_role_id": text_ids("00EDM", reps % 3, 10, "AAA"),
            "username": text_ids(f"rep.{MARK}.", reps, 2, ADDRESS),
        },
        personal=("email", "name", "username"),
    )
    goods = np.arange(len(PRODUCTS), dtype=np.int64)
    count = len(goods)
    old = np.full(count, old[0])
    files.write(
        "product_2",
        {
            "id": text_ids("01tDM", goods, 10, "AAA"),
            **loader(count, clock),
            "created_date": stamps(old),
            "description": constant(None, count),
            "family": pa.array([FAMILIES[p.family] for p in PRODUCTS]),
            "is_active": booleans(goods >= 0),
            "is_deleted": booleans(goods < 0),
            "last_modified_date": stamps(old),
            "licence_model_c": pa.array([p.licence_model or None for p in PRODUCTS]),
            "name": pa.array([p.name for p in PRODUCTS]),
            "offer_type_c": pa.array([p.offer_type for p in PRODUCTS]),
            "product_code": text_ids("P-", goods, 3),
            "quantity_unit_of_measure": pa.array([p.unit for p in PRODUCTS]),
            "tier_rank_c": numbers(np.array([p.tier_rank or NONE for p in PRODUCTS], dtype=np.int64)),
        },
    )


def write_accounts(files: CsvFiles, people: People, clock: Clock) -> None:
    """Write the accounts: ultimate parents, their children, and the accounts merged away."""
    frame = accounts(people)
    count, who, ordinal = size(frame), frame["customer"], frame["ordinal"]
    is_merged = ordinal >= 8
    suffix = ["", " (East)", " (West)", " (Labs)", "", "", "", "", " [duplicate]", " [duplicate]"]
    names = [people.names[w] + suffix[o] for w, o in zip(who.tolist(), ordinal.tolist(), strict=True)]
    begun = np.minimum(month_start(people.join_month[who]) - 40, clock.as_of)
    is_customer = people.model[who] != PROSPECT
    employees = np.array([5200, 640, 45])[people.segment[who]] + people.index[who] % 37
    files.write(
        "account",
        {
            "id": text_ids("001DM", frame["account"], 10, "AAA"),
            **loader(count, clock),
            "account_number": text_ids("AC-", frame["account"], 8),
            "account_source": constant("Sales", count),
            "annual_revenue": numbers(employees * 180000),
            "billing_country": labels(COUNTRIES, people.country[who]),
            "billing_state": constant(None, count),
            "channel_c": labels(CHANNELS, people.channel[who]),
            "created_date": stamps(begun, 30600),
            "industry": labels(INDUSTRIES, people.industry[who]),
            "is_deleted": booleans(is_merged),
            "last_modified_date": stamps(begun, 30600),
            "master_record_id": text_ids("001DM", frame["master"], 10, "AAA"),
            "name": pa.array(names, pa.string()),
            "number_of_employees": numbers(employees),
            "owner_id": text_ids("005DM", people.index[who] % len(REPS), 10, "AAA"),
            "parent_id": text_ids("001DM", frame["parent"], 10, "AAA"),
            "phone": text_ids(f"+1.{MARK}.", frame["account"]),
            "region_c": labels(REGIONS, people.region[who]),
            "segment_c": labels(SEGMENTS, people.segment[who]),
            "type": labels(["Customer", "Prospect"], 1 - is_customer),
            "website": text_ids("https://c", frame["account"], 8, ".example"),
        },
        personal=("phone",),
    )


def deals(people: People, contracts: Contracts, online: Online, clock: Clock) -> Frame:
    """Every opportunity: won terms, lost and open renewals, assisted online sales, prospects that said no."""
    as_of = clock.as_of
    terms, subs = contracts.terms, online.subscriptions
    columns = (
        "number",
        "customer",
        "account",
        "currency",
        "type",
        "stage",
        "created",
        "close",
        "amount",
        "product",
        "quantity",
        "reason",
        "contract",
        "start",
        "renewed",
    )
    parts: dict[str, list[Ints]] = {name: [] for name in columns}

    def add(count: int, **values: Ints | int) -> None:
        for name in columns:
            parts[name].append(np.broadcast_to(np.asarray(values[name], dtype=np.int64), (count,)))

    contract = terms["sub"] * 100 + terms["number"]
    months = np.where(terms["is_evergreen"] == 1, 12, terms["months"])
    is_renewal = (terms["number"] > 0) & (terms["is_return"] == 0)
    kind = np.where(is_renewal, 2, np.where((terms["stream"] > 0) & (terms["is_return"] == 0), 1, 0))
    close = np.minimum(terms["start"] - 2, as_of)
    add(
        size(terms),
        number=contract,
        customer=terms["customer"],
        account=terms["account"],
        currency=terms["currency"],
        type=kind,
        stage=WON,
        created=close - 60,
        close=close,
        amount=terms["mrr"] * months,
        product=terms["product"],
        quantity=terms["quantity"],
        reason=-1,
        contract=contract,
        start=terms["start"],
        renewed=NONE,
    )

    leaves = (
        (terms["reason"] >= 0)
        & np.isin(terms["outcome"], (CANCELLED, LAPSED, RUNNING))
        & (terms["is_evergreen"] == 0)
    )
    lost = leaves & (terms["decided"] <= as_of)
    opened = (terms["outcome"] == RUNNING) & (terms["end"] - as_of <= 90) & (terms["is_evergreen"] == 0)
    opened = (opened | (terms["outcome"] == LAPSED) & (terms["decided"] > as_of)) & ~lost
    for chosen, stage in ((lost, LOST), (opened, STILL_OPEN)):
        part = take({**terms, "contract": contract, "deal": months}, chosen)
        close = part["decided"] if stage == LOST else part["end"]
        created = np.minimum(part["end"] - 90, as_of)
        created = np.minimum(created, close) if stage == LOST else created
        add(
            size(part),
            number=part["contract"] + 50,
            customer=part["customer"],
            account=part["account"],
            currency=part["currency"],
            type=2,
            stage=stage,
            created=created,
            close=close,
            amount=part["mrr"] * part["deal"],
            product=part["product"],
            quantity=part["quantity"],
            reason=part["reason"] if stage == LOST else -1,
            contract=part["contract"],
            start=part["end"],
            renewed=part["contract"],
        )

    assisted = (
        (people.channel[subs["customer"]] != 2)
        & (subs["chain"] == 0)
        & ~people.is_unmatched[subs["customer"]]
    )
    assisted &= (subs["status"] != TRIALING) & (subs["start"] > subs["trial_start"])
    sale = take(subs, assisted)
    add(
        size(sale),
        number=sale["sub"] * 100 + 90,
        customer=sale["customer"],
        account=sale["account"],
        currency=sale["currency"],
        type=np.where(sale["stream"] > 0, 1, 0),
        stage=WON,
        created=sale["start"] - 30,
        close=sale["start"],
        amount=LIST_PRICE[sale["product"]] * sale["quantity"] * 1200,
        product=sale["product"],
        quantity=sale["quantity"],
        reason=-1,
        contract=NONE,
        start=sale["start"],
        renewed=NONE,
    )

    refused = np.nonzero((people.model == PROSPECT) & (people.index % 2 == 0))[0]
    when = np.minimum(month_start(people.join_month[refused]) + 20, as_of)
    add(
        len(refused),
        number=people.index[refused] * 10000 + 95,
        customer=refused,
        account=people.index[refused] * 10,
        currency=people.currency[refused],
        type=0,
        stage=LOST,
        created=when - 40,
        close=when,
        amount=1200000,
        product=0,
        quantity=25,
        reason=len(REASONS) + people.index[refused] % 3,
        contract=NONE,
        start=when,
        renewed=NONE,
    )
    return {name: np.concatenate(values) for name, values in parts.items()}


def write_sales(files: CsvFiles, people: People, contracts: Contracts, online: Online, clock: Clock) -> None:
    """Write opportunities, their lines, orders and contracts."""
    deal = deals(people, contracts, online, clock)
    count, stage = size(deal), deal["stage"]
    owner = people.index[deal["customer"]] % len(REPS)
    modified = np.minimum(
        np.maximum(deal["created"], np.where(stage == STILL_OPEN, deal["created"], deal["close"])),
        clock.as_of,
    )
    amount = decimals(deal["amount"], 2)
    ids = text_ids("006DM", deal["number"], 12)
    files.write(
        "opportunity",
        {
            "id": ids,
            **loader(count, clock),
            "account_id": text_ids("001DM", deal["account"], 10, "AAA"),
            "amount": amount,
            "close_date": dates(deal["close"]),
            "contract_id": text_ids("800DM", np.where(stage == WON, deal["contract"], NONE), 12),
            "created_date": stamps(deal["created"], 31000),
            "currency_iso_code": labels(CURRENCIES, deal["currency"]),
            "forecast_category": labels(["Closed", "Omitted", "Pipeline"], stage),
            "is_closed": booleans(stage != STILL_OPEN),
            "is_deleted": always(False, count),
            "is_won": booleans(stage == WON),
            "last_modified_date": stamps(modified, 31000),
            "lead_source": labels(["Sales", "Partner", "Web"], people.channel[deal["customer"]]),
            "loss_reason_c": labels([*REASONS, *LOST_NEW], deal["reason"]),
            "name": text_ids("Deal ", deal["number"], 12),
            "next_step": labels([NOTE], np.where(stage == STILL_OPEN, 0, -1)),
            "owner_id": text_ids("005DM", owner, 10, "AAA"),
            "probability": numbers(np.where(stage == WON, 100, np.where(stage == LOST, 0, 60))),
            "sbqq_renewed_contract_c": text_ids("800DM", deal["renewed"], 12),
            "stage_name": labels(STAGES, stage),
            "type": labels(TYPES, deal["type"]),
        },
        personal=("loss_reason_c", "next_step"),
    )
    quantity = np.maximum(deal["quantity"], 1)
    product = text_ids("01tDM", deal["product"], 10, "AAA")
    unit = decimals(deal["amount"] // quantity, 2)
    is_cut = (deal["type"] < RENEWAL_TYPE) & (deal["number"] // 100 % 7 == 3)
    files.write(
        "opportunity_line_item",
        {
            "id": text_ids("00kDM", deal["number"], 12),
            **loader(count, clock),
            "created_date": stamps(deal["created"], 31000),
            "discount": numbers(np.where(is_cut, 10, NONE)),
            "is_compulsory_c": constant(None, count),
            "is_deleted": always(False, count),
            "last_modified_date": stamps(modified, 31000),
            "list_price": decimals(deal["amount"] // quantity * np.where(is_cut, 10, 9) // 9, 2),
            "name": labels([p.name for p in PRODUCTS], deal["product"]),
            "opportunity_id": ids,
            "pricebook_entry_id": constant(None, count),
            "product_2_id": product,
            "product_code": text_ids("P-", deal["product"], 3),
            "quantity": numbers(quantity),
            "service_date": dates(deal["start"]),
            "term_months_c": numbers(np.full(count, NONE)),
            "total_price": amount,
            "unit_price": unit,
        },
    )
    won = take(deal, stage == WON)
    count = size(won)
    files.write(
        "order",
        {
            "id": text_ids("801DM", won["number"], 12),
            **loader(count, clock),
            "account_id": text_ids("001DM", won["account"], 10, "AAA"),
            "activated_date": stamps(won["close"], 32000),
            "contract_id": text_ids("800DM", won["contract"], 12),
            "created_date": stamps(won["close"], 31500),
            "effective_date": dates(won["start"]),
            "end_date": dates(np.full(count, NONE)),
            "is_deleted": always(False, count),
            "last_modified_date": stamps(won["close"], 32000),
            "opportunity_id": text_ids("006DM", won["number"], 12),
            "order_number": text_ids("", won["number"], 12),
            "original_order_id": constant(None, count),
            "status": constant("Activated", count),
            "total_amount": decimals(won["amount"], 2),
            "type": labels(["New", "Add-on", "Renewal"], won["type"]),
        },
    )
    terms = contracts.terms
    count = size(terms)
    number = terms["sub"] * 100 + terms["number"]
    begun = np.minimum(terms["start"] - 2, clock.as_of)
    planned = np.where(terms["is_evergreen"] == 1, NONE, terms["end"] - 1)
    files.write(
        "contract",
        {
            "id": text_ids("800DM", number, 12),
            **loader(count, clock),
            "account_id": text_ids("001DM", terms["account"], 10, "AAA"),
            "activated_date": stamps(begun, 32000),
            "contract_number": text_ids("", number, 12),
            "contract_term": numbers(np.where(terms["is_evergreen"] == 1, NONE, terms["months"])),
            "created_date": stamps(begun, 31500),
            "currency_iso_code": labels(CURRENCIES, terms["currency"]),
            "end_date": dates(planned),
            "is_deleted": always(False, count),
            "last_modified_date": stamps(begun, 32000),
            "owner_id": text_ids("005DM", people.index[terms["customer"]] % len(REPS), 10, "AAA"),
            "sbqq_opportunity_c": text_ids("006DM", number, 12),
            "start_date": dates(terms["start"]),
            "status": constant("Activated", count),
            "status_code": constant("Activated", count),
        },
    )


def write_activities(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write what sales logs: tasks and events, with copies for colleagues, headers of series, and calls to leads."""
    touch = care.touches
    broad = [kind.broad for kind in KINDS]
    is_ours = np.array([kind.system == "salesforce" for kind in KINDS])[touch["kind"]]
    is_event = np.array([name == "Event" for name in broad])[touch["kind"]]
    task = take(touch, is_ours & ~is_event)
    count, kind = size(task), task["kind"]
    index, is_open = people.index[task["customer"]], task["fate"] == OPEN
    done = np.where(is_open, NONE, task["day"])
    is_call = kind == CALL
    account = np.where(is_with_lead(task), NONE, index * 10)
    files.write(
        "task",
        {
            "id": text_ids("00TDM", task["number"], 12, "AAA"),
            "_fivetran_synced": stamps(np.full(count, clock.as_of), 20400),
            "account_id": text_ids("001DM", account, 10, "AAA"),
            "activity_date": stamps(task["day"]),
            "call_disposition": labels(
                ["Connected", "Left voicemail"], np.where(is_call, (task["fate"] == MISSED) * 1, -1)
            ),
            "call_type": labels(["Inbound", "Outbound"], task["direction"]),
            "completed_date_time": stamps(done, task["second"]),
            "created_date": stamps(np.minimum(task["day"], clock.as_of), 28000),
            "description": constant(NOTE, count),
            "is_closed": booleans(~is_open),
            "is_deleted": always(False, count),
            "is_recurrence": always(False, count),
            "last_modified_date": stamps(np.minimum(task["day"], clock.as_of), 64000),
            "owner_id": text_ids("005DM", index % len(REPS), 10, "AAA"),
            "status": labels(["Completed", "Not Started"], is_open.astype(np.int64)),
            "subject": constant(NOTE, count),
            "task_subtype": labels(broad, kind),
            "type": labels([item.words for item in KINDS], kind),
        },
        personal=("description", "subject"),
    )
    meeting = take(touch, (is_ours & is_event) | (touch["also_in_crm"] == 1))
    second = meeting["second"] + (meeting["also_in_crm"] == 1) * crm_delay(meeting)
    copied = np.nonzero(lots(meeting) % 5 == 0)[0]
    header = np.nonzero(lots(meeting) % 8 == 1)[0]
    rows = np.concatenate([np.arange(size(meeting)), copied, header])
    role = np.concatenate([np.zeros(size(meeting)), np.ones(len(copied)), np.full(len(header), 2)]).astype(
        np.int64
    )
    event, second = take(meeting, rows), second[rows]
    count, index = size(event), people.index[event["customer"]]
    files.write(
        "event",
        {
            "id": text_ids("00UDM", event["number"] + role * 10**11, 12, "AAA"),
            "_fivetran_synced": stamps(np.full(count, clock.as_of), 20400),
            "account_id": text_ids("001DM", index * 10, 10, "AAA"),
            "activity_date": stamps(event["day"]),
            "created_date": stamps(np.minimum(event["day"], clock.as_of - 3), 28000),
            "description": constant(NOTE, count),
            "event_subtype": constant("Event", count),
            "is_child": booleans(role == 1),
            "is_deleted": always(False, count),
            "is_recurrence": booleans(role == 2),
            "last_modified_date": stamps(np.minimum(event["day"], clock.as_of - 3), 28000),
            "no_show_c": booleans(event["fate"] == MISSED),
            "owner_id": text_ids("005DM", index % len(REPS), 10, "AAA"),
            "start_date_time": stamps(event["day"], second),
            "subject": constant(NOTE, count),
            "type": constant("Meeting", count),
        },
        personal=("description", "subject"),
    )


def write_crm(files: CsvFiles, people: People, contracts: Contracts, online: Online, clock: Clock) -> None:
    """Write one block's Salesforce exports."""
    write_accounts(files, people, clock)
    write_sales(files, people, contracts, online, clock)
