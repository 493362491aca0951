"""The truth about cases, defects and self-service, from the simulated state and without any SQL."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.cases import (
    CAUSES,
    DAY,
    EXCLUSIONS,
    FOREIGN_WORDS,
    INTERNAL,
    KINDS,
    OPEN,
    PERFORMANCE,
    RESOLUTION_CLASSES,
    TOPICS,
    confirmed,
    issues,
    now,
    release_names,
    reply_moments,
)
from postsale.demo.catalog import FAMILIES
from postsale.demo.clock import NONE, Clock, Ints
from postsale.demo.frames import Frame, ParquetFiles, booleans, dates, labels, numbers, pc, size, text_ids
from postsale.demo.jira_files import every_issue
from postsale.demo.people import People
from postsale.demo.support_files import business_minutes, moments, ticket_ids


def flags(values: Ints) -> pa.Array:
    """true, false or null of 1, 0 or unknown."""
    return pa.array(values == 1, mask=values == NONE)


def minutes(begin: Ints, end: Ints, is_business: Ints) -> tuple[pa.Array, pa.Array]:
    """Whole minutes and their basis."""
    calendar = np.where(end == NONE, NONE, (end - begin) // 60)
    value = np.where(is_business == 1, business_minutes(begin, end), calendar)
    basis = labels(["calendar", "business"], np.where(end == NONE, -1, is_business))
    return numbers(value), basis


def agent_touches(cases: Frame, clock: Clock) -> Ints:
    """Moments at which an agent did something: routing, replying, solving; an agent asks where the ticket is internal."""
    replies = np.bincount(reply_moments(cases, clock)["row"], minlength=size(cases))
    solved = (cases["automated"] == 0) & (cases["solved"] != NONE)
    asked = cases["exclusion"] == INTERNAL
    return np.asarray(replies + solved + (cases["again"] != NONE) + asked + (cases["routed"] == 0))


def system_touches(cases: Frame, clock: Clock) -> Ints:
    """Moments at which the help desk did something by itself: routing, answering and solving, asking for a rating, closing."""
    answered = 2 * ((cases["automated"] == 1) & (cases["solved"] != NONE))
    asked = (cases["final"] != NONE) & (cases["exclusion"] == 0) & (cases["final"] + DAY < now(clock))
    return np.asarray((cases["routed"] == 1) + answered + asked + (cases["closed"] != NONE))


def write_support_ledger(files: ParquetFiles, people: People, cases: Frame, seed: int, clock: Clock) -> None:
    """Write what is true of every ticket of one block."""
    count = size(cases)
    customer = people.customer_ids().take(pa.array(cases["customer"]))
    is_known = pa.array(cases["account"] != NONE)
    told = np.where(cases["last_reason"] == FOREIGN_WORDS, -1, cases["last_reason"])
    by_row = np.bincount(reply_moments(cases, clock)["row"], minlength=count)
    reply, reply_basis = minutes(cases["created"], cases["replied"], cases["is_measured"])
    solving, solving_basis = minutes(cases["created"], cases["final"], cases["is_measured"])
    files.write(
        "cases",
        {
            "case_id": ticket_ids(cases["number"]),
            "customer_id": pc.if_else(is_known, customer, pa.scalar(None, pa.string())),
            "created_at": moments(cases["created"]),
            "closed_at": moments(cases["final"]),
            "reopen_count": numbers((cases["reopened"] != NONE).astype(np.int64)),
            "first_reply_at": moments(cases["replied"]),
            "first_reply_minutes": reply,
            "first_reply_basis": reply_basis,
            "resolution_minutes": solving,
            "resolution_basis": solving_basis,
            "channel": labels(["portal", "email", "chat", "phone"], cases["channel"]),
            "reported_reason": labels(KINDS, cases["first_reason"]),
            "confirmed_reason": labels(KINDS, confirmed(cases, seed, clock)),
            "is_preventable": flags(np.where(told < 0, NONE, told == PERFORMANCE)),
            "topic": labels(TOPICS, cases["topic"]),
            "product_family": labels(FAMILIES, cases["family"]),
            "release_name": pa.array(release_names(cases["family"], cases["month"]), pa.string()),
            "cause": labels(CAUSES, np.where(cases["solved"] == NONE, -1, cases["cause"])),
            "exclusion_reason": labels(EXCLUSIONS, cases["exclusion"]),
            "agent_touch_count": numbers(agent_touches(cases, clock)),
            "system_touch_count": numbers(system_touches(cases, clock)),
            "reply_count": numbers(by_row),
            "is_automated": flags(np.where(cases["final"] == NONE, NONE, cases["automated"])),
            "handle_minutes": numbers(np.where(cases["seconds"] == NONE, NONE, cases["seconds"] // 60)),
            "is_satisfied": flags(cases["good"]),
            "rated_date": dates(np.where(cases["rated"] == NONE, NONE, cases["rated"] // DAY)),
            "has_article": booleans(cases["article"] != NONE),
        },
    )
    linked = cases["issue"] != NONE
    files.write(
        "case_defects",
        {"case_id": ticket_ids(cases["number"][linked]), "defect_id": ticket_ids(cases["issue"][linked])},
    )


def write_session_ledger(files: ParquetFiles, people: People, sessions: Frame) -> None:
    """Write what is true of every visit to self-service of one block."""
    customer = people.customer_ids().take(pa.array(sessions["customer"]))
    is_known = pa.array(sessions["account"] != NONE)
    files.write(
        "self_service_sessions",
        {
            "session_id": text_ids("S", sessions["number"], 12),
            "customer_id": pc.if_else(is_known, customer, pa.scalar(None, pa.string())),
            "started_at": moments(sessions["started"]),
            "is_entitled": booleans(sessions["entitled"]),
            "is_answer_found": flags(sessions["found"]),
            "is_case_intended": flags(sessions["intended"]),
            "is_nothing_further_needed": flags(sessions["done"]),
        },
    )


def write_defect_ledger(files: ParquetFiles, seed: int, clock: Clock) -> None:
    """Write what is true of every issue."""
    frame = issues(every_issue(clock), seed, clock)
    files.write(
        "defects",
        {
            "defect_id": ticket_ids(frame["issue"]),
            "created_at": moments(frame["created"]),
            "resolved_at": moments(frame["resolved"]),
            "resolution_class": labels(
                [name or "" for name in RESOLUTION_CLASSES],
                np.where(frame["resolution"] == OPEN, -1, frame["resolution"]),
            ),
            "original_id": ticket_ids(frame["original"]),
            "product_family": labels(FAMILIES, frame["family"]),
            "release_name": pa.array(release_names(frame["family"], frame["month"])),
        },
    )
