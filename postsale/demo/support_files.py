"""The help desk as Zendesk's exports show it, self-service and its links as our templates do (Fivetran's layout of Zendesk)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.canaries import ADDRESS, MARK, NOTE, OWN_WORDS, PERSON
from postsale.demo.cases import (
    AGENTS,
    ARTICLES,
    CAUSES,
    DAY,
    DELETED,
    DUPLICATE,
    FIX_MONTHS,
    INTERNAL,
    MERGED,
    PRODUCT_FAMILIES,
    ROUTED_AFTER,
    TOPICS,
    article_created,
    issue_months,
    noise,
    release_names,
    reply_moments,
    routing_share,
)
from postsale.demo.catalog import FAMILIES
from postsale.demo.clock import NEVER, NONE, Clock, Flags, Ints, month_start
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
    pc,
    size,
    stamps,
    take,
    text_ids,
)
from postsale.demo.people import PROSPECT, REGIONS, People, accounts

REASON_WORDS = [
    "How to",
    "Installation",
    "Bug",
    "Performance",
    "Feature request",
    "Billing question",
    OWN_WORDS,
]
PRIORITIES = ["low", "normal", "high", "urgent"]
CHANNELS = ["web", "email", "chat", "voice"]
SESSION_CHANNELS = ["help_center", "community", "bot"]
PROBLEMS = 10**11
"""Ticket number of the first problem record."""
SERVICE_LINES = ["support", "success", "education", "professional_services", "tooling", "knowledge_base"]
MONTHLY_COST = np.array([1000, 7000, 3000, 8000, 1500, 800])
"""Dollars a month and region, beside what each case costs support."""
ENGINEERING_CENTS = 12000
"""Cost of an hour of Development, in cents."""


def moments(seconds: Ints) -> pa.Array:
    """UTC timestamps of seconds since 1970; unknown gives null."""
    return stamps(
        np.where(seconds <= NONE, NONE, seconds // DAY), np.where(seconds <= NONE, 0, seconds % DAY)
    )


def ticket_ids(numbers_: Ints) -> pa.Array:
    """Ids of tickets; unknown gives null."""
    return text_ids("", numbers_, 1)


def user_ids(numbers_: Ints) -> pa.Array:
    """Ids of the customers' users."""
    return text_ids("41", numbers_, 10)


def agent_ids(numbers_: Ints) -> pa.Array:
    """Ids of agents."""
    return text_ids("40", numbers_, 10)


def link_place(numbers_: Ints) -> Ints:
    """Who keeps the link of a case to its issue: 0 the issue tracker, 1 the ticket, 2 a list by hand."""
    return numbers_ // 48 % 3


def synced(count: int, clock: Clock) -> dict[str, pa.Array]:
    """The loader's own column."""
    return {"_fivetran_synced": stamps(np.full(count, clock.as_of), 21600)}


def either(flags: Flags, first: pa.Array, second: pa.Array) -> pa.Array:
    """Values of ``first`` where the flag holds, else of ``second``."""
    return pc.if_else(pa.array(np.asarray(flags, dtype=bool)), first, second)


def article_ids(articles: Ints) -> pa.Array:
    """Ids of articles; unknown gives null."""
    return text_ids("36", articles, 12)


def write_catalog(files: CsvFiles, seed: int, clock: Clock) -> None:
    """Write agents, problem records, the articles of the help center and the votes on them."""
    agents = np.arange(AGENTS, dtype=np.int64)
    old = np.full(AGENTS, month_start(np.array([clock.first_month - 12]))[0])
    write_users(
        files, agent_ids(agents), constant("agent", AGENTS), constant(None, AGENTS), old, agents, clock
    )
    months = np.repeat(issue_months(clock), PRODUCT_FAMILIES)
    family = np.tile(np.arange(PRODUCT_FAMILIES, dtype=np.int64), clock.months)
    count = len(months)
    created = month_start(months) * DAY + 3600
    files.write(
        "ticket",
        {
            **ticket_columns(count, clock),
            "id": ticket_ids(PROBLEMS + months * 3 + family),
            "assignee_id": agent_ids(family),
            "created_at": moments(created),
            "custom_product": labels(FAMILIES, family),
            "custom_release": pa.array(release_names(family, months)),
            "has_incidents": always(True, count),
            "priority": constant("high", count),
            "requester_id": agent_ids(family),
            "status": constant("open", count),
            "submitter_id": agent_ids(family),
            "type": constant("problem", count),
            "updated_at": moments(created),
            "via_channel": constant("web", count),
        },
        personal=("custom_contact_reason", "description", "subject"),
    )
    shelf = np.arange(ARTICLES, dtype=np.int64)
    write_articles(files, shelf, article_created(clock), clock)
    votes = np.arange(ARTICLES * 6, dtype=np.int64)
    cast = article_created(clock)[votes // 6] + DAY * (
        1 + (noise(seed, "vote day", votes) * 60).astype(np.int64)
    )
    chosen = cast < (clock.as_of + 1) * DAY
    votes, cast = votes[chosen], cast[chosen]
    files.write(
        "vote",
        {
            "id": text_ids("52", votes, 8),
            **synced(len(votes), clock),
            "created_at": moments(cast),
            "item_id": article_ids(votes // 6),
            "item_type": constant("Article", len(votes)),
            "value": numbers(np.where(noise(seed, "vote", votes) < 0.7, 1, -1)),
        },
    )


def write_articles(files: CsvFiles, articles: Ints, created: Ints, clock: Clock) -> None:
    """Write articles of the help center."""
    count = len(articles)
    files.write(
        "article",
        {
            "id": article_ids(articles),
            **synced(count, clock),
            "_fivetran_deleted": always(False, count),
            "created_at": moments(created),
            "draft": always(False, count),
            "outdated": booleans(articles % 10 == 0),
            "title": text_ids("How to, part ", articles, 1),
            "updated_at": moments(created),
        },
    )


def write_reviews(files: CsvFiles, seed: int, clock: Clock) -> None:
    """Write reviews of the articles of the help center: each is looked at every half year, later ones find less to mend."""
    number = np.arange(ARTICLES * 20, dtype=np.int64)
    article, turn = number // 20, number % 20
    reviewed = article_created(clock)[article] + DAY * (30 + 182 * turn)
    chosen = reviewed < (clock.as_of + 1) * DAY
    number, article, turn, reviewed = number[chosen], article[chosen], turn[chosen], reviewed[chosen]
    checked = 8 + article % 3
    missed = (noise(seed, "review", number) * (4 - np.minimum(turn, 2))).astype(np.int64)
    files.write(
        "article_reviews",
        {
            "article_id": article_ids(article),
            "reviewed_at": moments(reviewed),
            "criteria_checked": numbers(checked),
            "criteria_met": numbers(checked - missed),
        },
    )


def write_users(
    files: CsvFiles,
    ids: pa.Array,
    role: pa.Array,
    organization: pa.Array,
    day: Ints,
    person: Ints,
    clock: Clock,
) -> None:
    """Write users; ``person`` numbers their addresses."""
    count = len(person)
    files.write(
        "user",
        {
            "id": ids,
            **synced(count, clock),
            "active": always(True, count),
            "created_at": stamps(day, 30000),
            "email": text_ids(f"user.{MARK}.", person, 10, ADDRESS),
            "name": constant(PERSON, count),
            "organization_id": organization,
            "phone": text_ids(f"+1.{MARK}.", person),
            "role": role,
            "updated_at": stamps(day, 30000),
        },
        personal=("email", "name", "phone"),
    )


def write_accounts(files: CsvFiles, people: People, clock: Clock) -> None:
    """Write organizations with the id of their CRM account, and three users of each."""
    frame = accounts(people)
    frame = take(frame, (frame["ordinal"] < 8) & (people.model[frame["customer"]] != PROSPECT))
    count, who = size(frame), frame["customer"]
    begun = np.minimum(month_start(people.join_month[who]) - 10, clock.as_of)
    organization = text_ids("36", frame["account"])
    crm = text_ids("001DM", frame["account"], 10, "AAA")
    by_field = frame["account"] % 2 == 0
    files.write(
        "organization",
        {
            "id": organization,
            **synced(count, clock),
            "created_at": stamps(begun, 30000),
            # Some are joined by a field of their own, others by the external id.
            "custom_salesforce_id": either(by_field, crm, constant(None, count)),
            "details": constant(NOTE, count),
            "external_id": either(by_field, constant(None, count), crm),
            "name": pa.array([people.names[w] for w in who.tolist()], pa.string()),
            "notes": constant(NOTE, count),
            "updated_at": stamps(begun, 30000),
        },
        personal=("details", "notes"),
    )
    alone = np.nonzero(people.is_unmatched)[0]
    account = np.concatenate([frame["account"], people.index[alone] * 10])
    day = np.concatenate([begun, np.minimum(month_start(people.join_month[alone]) - 10, clock.as_of)])
    owner = np.concatenate([frame["account"], np.full(len(alone), NONE)])
    user = (account[:, None] * 10 + np.arange(3)[None, :]).ravel()
    write_users(
        files,
        user_ids(user),
        constant("end-user", len(user)),
        text_ids("36", np.repeat(owner, 3)),
        np.repeat(day, 3),
        user,
        clock,
    )


def ticket_columns(count: int, clock: Clock) -> dict[str, pa.Array]:
    """The columns of a ticket in their order, empty but for the texts that people wrote."""
    nothing = constant(None, count)
    names = [
        "assignee_id", "created_at", "custom_cause", "custom_contact_reason", "custom_jira_issue_keys", "custom_product",
        "custom_release", "custom_sentiment", "custom_topic", "custom_total_time_spent_sec", "description", "external_id",
        "has_incidents", "is_public", "merged_ticket_ids", "organization_id", "priority", "problem_id", "requester_id", "status",
        "subject", "submitter_id", "type", "updated_at", "via_channel",
    ]  # fmt: skip
    return {
        "id": nothing,
        **synced(count, clock),
        **dict.fromkeys(names, nothing),
        "custom_total_time_spent_sec": numbers(np.full(count, NONE)),
        "description": constant(NOTE, count),
        "is_public": always(True, count),
        "subject": constant(OWN_WORDS, count),
    }


def requesters(cases: Frame) -> pa.Array:
    """Who asks: a user of the customer; an agent where the ticket is internal."""
    return either(cases["exclusion"] == INTERNAL, agent_ids(cases["agent"]), user_ids(cases["requester"]))


def write_tickets(files: CsvFiles, cases: Frame, seed: int, clock: Clock) -> None:
    """Write tickets, their tags, ratings and the vendor's own times."""
    count, number = size(cases), cases["number"]
    is_closed, is_solved = cases["closed"] != NONE, cases["final"] != NONE
    status = np.where(is_closed, 4, np.where(is_solved, 3, np.where(cases["reopened"] != NONE, 1, 0)))
    status = np.where((status == 0) & (cases["replied"] != NONE), 1, status)
    status = np.where(cases["exclusion"] == DELETED, 5, status)
    by_ticket = (cases["issue"] != NONE) & (link_place(number) == 1)
    feeling = np.where(cases["good"] == 1, 0, np.where(cases["good"] == 0, 2, 1))
    feeling = np.where(noise(seed, "feeling", number) < 0.5, feeling, -1)
    merged = pc.binary_join_element_wise(pa.scalar("["), ticket_ids(cases["merged"]), pa.scalar("]"), "")
    files.write(
        "ticket",
        {
            **ticket_columns(count, clock),
            "id": ticket_ids(number),
            "assignee_id": agent_ids(np.where(cases["automated"] == 1, NONE, cases["agent"])),
            "created_at": moments(cases["created"]),
            "custom_cause": labels(CAUSES, np.where(cases["solved"] == NONE, -1, cases["cause"])),
            "custom_contact_reason": labels(REASON_WORDS, cases["last_reason"]),
            "custom_jira_issue_keys": text_ids("PSD-", np.where(by_ticket, cases["issue"], NONE), 1),
            "custom_product": labels(FAMILIES, cases["family"]),
            "custom_release": pa.array(release_names(cases["family"], cases["month"])),
            "custom_sentiment": labels(["positive", "neutral", "very_negative"], feeling),
            "custom_topic": labels(TOPICS, cases["topic"]),
            "custom_total_time_spent_sec": numbers(cases["seconds"]),
            "has_incidents": always(False, count),
            "merged_ticket_ids": pc.coalesce(merged, constant("[]", count)),
            "organization_id": text_ids("36", cases["account"]),
            "priority": labels(PRIORITIES, cases["severity"]),
            "problem_id": ticket_ids(np.where(cases["problem"] == NONE, NONE, PROBLEMS + cases["problem"])),
            "requester_id": requesters(cases),
            "status": labels(["new", "open", "", "solved", "closed", "deleted"], status),
            "submitter_id": requesters(cases),
            "type": labels(["incident"], np.where(cases["problem"] == NONE, -1, 0)),
            "updated_at": moments(
                np.maximum.reduce(
                    [
                        cases[name]
                        for name in ("created", "replied", "solved", "reopened", "again", "closed", "rated")
                    ]
                )
            ),
            "via_channel": labels(CHANNELS, cases["channel"]),
        },
        personal=("custom_contact_reason", "description", "subject"),
    )
    tags = [(MERGED, "closed_by_merge"), (DUPLICATE, "duplicate")]
    for exclusion, tag in tags:
        # Half of the merged tickets carry no tag: the ticket that lives on names them.
        chosen = (cases["exclusion"] == exclusion) & ((exclusion != MERGED) | (number // 48 % 2 == 0))
        files.write(
            "ticket_tag",
            {
                "tag": constant(tag, int(chosen.sum())),
                "ticket_id": ticket_ids(number[chosen]),
                **synced(int(chosen.sum()), clock),
            },
        )
    rated = take(cases, cases["rated"] != NONE)
    # Some ratings reach the warehouse as a rating, all as a change of the ticket.
    files.write(
        "satisfaction_rating",
        {
            "id": text_ids("53", rated["number"], 12),
            **synced(size(rated), clock),
            "comment": constant(OWN_WORDS, size(rated)),
            "created_at": moments(rated["rated"] - 1800),
            "requester_id": user_ids(rated["requester"]),
            "score": labels(["bad", "good"], rated["good"]),
            "ticket_id": ticket_ids(rated["number"]),
            "updated_at": moments(rated["rated"]),
        },
        personal=("comment",),
    )
    measured = take(cases, cases["is_measured"] == 1)
    last = np.where(measured["again"] != NONE, measured["again"], measured["solved"])
    files.write(
        "ticket_metric",
        {
            "ticket_id": ticket_ids(measured["number"]),
            **synced(size(measured), clock),
            "created_at": moments(measured["created"]),
            "full_resolution_time_in_minutes": both_minutes(measured["created"], last),
            "replies": numbers(np.bincount(reply_moments(measured, clock)["row"], minlength=size(measured))),
            "reply_time_in_minutes": both_minutes(measured["created"], measured["replied"]),
            "solved_at": moments(last),
            "updated_at": moments(np.maximum(measured["created"], last)),
        },
    )


def business_minutes(begin: Ints, end: Ints) -> Ints:
    """Minutes as the vendor counts them: a third of the day is business."""
    return np.where(end == NONE, NONE, (end - begin) // 60 // 3)


def both_minutes(begin: Ints, end: Ints) -> pa.Array:
    """Minutes by the vendor's own clock and by the calendar, as one JSON object; null where the end is unknown."""
    calendar = np.where(end == NONE, NONE, (end - begin) // 60)
    parts = [ticket_ids(business_minutes(begin, end)), ticket_ids(calendar)]
    words = [pa.scalar(text) for text in ('{"business": ', ', "calendar": ', "}")]
    return pc.binary_join_element_wise(words[0], parts[0], words[1], parts[1], words[2], "")


def write_history(files: CsvFiles, cases: Frame, clock: Clock) -> None:
    """Write every change of a ticket's status, reason, score and subject."""
    robot, asker, agent, solver = 0, 1, 2, 3
    every = np.ones(size(cases), dtype=bool)
    changed = cases["first_reason"] != cases["last_reason"]
    by_agent = cases["automated"] == 0
    cases = {**cases, "routed_at": cases["created"] + ROUTED_AFTER}
    by_robot = cases["routed"] == 1
    words = [
        (by_robot, "routed_at", "group_id", constant("support", size(cases)), robot),
        (~by_robot, "routed_at", "group_id", constant("support", size(cases)), agent),
        (every, "created", "status", constant("new", size(cases)), asker),
        (every, "created", "subject", constant(OWN_WORDS, size(cases)), asker),
        (cases["replied"] != NONE, "replied", "status", constant("open", size(cases)), agent),
        (every, "solved", "status", constant("solved", size(cases)), solver),
        (every, "reopened", "status", constant("open", size(cases)), asker),
        (every, "again", "status", constant("solved", size(cases)), agent),
        (every, "closed", "status", constant("closed", size(cases)), robot),
        (
            cases["first_reason"] >= 0,
            "created",
            "custom_contact_reason",
            labels(REASON_WORDS, cases["first_reason"]),
            asker,
        ),
        (changed, "solved", "custom_contact_reason", labels(REASON_WORDS, cases["last_reason"]), solver),
        (every, "rated", "satisfaction_score", labels(["bad", "good"], cases["good"]), asker),
    ]
    asked, answered = requesters(cases), agent_ids(cases["agent"])
    system = constant("-1", size(cases))
    people = {robot: system, asker: asked, agent: answered, solver: either(by_agent, answered, system)}
    for flags, moment, field, value, person in words:
        chosen = np.asarray(flags & (cases[moment] != NONE))
        rows = pa.array(chosen)
        count = int(chosen.sum())
        files.write(
            "ticket_field_history",
            {
                "field_name": constant(field, count),
                "ticket_id": ticket_ids(cases["number"][chosen]),
                "updated": moments(cases[moment][chosen]),
                **synced(count, clock),
                "user_id": people[person].filter(rows),
                "value": value.filter(rows),
            },
            personal=("value",),
        )
    offered = take(cases, (cases["final"] != NONE) & (cases["exclusion"] == 0))
    # On the day after the solving the customer is asked.
    asked_at = offered["final"] + DAY
    chosen = asked_at < (clock.as_of + 1) * DAY
    files.write(
        "ticket_field_history",
        {
            "field_name": constant("satisfaction_score", int(chosen.sum())),
            "ticket_id": ticket_ids(offered["number"][chosen]),
            "updated": moments(asked_at[chosen]),
            **synced(int(chosen.sum()), clock),
            "user_id": constant("-1", int(chosen.sum())),
            "value": constant("offered", int(chosen.sum())),
        },
        personal=("value",),
    )


def write_comments(files: CsvFiles, cases: Frame, clock: Clock) -> None:
    """Write the question, the bot's answer, and every reply."""
    replies = reply_moments(cases, clock)
    row = replies["row"]
    step = np.arange(len(row)) - np.searchsorted(row, row)
    automated = np.nonzero((cases["automated"] == 1) & (cases["solved"] != NONE))[0]
    parts = [
        (cases["number"] * 8, cases["number"], cases["created"], requesters(cases)),
        (
            cases["number"][automated] * 8 + 7,
            cases["number"][automated],
            cases["created"][automated] + 300,
            constant("-1", len(automated)),
        ),
        (
            cases["number"][row] * 8 + 1 + step,
            cases["number"][row],
            replies["moment"],
            agent_ids(cases["agent"][row]),
        ),
    ]
    for ids, ticket, moment, author in parts:
        count = len(ids)
        files.write(
            "ticket_comment",
            {
                "id": text_ids("54", ids, 14),
                **synced(count, clock),
                "body": constant(NOTE, count),
                "created": moments(moment),
                "public": always(True, count),
                "ticket_id": ticket_ids(ticket),
                "user_id": author,
            },
            personal=("body",),
        )


def write_zendesk(files: CsvFiles, people: People, cases: Frame, seed: int, clock: Clock) -> None:
    """Write one block's accounts, users, tickets and all that belongs to them."""
    write_accounts(files, people, clock)
    write_tickets(files, cases, seed, clock)
    write_history(files, cases, clock)
    write_comments(files, cases, clock)
    written = take(cases, cases["article"] >= ARTICLES)
    write_articles(files, written["article"], written["solved"], clock)


def write_links(files: CsvFiles, cases: Frame, clock: Clock) -> None:
    """Write articles linked to cases, and defects that no vendor links."""
    linked = take(cases, cases["article"] != NONE)
    count = size(linked)
    created = linked["article"] >= ARTICLES
    files.write(
        "case_articles",
        {
            "case_system": constant("zendesk", count),
            "case_id": ticket_ids(linked["number"]),
            "article_id": article_ids(linked["article"]),
            "link_type": labels(["linked", "created"], created.astype(np.int64)),
            "linked_at": moments(np.where(created, linked["solved"], linked["replied"])),
        },
    )
    by_hand = take(cases, (cases["issue"] != NONE) & (link_place(cases["number"]) == 2))
    count = size(by_hand)
    files.write(
        "case_defects",
        {
            "case_system": constant("zendesk", count),
            "case_id": ticket_ids(by_hand["number"]),
            "defect_system": constant("jira", count),
            "defect_id": ticket_ids(by_hand["issue"]),
            "recorded_date": dates(by_hand["created"] // DAY),
        },
    )


def tickets_of_issues(cases: Frame) -> tuple[Ints, Ints]:
    """Issues and the tickets that they name themselves."""
    named = (cases["issue"] != NONE) & (link_place(cases["number"]) == 0)
    return cases["issue"][named], cases["number"][named]


def tickets_by_issue(named: list[tuple[Ints, Ints]]) -> dict[int, list[str]]:
    """Ids of the tickets that each issue names, block after block."""
    tickets: dict[int, list[str]] = {}
    for issue, number in named:
        for one, ticket in zip(issue.tolist(), number.tolist(), strict=True):
            tickets.setdefault(one, []).append(str(ticket))
    return tickets


def write_sessions(files: CsvFiles, sessions: Frame) -> None:
    """Write visits to self-service."""

    def answer(name: str) -> pa.Array:
        return labels(["false", "true"], sessions[name])

    files.write(
        "self_service_sessions",
        {
            "session_id": text_ids("S", sessions["number"], 12),
            "account_id": text_ids("001DM", sessions["account"], 10, "AAA"),
            "user_id": text_ids(f"user.{MARK}.", sessions["user"], 10, ADDRESS),
            "started_at": moments(sessions["started"]),
            "is_entitled": booleans(sessions["entitled"]),
            "found_answer": answer("found"),
            "intended_case": answer("intended"),
            "no_further_action": answer("done"),
            "channel": labels(SESSION_CHANNELS, sessions["channel"]),
            "article_id": article_ids(sessions["article"]),
        },
        personal=("user_id",),
    )


def count_cases(cases: Frame, people: People, clock: Clock) -> Ints:
    """Cases opened in scope by month and region."""
    counted = take(cases, cases["exclusion"] == 0)
    result = np.zeros((clock.months, len(REGIONS)), dtype=np.int64)
    np.add.at(result, (counted["month"] - clock.first_month, people.region[counted["customer"]]), 1)
    return result


def hourly_cents(year: Ints, region: Ints, clock: Clock) -> Ints:
    """Cost of an hour of support in a year and region, with all that it takes; in cents."""
    return (90 + 4 * (year - clock.first_month // 12) + 6 * region) * 100


def write_costs(files: CsvFiles, opened: Ints, seed: int, clock: Clock) -> Ints:
    """Write service costs by month, region and line, hourly rates by year, and the days of fixes; return the cents of support by month."""
    line, region, month = (
        part.ravel()
        for part in np.meshgrid(
            np.arange(len(SERVICE_LINES)), np.arange(len(REGIONS)), np.arange(clock.months), indexing="ij"
        )
    )
    number = (line * 10 + region) * 10000 + month + clock.first_month - (clock.first_month // 12) * 12
    swing = 0.9 + 0.2 * noise(seed, "cost", number)
    amount = (MONTHLY_COST[line] * swing * 100).astype(np.int64)
    amount += np.where(line == 0, opened[month, region] * 10500, 0)
    count = len(number)
    files.write(
        "service_costs",
        {
            "cost_id": text_ids("C", number, 8),
            "period_month": dates(month_start(month + clock.first_month)),
            "service_line": labels(SERVICE_LINES, line),
            "cost_centre": text_ids("CC-", line, 3),
            "region": labels(REGIONS, region),
            "amount": decimals(amount, 2),
            "currency": constant("USD", count),
            "is_investment": booleans((line == 1) & (region == 0) & (month % 6 == 0)),
        },
    )
    years = np.arange(clock.first_month // 12, 2027, dtype=np.int64)
    year, place = (part.ravel() for part in np.meshgrid(years, np.arange(len(REGIONS)), indexing="ij"))
    count = len(year)
    files.write(
        "labour_rates",
        {
            "rate_id": text_ids("R", year * 10 + place, 6),
            "role": constant("support", count),
            "region": labels(REGIONS, place),
            "valid_from": dates(month_start(year * 12)),
            "hourly_cost": decimals(hourly_cents(year, place, clock), 2),
            "currency": constant("USD", count),
        },
    )
    # Development sits in one place.
    count = len(years)
    files.write(
        "labour_rates",
        {
            "rate_id": text_ids("RE", years, 6),
            "role": constant("Engineering", count),
            "region": constant(None, count),
            "valid_from": dates(month_start(years * 12)),
            "hourly_cost": decimals(np.full(count, ENGINEERING_CENTS), 2),
            "currency": constant("USD", count),
        },
    )
    fixed = np.nonzero((FIX_MONTHS < NEVER) & (clock.first_month <= FIX_MONTHS))[0]
    files.write(
        "cause_fixes",
        {"cause": labels(CAUSES, fixed), "fixed_date": dates(month_start(FIX_MONTHS[fixed]))},
    )
    of_support = np.zeros(clock.months, dtype=np.int64)
    np.add.at(of_support, month[line == 0], amount[line == 0])
    return of_support


ACTIVITIES = [
    "Answering cases",
    "Triage",
    "Article writing",
    "Problem analysis",
    "Coaching",
    "Firefighting",
]
"""What agents do: the first two are no work of higher value, of the last the seed knows nothing."""


def write_time(files: CsvFiles, seed: int, clock: Clock) -> None:
    """Write the time sheets of agents: what the help desk does by itself leaves them time for better things."""
    months = np.arange(clock.first_month, clock.first_month + clock.months, dtype=np.int64)
    month, agent, activity = (
        part.ravel()
        for part in np.meshgrid(
            months,
            np.arange(AGENTS, dtype=np.int64),
            np.arange(len(ACTIVITIES), dtype=np.int64),
            indexing="ij",
        )
    )
    # Hardly anybody writes what no list knows.
    chosen = (activity < len(ACTIVITIES) - 1) | ((agent == 0) & (month % 6 == 0))
    month, agent, activity = month[chosen], agent[chosen], activity[chosen]
    number = (month * AGENTS + agent) * len(ACTIVITIES) + activity
    share = routing_share(month)
    parts = np.stack(
        [0.70 - 0.35 * share, 0.18 - 0.15 * share, 0.04 + 0.2 * share, 0.04 + 0.2 * share, 0.02 + 0.1 * share, 0.02 + 0 * share]
    )  # fmt: skip
    swing = 0.8 + 0.4 * noise(seed, "time", number)
    minutes = (8000 * parts[activity, np.arange(len(number))] * swing).astype(np.int64)
    count = len(number)
    files.write(
        "time_entries",
        {
            "entry_id": text_ids("T", number, 9),
            "worked_date": dates(month_start(month) + 10 + activity * 3),
            "person_id": text_ids(f"user.{MARK}.", agent, 10, ADDRESS),
            "role": constant("support", count),
            "service_line": constant("support", count),
            "activity": labels(ACTIVITIES, activity),
            "minutes": numbers(minutes),
        },
        personal=("person_id",),
    )
