"""Development's issues as Jira's exports show them (the layout of Fivetran's Jira connector)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.canaries import NOTE, OWN_WORDS
from postsale.demo.cases import (
    COPY,
    ISSUES_A_MONTH,
    OPEN,
    PRODUCT_FAMILIES,
    issue_months,
    issues,
    release_names,
)
from postsale.demo.catalog import FAMILIES
from postsale.demo.clock import NONE, Clock, Ints, month_start
from postsale.demo.frames import CsvFiles, always, constant, dates, numbers, size, stamps, take, text_ids
from postsale.demo.support_files import moments

RESOLUTIONS = ["Fixed", "Works as designed", "Cannot Reproduce", "Duplicate"]


def synced(count: int, clock: Clock) -> dict[str, pa.Array]:
    """The loader's own column."""
    return {"_fivetran_synced": stamps(np.full(count, clock.as_of), 22000)}


def ids(prefix: str, numbers_: Ints) -> pa.Array:
    """Ids as Jira numbers things; unknown gives null."""
    return text_ids(prefix, numbers_, 1)


def every_issue(clock: Clock) -> Ints:
    """Numbers of all issues."""
    place = np.arange(PRODUCT_FAMILIES * ISSUES_A_MONTH, dtype=np.int64)
    return (issue_months(clock)[:, None] * 9 + place[None, :]).ravel()


def releases(family: Ints, month: Ints) -> Ints:
    """Number of the release of a product family in a month."""
    return family * 10000 + month // 3


def write_lists(files: CsvFiles, clock: Clock) -> None:
    """Write the names behind ids: types, resolutions, statuses, project, components, versions."""
    for table, first, names in (
        ("issue_type", 10100, ["Bug", "Story"]),
        ("resolution", 10000, RESOLUTIONS),
        ("status", 3, ["Open", "Done"]),
    ):
        files.write(
            table,
            {
                "id": ids("", np.arange(first, first + len(names), dtype=np.int64)),
                **synced(len(names), clock),
                "description": constant(None, len(names)),
                "name": pa.array(names),
            },
        )
    files.write(
        "project",
        {
            "id": pa.array(["10001"]),
            **synced(1, clock),
            "key": pa.array(["PSD"]),
            "name": pa.array(["Platform"]),
        },
    )
    family = np.arange(PRODUCT_FAMILIES, dtype=np.int64)
    files.write(
        "component",
        {
            "id": ids("20", family),
            **synced(PRODUCT_FAMILIES, clock),
            "description": constant(None, PRODUCT_FAMILIES),
            "name": pa.array(FAMILIES[:PRODUCT_FAMILIES]),
            "project_id": constant("10001", PRODUCT_FAMILIES),
        },
    )
    quarters = np.unique(issue_months(clock) // 3)
    quarters = np.append(quarters, quarters[-1] + 1)
    every = np.tile(quarters, PRODUCT_FAMILIES)
    family = np.repeat(family, len(quarters))
    count = len(every)
    files.write(
        "version",
        {
            "id": ids("30", releases(family, every * 3)),
            **synced(count, clock),
            "archived": always(False, count),
            "description": constant(None, count),
            "name": pa.array(release_names(family, every * 3)),
            "project_id": constant("10001", count),
            "release_date": dates(month_start(every * 3)),
            "released": pa.array(month_start(every * 3) <= clock.as_of),
        },
    )


def write_jira(files: CsvFiles, tickets: dict[int, list[str]], seed: int, clock: Clock) -> None:
    """Write every issue and its history; ``tickets`` are those that an issue names."""
    write_lists(files, clock)
    frame = issues(every_issue(clock), seed, clock)
    count, issue = size(frame), frame["issue"]
    is_open = frame["resolution"] == OPEN
    resolution = ids("", np.where(is_open, NONE, 9999 + frame["resolution"]))
    files.write(
        "issue",
        {
            "id": ids("", issue),
            "_fivetran_deleted": always(False, count),
            **synced(count, clock),
            "created": moments(frame["created"]),
            "custom_zendesk_ticket_ids": pa.array(
                [", ".join(tickets[one]) if one in tickets else None for one in issue.tolist()], pa.string()
            ),
            "description": constant(NOTE, count),
            "issue_type": constant("10100", count),
            "key": ids("PSD-", issue),
            "project": constant("10001", count),
            "resolution": resolution,
            "resolved": moments(frame["resolved"]),
            "status": ids("", np.where(is_open, 3, 4)),
            "summary": constant(OWN_WORDS, count),
            "time_spent": numbers(np.where(is_open, NONE, 3600 * (1 + issue % 20))),
            "updated": moments(np.maximum(frame["created"], frame["resolved"])),
        },
        personal=("description", "summary"),
    )
    done = np.nonzero(~is_open)[0]
    for rows, moment, field, value in (
        (np.arange(count), frame["created"], "summary", constant(OWN_WORDS, count)),
        (done, frame["resolved"], "resolution", resolution),
        (done, frame["resolved"], "status", constant("4", count)),
    ):
        files.write(
            "issue_field_history",
            {
                "field_id": constant(field, len(rows)),
                "issue_id": ids("", issue[rows]),
                "time": moments(moment[rows]),
                **synced(len(rows), clock),
                "value": value.take(pa.array(rows)),
                "is_active": always(True, len(rows)),
                "author_id": constant("5c3326c24b248c315badf3ee", len(rows)),
            },
            personal=("value",),
        )
    later = np.minimum(frame["month"] + 3, issue_months(clock)[-1] + 3)
    for rows, field, value, prefix in (
        (np.arange(count), "components", frame["family"], "20"),
        (np.arange(count), "versions", releases(frame["family"], frame["month"]), "30"),
        (done, "fixVersions", releases(frame["family"], later), "30"),
    ):
        files.write(
            "issue_multiselect_history",
            {
                "_fivetran_id": ids(f"{field}-", issue[rows]),
                "time": moments(frame["created"][rows]),
                **synced(len(rows), clock),
                "field_id": constant(field, len(rows)),
                "issue_id": ids("", issue[rows]),
                "value": ids(prefix, value[rows]),
                "author_id": constant("5c3326c24b248c315badf3ee", len(rows)),
                "is_active": always(True, len(rows)),
            },
        )
    copies = take(frame, frame["resolution"] == COPY)
    files.write(
        "issue_link",
        {
            "issue_id": ids("", copies["issue"]),
            "related_issue_id": ids("", copies["original"]),
            **synced(size(copies), clock),
            "relationship": constant("duplicates", size(copies)),
        },
    )
