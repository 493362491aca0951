"""The truth about touches, surveys, risks and health scores, as the warehouse's contract entities have to show it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.care import (
    ADOPTION_SHARE,
    ANSWERED,
    BARRIER,
    BARRIERS,
    CALL,
    INTENT,
    INTENT_STATES,
    KINDS,
    MISSED,
    NPS,
    QUESTIONS,
    RISK_REASONS,
    RISK_TYPES,
    STATES,
    Care,
    crm_delay,
    is_with_lead,
)
from postsale.demo.clock import Clock, Flags, Ints
from postsale.demo.frames import (
    ParquetFiles,
    booleans,
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
from postsale.demo.people import People

MILLION = 10**6
CHANNELS = {
    "meeting": "meeting",
    "call": "phone",
    "email": "email",
    "business_review": "meeting",
    "training": "event",
    "bulk_email": "email",
    "kick_off": "meeting",
    "risk_review": "meeting",
}
"""Channel of a type of touch; others have none."""


def write_care_ledger(files: ParquetFiles, people: People, care: Care, clock: Clock) -> None:
    """Write one block's truth."""
    ids = people.customer_ids()

    def name(rows: Ints) -> pa.Array:
        return ids.take(pa.array(rows))

    touch = care.touches
    for copy in (False, True):
        # A meeting of the success team that sales has in its calendar, too, is there a second time.
        rows = take(touch, touch["also_in_crm"] == 1) if copy else touch
        kind, fate = rows["kind"], rows["fate"]
        is_crm = np.array([item.system == "salesforce" for item in KINDS])[kind] | copy
        two_way = np.array([item.is_two_way for item in KINDS])[kind] & ~((fate == MISSED) & (kind == CALL))
        done = (fate == ANSWERED) | ((fate == MISSED) & (kind == CALL))
        unknown = np.array([item.mode == "unknown" for item in KINDS])[kind]
        files.write(
            "engagements",
            {
                "engagement_key": touch_keys(is_crm, kind, rows["number"], copy),
                "customer_id": ids.take(pa.array(rows["customer"], mask=is_with_lead(rows))),
                "engagement_type": labels([item.engagement_type for item in KINDS], kind),
                "mode": labels([item.mode for item in KINDS], kind),
                "channel": labels([CHANNELS.get(item.engagement_type, "") for item in KINDS], kind),
                "direction": labels(["inbound", "outbound"], rows["direction"]),
                "started_at": stamps(rows["day"], rows["second"] + copy * crm_delay(rows)),
                "engagement_date": dates(rows["day"]),
                "is_two_way": pa.array(two_way, mask=unknown),
                "is_completed": booleans(done),
                "sentiment": labels(
                    ["positive", "neutral", "negative"], np.full(size(rows), -1) if copy else rows["tone"]
                ),
            },
        )
    known = care.invitations["sent"] <= clock.as_of
    asked = take(care.invitations, known)
    files.write(
        "survey_invitations",
        {
            "invitation_key": pc.binary_join_element_wise(
                text_ids("qualtrics:EMD_IN", asked["sent"], 8),
                text_ids("CID_DM", people.index[asked["customer"]] * 10 + asked["contact"], 10),
                ":",
            ),
            "customer_id": name(asked["customer"]),
            "sent_date": dates(asked["sent"]),
            "completed_date": dates(asked["completed"]),
            "is_failed": booleans(asked["is_failed"]),
        },
    )
    write_answers(files, people, care)
    risk = care.risks
    files.write(
        "risk_records",
        {
            "risk_key": text_ids("gainsight:1S01DM", risk["number"], 14),
            "customer_id": name(risk["customer"]),
            "risk_type": labels(RISK_TYPES, risk["type"]),
            "risk_reason": labels([reason for _, reason in RISK_REASONS], risk["reason"]),
            "opened_date": dates(risk["opened"]),
            "closed_date": dates(risk["closed"]),
        },
    )
    score = care.scores
    files.write(
        "health_scores",
        {
            "customer_id": name(score["customer"]),
            "score_date": dates(clock.month_ends[score["month"]]),
            "score": numbers(score["score"]),
            "relationship_state": labels(STATES, score["state"]),
        },
    )


def touch_keys(is_crm: Flags, kind: Ints, number: Ints, is_copy: bool) -> pa.Array:
    """Keys of touches in the warehouse."""
    is_event = np.array([item.broad == "Event" for item in KINDS])[kind] | is_copy
    choices = [
        text_ids("gainsight:1I00DM", number, 12),
        text_ids("salesforce:00TDM", number, 12, "AAA"),
        text_ids("salesforce:00UDM", number, 12, "AAA"),
    ]
    chosen = np.where(is_crm, 1 + is_event, 0)
    return (
        pa.chunked_array(choices)
        .take(pa.array(np.arange(len(number)) + chosen * len(number)))
        .combine_chunks()
    )


def write_answers(files: ParquetFiles, people: People, care: Care) -> None:
    """Write the answers that count."""
    spam = care.invitations["number"][care.invitations["is_spam"] == 1]
    answer = take(
        care.answers, (care.answers["is_gainsight"] == 1) | ~np.isin(care.answers["number"] // 10, spam)
    )
    question, value = answer["question"], answer["value"]
    count = size(answer)
    # Some customers' satisfaction is asked in percent, in steps of a quarter: the same points.
    score = np.where(question == ADOPTION_SHARE, value * (MILLION // 100), value * MILLION)
    has_score = ~np.isin(question, (BARRIER, INTENT))
    of_gainsight = [text_ids(f"gainsight:{name}:1P06DM", answer["number"], 14) for name in ("nps", "csat")]
    choices = [text_ids("qualtrics:qr", answer["number"], 14), *of_gainsight]
    chosen = np.where(answer["is_gainsight"] == 1, np.where(question == NPS, 1, 2), 0)
    files.write(
        "survey_answers",
        {
            "answer_key": pa.chunked_array(choices)
            .take(pa.array(np.arange(count) + chosen * count))
            .combine_chunks(),
            "customer_id": people.customer_ids().take(pa.array(answer["customer"])),
            "contact": numbers(people.index[answer["customer"]] * 10 + answer["contact"]),
            "question_kind": labels(QUESTIONS, question),
            "score": pc.if_else(pa.array(has_score), decimals(np.where(has_score, score, 0), 6), None),
            "answer": pc.coalesce(
                labels(INTENT_STATES, np.where(question == INTENT, answer["code"], -1)),
                labels(BARRIERS, np.where(question == BARRIER, answer["code"], -1)),
            ),
            "answered_date": dates(answer["day"]),
        },
    )
