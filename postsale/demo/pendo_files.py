"""Pendo's exports of the demo company, as Fivetran lands them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.canaries import ADDRESS, MARK, marked
from postsale.demo.clock import LAST_MONTH, NONE, Clock, Ints, month_start
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    always,
    constant,
    labels,
    numbers,
    pc,
    size,
    stamps,
    text_ids,
)
from postsale.demo.people import People
from postsale.demo.usage import BASIC_FEATURES, FEATURES, TRACKED_MONTHS, Usage

APP_IDS = ["5101", "5102"]
APP_NAMES = ["Insight", "Flow"]
GROUPS = ["Basics", "Advanced"]
FEATURE_WORDS = [
    "Search", "Dashboard", "Export", "Filter", "Comment", "Share", "Print", "Import", "Forecast", "Automation", "API", "Audit trail",
]  # fmt: skip
MARKED_ROWS = 20
"""Rows of each block that tell where the visitor was: enough to search for, and the files stay small."""


def write_catalog(files: CsvFiles, clock: Clock) -> None:
    """Applications, groups and features: what is tracked, since tracking began."""
    began = int(month_start(np.array([tracked_from(clock)]))[0])
    synced = stamps(np.full(1, clock.as_of), 80_000)
    for app, name in enumerate(APP_NAMES):
        files.write(
            "application_history",
            {
                "id": constant(APP_IDS[app], 1),
                "last_updated_at": stamps(np.full(1, began), 28_800),
                "display_name": constant(name, 1),
                "name": constant(name.lower(), 1),
                "platform": constant("web", 1),
                "is_deleted": always(False, 1),
                "created_at": stamps(np.full(1, began), 28_800),
                "_fivetran_synced": synced,
            },
        )
    for group, name in enumerate(GROUPS):
        files.write(
            "group",
            {
                "id": constant(f"group-{group}", 1),
                "name": constant(name, 1),
                "created_at": stamps(np.full(1, began), 28_800),
                "last_updated_at": stamps(np.full(1, began), 28_800),
                "_fivetran_synced": synced,
            },
        )
    for app, count in enumerate(FEATURES.tolist()):
        number = np.arange(count, dtype=np.int64)
        is_basic = number < BASIC_FEATURES[app]
        words = FEATURE_WORDS[: BASIC_FEATURES[app]] + FEATURE_WORDS[-(count - int(BASIC_FEATURES[app])) :]
        files.write(
            "feature_history",
            {
                "id": feature_ids(np.full(count, app), number),
                "last_updated_at": stamps(np.full(count, began), 32_400),
                "name": labels(words, number),
                "app_id": constant(APP_IDS[app], count),
                "group_id": labels(["group-0", "group-1"], np.where(is_basic, 0, 1)),
                "is_core_event": pa.array(is_basic),
                "created_at": stamps(np.full(count, began), 32_400),
                "valid_through": stamps(np.full(count, NONE)),
                "_fivetran_synced": stamps(np.full(count, clock.as_of), 80_000),
            },
        )


def tracked_from(clock: Clock) -> int:
    """First month that is tracked."""
    return max(clock.first_month, LAST_MONTH - TRACKED_MONTHS + 1)


def feature_ids(app: Ints, number: Ints) -> pa.Array:
    """Ids such as ``feature-0003``."""
    return text_ids("feature-", app * 100 + number, 4)


def account_of(people: People, customer: Ints, user: Ints) -> Ints:
    """Account number of a user: every other one works for the first subsidiary, if there is one."""
    child = np.where((people.children[customer] > 0) & (user % 2 == 1), 1, 0)
    return people.index[customer] * 10 + child


def account_ids(accounts: Ints) -> pa.Array:
    """What the company sends as account id: that of its CRM, for every other customer a number of its own."""
    crm, own = text_ids("001DM", accounts, 10, "AAA"), text_ids("acct-", accounts, 6)
    return pc.if_else(pa.array(sends_crm_id(accounts)), crm, own)


def sends_crm_id(accounts: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the account id is the CRM's."""
    return np.asarray(accounts // 10 % 2 == 0)


def visitor_ids(people: People, customer: Ints, user: Ints) -> pa.Array:
    """Ids such as ``u12-3.canary@canary.example``: the company sends e-mail addresses."""
    number = people.index[customer]
    return pc.binary_join_element_wise(
        text_ids("u", number, 1), text_ids("-", user, 1, f".{MARK}{ADDRESS}"), ""
    )


def write_pendo(files: CsvFiles, people: People, usage: Usage, clock: Clock) -> None:
    """Write one block's accounts, visitors and events."""
    began = int(month_start(np.array([tracked_from(clock)]))[0])
    # Accounts are known from the day on which tracking began, or from the first month in which there is anything to track.
    owners = np.nonzero(usage.is_tracked & (usage.seats.sum(axis=(1, 2)) > 0))[0]
    bought = clock.first_month + (usage.seats[owners].sum(axis=1) > 0).argmax(axis=1)
    known = np.maximum(month_start(bought), began)
    account = np.concatenate(
        [people.index[owners] * 10, (people.index[owners] * 10 + 1)[people.children[owners] > 0]]
    )
    known = np.concatenate([known, known[people.children[owners] > 0]])
    order = np.argsort(account)
    account, known = account[order], known[order]
    count = len(account)
    uses_own = ~sends_crm_id(account)
    files.write(
        "account_history",
        {
            "id": account_ids(account),
            "last_updated_at": stamps(known, 30_000),
            "agent_name": text_ids("Account ", account, 1),
            "agent_salesforceaccountid": text_ids("001DM", np.where(uses_own, account, NONE), 10, "AAA"),
            "first_visit": stamps(np.full(count, NONE)),
            "last_visit": stamps(np.full(count, NONE)),
            "_fivetran_synced": stamps(np.full(count, clock.as_of), 80_000),
        },
    )
    write_visitors(files, people, usage.days, clock)
    write_events(files, people, "event", usage.days, clock)
    write_events(files, people, "feature_event", usage.features, clock)


def write_visitors(files: CsvFiles, people: People, days: Frame, clock: Clock) -> None:
    """One version of each visitor, of the day of the first visit, and the guide that newcomers see."""
    users = days["customer"] * 10**6 + days["user"]
    found, first = np.unique(users, return_index=True)
    count = len(found)
    order = np.lexsort((days["day"], users))
    begins = np.searchsorted(users[order], found)
    first_day = days["day"][order][begins]
    last_day = np.full(count, NONE)
    np.maximum.at(last_day, np.searchsorted(found, users), days["day"])
    customer, user = found // 10**6, found % 10**6
    visitor = visitor_ids(people, customer, user)
    account = account_ids(account_of(people, customer, user))
    synced = stamps(np.full(count, clock.as_of), 80_000)
    files.write(
        "visitor_history",
        {
            "id": visitor,
            "last_updated_at": stamps(first_day, 72_000),
            "account_id": account,
            "agent_email": visitor,
            "first_visit": stamps(first_day, 28_800),
            "last_visit": stamps(last_day, 64_800),
            "_fivetran_synced": synced,
        },
        personal=("id", "agent_email"),
    )
    files.write(
        "visitor_account_history",
        {
            "account_id": account,
            "visitor_id": visitor,
            "visitor_last_updated_at": stamps(first_day, 72_000),
            "_fivetran_synced": synced,
        },
        personal=("visitor_id",),
    )
    files.write(
        "guide_event",
        {
            "_fivetran_id": text_ids("g", people.index[customer] * 10**4 + user, 9),
            "event_id": constant(None, count),
            "guide_id": constant("guide-welcome", count),
            "guide_step_id": constant("step-1", count),
            "visitor_id": visitor,
            "account_id": account,
            "app_id": labels(APP_IDS, days["app"][first]),
            "type": constant("guideSeen", count),
            "timestamp": stamps(first_day, 28_860),
            "_fivetran_synced": synced,
        },
        personal=("visitor_id",),
    )


def write_events(files: CsvFiles, people: People, table: str, rows: Frame, clock: Clock) -> None:
    """Sums of one hour a user-day, or a feature of one."""
    count = size(rows)
    customer, user = rows["customer"], rows["user"]
    hour = 8 + (people.index[customer] + user + rows["day"]) % 10
    told = np.arange(count) < MARKED_ROWS

    def where(text: str) -> pa.Array:
        return labels([marked(text)], np.where(told, 0, -1))

    columns = {
        "_fivetran_id": row_ids(people, rows),
        "visitor_id": visitor_ids(people, customer, user),
        "account_id": account_ids(account_of(people, customer, user)),
        "app_id": labels(APP_IDS, rows["app"]),
    }
    if table == "event":
        columns["page_id"] = constant("allevents", count)
    else:
        columns["feature_id"] = feature_ids(rows["app"], rows["feature"])
        columns["param_parameter"] = where("parameter")
    columns |= {
        "timestamp": stamps(rows["day"], hour * 3600),
        "num_events": numbers(rows["events"]),
        "server_name": where("host"),
        "remote_ip": where("10.0.0.1"),
        "user_agent": where("Browser"),
        "_fivetran_synced": stamps(np.minimum(rows["day"] + 1, clock.as_of), 80_000),
    }
    personal = ("visitor_id", "server_name", "remote_ip", "user_agent")
    files.write(table, columns, personal if table == "event" else (*personal, "param_parameter"))


def row_ids(people: People, rows: Frame) -> pa.Array:
    """A key as the loader makes one of visitor, application, hour and feature."""
    feature = rows.get("feature", np.zeros(size(rows), dtype=np.int64))
    head = text_ids("", people.index[rows["customer"]] * 10**5 + rows["user"], 1)
    tail = text_ids("-", (rows["day"] * 10 + rows["app"]) * 100 + feature, 1)
    return pc.binary_join_element_wise(head, tail, "")


def write_seats(files: CsvFiles, people: People, usage: Usage, clock: Clock) -> None:
    """Seats given to users, by every third customer that is tracked: a seat from the day before the first visit on."""
    days = usage.days
    mine = people.index[days["customer"]] % 3 == 0
    key = ((days["customer"] * 10 + days["app"]) * 10**6 + days["user"])[mine]
    found = np.unique(key)
    first, last = np.full(len(found), 10**6), np.full(len(found), NONE)
    at = np.searchsorted(found, key)
    np.minimum.at(first, at, days["day"][mine])
    np.maximum.at(last, at, days["day"][mine])
    customer, app, user = found // 10**7, found // 10**6 % 10, found % 10**6
    # Whoever has not come for a quarter of a year loses the seat the day after.
    lost = np.where(clock.as_of - last > 90, last + 1, NONE)
    files.write(
        "licence_assignments",
        {
            "account_id": text_ids("001DM", account_of(people, customer, user), 10, "AAA"),
            "product_id": labels([name.lower() for name in APP_NAMES], app),
            "user_id": visitor_ids(people, customer, user),
            "assigned_at": stamps(first - 1, 32_400),
            "unassigned_at": stamps(lost, 32_400),
        },
        personal=("user_id",),
    )
