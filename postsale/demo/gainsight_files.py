"""What the success team logs, as Gainsight's exports show it (the layout of Fivetran's Gainsight connector)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.canaries import ADDRESS, MARK, NOTE, OWN_WORDS, marked
from postsale.demo.care import CSAT, KINDS, NPS, RISK_REASONS, RISK_WORDS, TONES, Care
from postsale.demo.clock import NEVER, NONE, Clock, Ints, month_start
from postsale.demo.frames import (
    CsvFiles,
    always,
    booleans,
    constant,
    dates,
    labels,
    numbers,
    size,
    stamps,
    take,
    text_ids,
)
from postsale.demo.people import People
from postsale.demo.plans import Plans, changed_days, has_criteria, newest_values

MANAGER = marked("Casey Holt")
PULSES = ["Angry", "Red", "Yellow", "Green"]
"""The managers' words for a customer's state, the worst first."""


def company_ids(index: Ints) -> pa.Array:
    """Gainsight ids of companies."""
    return text_ids("1P02DM", index, 10)


def loader(count: int, clock: Clock) -> dict[str, pa.Array]:
    """The loader's own columns."""
    return {
        "_fivetran_deleted": always(False, count),
        "_fivetran_synced": stamps(np.full(count, clock.as_of), 21000),
    }


def crm_ids(people: People, customer: Ints) -> pa.Array:
    """The Salesforce account that a company names: the customer's own, or one that was merged into it."""
    merged = (people.merged[customer] > 0) & (people.index[customer] % 2 == 1)
    return text_ids("001DM", people.index[customer] * 10 + 9 * merged, 10, "AAA")


def write_gainsight(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write one block's Gainsight exports."""
    write_companies(files, people, care, clock)
    write_timeline(files, people, care, clock)
    write_risks(files, people, care, clock)
    write_scores(files, people, care, clock)
    write_answers(files, people, care, clock)


def write_companies(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write the companies, each with its Salesforce account id: a fifth of them with its 15 characters."""
    known = np.nonzero(care.is_managed)[0]
    count = len(known)
    begun = np.minimum(month_start(people.join_month[known]) - 10, clock.as_of)
    ids = crm_ids(people, known).to_pylist()
    short = [
        name[:15] if i % 5 == 0 else name for i, name in zip(people.index[known].tolist(), ids, strict=True)
    ]
    files.write(
        "company",
        {
            "gsid": company_ids(people.index[known]),
            **loader(count, clock),
            "created_date": stamps(begun, 40000),
            "csm": text_ids("1P01CS", people.index[known] % 5, 4),
            "modified_date": stamps(begun, 40000),
            "name": pa.array([people.names[i] for i in known.tolist()], pa.string()),
            "sfdc_account_id": pa.array(short, pa.string()),
            "status_name": constant("Active", count),
        },
    )


def write_timeline(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write the activities of the timeline."""
    is_ours = np.array([kind.system == "gainsight" for kind in KINDS])
    touch = take(care.touches, is_ours[care.touches["kind"]])
    count, customer, kind = size(touch), touch["customer"], touch["kind"]
    words = [item.words for item in KINDS]
    is_milestone = np.array([item.broad == "Milestone" for item in KINDS])[kind]
    person = text_ids(f"contact.{MARK}.", people.index[customer] * 10, 7, ADDRESS)
    files.write(
        "activity_timeline",
        {
            "gsid": text_ids("1I00DM", touch["number"], 12),
            **loader(count, clock),
            "account_id": crm_ids(people, customer),
            "activity_date": stamps(touch["day"], touch["second"]),
            "ant_meeting_type_c": labels(words, np.where(is_milestone, -1, kind)),
            "ant_sentiment_c": labels(TONES, touch["tone"]),
            "author_id": text_ids("1P01CS", people.index[customer] % 5, 4),
            "created_date": stamps(touch["logged"], 64800),
            "external_attendees": person,
            "gs_company_id": company_ids(people.index[customer]),
            "internal_attendees": constant(MANAGER, count),
            "last_modified_date": stamps(touch["logged"], 64800),
            "milestone_type_name": labels(words, np.where(is_milestone, kind, -1)),
            "subject": constant(NOTE, count),
            "type_name": labels([item.broad for item in KINDS], kind),
            "user_email": constant(f"casey.{MARK}{ADDRESS}", count),
        },
        personal=("external_attendees", "internal_attendees", "subject", "user_email"),
    )


def write_calls(files: CsvFiles, columns: dict[str, pa.Array], clock: Clock) -> None:
    """Write calls to action; what they do not have is empty."""
    count = len(columns["gsid"])
    text = pa.nulls(count, pa.string())
    whole = pa.nulls(count, pa.int64())
    empty = {
        **dict.fromkeys(("competitor_gc", "reason_id", "reason_name", "risk_type_gc", "status_name"), text),
        **dict.fromkeys(("owner_id", "playbook_id", "service_gc", "success_criteria", "success_plan_id", "unit_gc"), text),
        **dict.fromkeys(("baseline_value_gc", "current_value_gc", "percent_complete", "target_value_gc", "weight_gc"), whole),
        **dict.fromkeys(("due_date", "start_date"), pa.nulls(count, pa.date32())),
        "name": constant(OWN_WORDS, count),
        **loader(count, clock),
    }  # fmt: skip
    filled = {**empty, **columns}
    files.write(
        "call_to_action",
        {name: filled[name] for name in ("gsid", *sorted(filled.keys() - {"gsid"}))},
        personal=("name", "owner_id", "success_criteria"),
    )


def write_risks(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write the calls to action: risks, and others that are none."""
    risk = care.risks
    count = size(risk)
    begun = np.nonzero(care.is_managed)[0]
    others = len(begun)
    start = np.minimum(month_start(people.join_month[begun]) + 20, clock.as_of)
    opened = np.concatenate([risk["opened"], start])
    closed = np.concatenate([risk["closed"], np.full(others, NEVER)])
    customer = np.concatenate([risk["customer"], begun])
    # Behind the risks: one of the lifecycle for each customer.
    none = np.full(others, -1, dtype=np.int64)
    type_code = np.concatenate([np.zeros(count, dtype=np.int64), np.full(others, 1)])
    total = count + others
    write_calls(
        files,
        {
            "gsid": text_ids("1S01DM", np.concatenate([risk["number"], 10**13 + people.index[begun]]), 14),
            "closed_date": stamps(closed, 50000),
            "company_id": company_ids(people.index[customer]),
            "competitor_gc": labels(
                ["Northwind Analytics"], np.where(np.concatenate([risk["reason"], none]) == 4, 0, -1)
            ),
            "created_date": stamps(opened, 45000),
            "entity_type": constant("CTA", total),
            "is_closed": booleans(closed < NEVER),
            "modified_date": stamps(np.where(closed < NEVER, closed, opened), 50000),
            "reason_id": text_ids("1I00RE", np.concatenate([risk["reason"], np.full(others, NONE)]), 4),
            "reason_name": labels(
                [words for words, _ in RISK_REASONS], np.concatenate([risk["reason"], none])
            ),
            "risk_type_gc": labels(RISK_WORDS, np.concatenate([risk["type"], none])),
            "type_id": text_ids("1I00TY", type_code, 4),
            "type_name": labels(["Risk", "Lifecycle"], type_code),
        },
        clock,
    )


def write_plans(files: CsvFiles, people: People, plans: Plans, clock: Clock) -> None:
    """Write the success plans, and their objectives among the calls to action."""
    plan, row = plans.plans, plans.objectives
    count = size(plan)
    is_closed = plan["closed"] < NEVER
    changed = np.where(is_closed, plan["closed"], plan["start"])
    files.write(
        "success_plan",
        {
            "gsid": text_ids("1S03DM", plan["number"], 14),
            **loader(count, clock),
            "active_date": stamps(np.where(plan["is_draft"] == 1, NEVER, plan["start"]), 45000),
            "agreed_date_gc": dates(plan["agreed"]),
            "closed_date": stamps(plan["closed"], 50000),
            "company_id": company_ids(people.index[plan["customer"]]),
            "created_date": stamps(plan["start"], 45000),
            "due_date": dates(plan["due"]),
            "is_closed": booleans(is_closed),
            "modified_date": stamps(changed, 50000),
            "start_date": dates(plan["start"]),
            "status_name": labels(
                ["Active", "Draft", "Closed"], np.where(is_closed, 2, np.where(plan["is_draft"] == 1, 1, 0))
            ),
        },
    )
    index = people.index[row["customer"]]
    total = size(row)
    measured = row["is_measured"] == 1
    write_calls(
        files,
        {
            "gsid": text_ids("1S02DM", row["number"], 14),
            "baseline_value_gc": numbers(row["baseline"]),
            "closed_date": stamps(row["closed"], 50000),
            "company_id": company_ids(index),
            "created_date": stamps(row["start"], 45000),
            "current_value_gc": numbers(newest_values(plans)),
            "due_date": dates(row["due"]),
            "entity_type": constant("Objective", total),
            "is_closed": booleans(row["closed"] < NEVER),
            "modified_date": stamps(changed_days(plans), 50000),
            "owner_id": text_ids(f"owner.{MARK}.", np.where(index % 8 == 0, NONE, index % 5), 4),
            "percent_complete": numbers(row["percent"]),
            "playbook_id": text_ids("1I00PB", np.where(row["number"] % 6 == 0, NONE, row["number"] % 4), 4),
            "reason_name": labels([words for words, _ in RISK_REASONS], row["reason"]),
            "service_gc": labels(["Adoption workshop"], row["has_service"] - 1),
            "start_date": dates(row["start"]),
            "status_name": labels(["Work In Progress", "Closed Success", "Closed Lost"], row["outcome"]),
            "success_criteria": labels([OWN_WORDS], np.where(has_criteria(row), 0, -1)),
            "success_plan_id": text_ids("1S03DM", row["plan"], 14),
            "target_value_gc": numbers(row["target"]),
            "type_id": constant("1I00TY0002", total),
            "type_name": constant("Objective", total),
            "unit_gc": labels(["hours"], np.where(measured, 0, -1)),
            "weight_gc": numbers(row["weight"]),
        },
        clock,
    )


def write_scores(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write the monthly scorecards; every other company is named by its Salesforce account."""
    score = care.scores
    count, index = size(score), people.index[score["customer"]]
    own, crm = company_ids(index), crm_ids(people, score["customer"])
    account = (
        pa.chunked_array([own, crm])
        .take(pa.array(np.arange(count) + count * (index % 2 == 0)))
        .combine_chunks()
    )
    files.write(
        "account_scorecard_history",
        {
            "account_id_gc": account,
            "_fivetran_synced": stamps(np.full(count, clock.as_of), 21000),
            "overall_score_account_gc": numbers(score["score"]),
            "scorecard_id_gc": constant("1I0054SC0001", count),
            "snapshot_date_gc": dates(clock.month_ends[score["month"]]),
            "tam_sentiment": labels(PULSES, score["state"]),
            "time_granularity_gc": constant("Monthly", count),
        },
    )


def write_answers(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write the answers to Gainsight's own surveys."""
    ours = take(care.answers, care.answers["is_gainsight"] == 1)
    for table, question in (("nps_survey_response", NPS), ("csat_survey_response", CSAT)):
        answer = take(ours, ours["question"] == question)
        count, index = size(answer), people.index[answer["customer"]]
        specific = (
            {"npsscore": numbers(answer["value"])}
            if question == NPS
            else {
                # Some surveys are scored in percent.
                "csatscore": numbers(np.where(index % 4 == 0, NONE, answer["value"])),
                "csatpercent": numbers(np.where(index % 4 == 0, (answer["value"] - 1) * 25, NONE)),
                "question_id": constant("1I00QU0001", count),
            }
        )
        files.write(
            table,
            {
                "gsid": text_ids("1P06DM", answer["number"], 14),
                **loader(count, clock),
                "comment": constant(OWN_WORDS, count),
                "company_id": company_ids(index),
                "person_id": text_ids("1P04DM", index * 10 + answer["contact"], 10),
                "responded_date": stamps(answer["day"], 55000),
                "survey_id": constant("1P07DM0001" if question == NPS else "1P07DM0002", count),
                **specific,
            },
            personal=("comment",),
        )
