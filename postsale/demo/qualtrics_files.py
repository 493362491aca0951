"""The relationship survey as Qualtrics' exports show it (the layout of Fivetran's Qualtrics connector)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.canaries import ADDRESS, MARK, OWN_WORDS, PERSON
from postsale.demo.care import BARRIER, PERCEPTION, Care
from postsale.demo.clock import NEVER, NONE, Clock, Flags, Ints, month_start
from postsale.demo.frames import (
    CsvFiles,
    always,
    booleans,
    constant,
    labels,
    numbers,
    pc,
    size,
    stamps,
    take,
    text_ids,
)
from postsale.demo.people import People

SURVEY = "SV_DemoRelation001"
TAGS = ["NPS", "PERCEPTION", "CRITICALITY", "INTENT", "ADOPTION_SHARE", "BARRIER"]
COMMENT = len(TAGS)
#: The impact question is answered in words, and numbered the other way round.
IMPACT = ["Negative", "No impact", "Neutral", "Positive", "Very positive"]
BARRIER_WORDS = ["Too complex", "Lacks skills", "Not aligned"]


def synced(count: int, clock: Clock) -> dict[str, pa.Array]:
    """The loader's own column."""
    return {"_fivetran_synced": stamps(np.full(count, clock.as_of), 22000)}


def contact_ids(people: People, customer: Ints, contact: Ints) -> pa.Array:
    """Ids of contacts."""
    return text_ids("CID_DM", people.index[customer] * 10 + contact, 10)


def distribution_ids(day: Ints, is_reminder: bool) -> pa.Array:
    """Ids of the sendings of a day."""
    return text_ids("EMD_RE" if is_reminder else "EMD_IN", day, 8)


def write_catalog(files: CsvFiles, clock: Clock) -> None:
    """Write the survey, its questions, and the sendings of every month."""
    old = month_start(np.array([clock.first_month - 12]))
    files.write(
        "survey",
        {
            "id": constant(SURVEY, 1),
            "_fivetran_deleted": always(False, 1),
            **synced(1, clock),
            "last_modified": stamps(old),
            "survey_name": constant("Relationship survey", 1),
            "survey_status": constant("Active", 1),
        },
    )
    asked = np.arange(len(TAGS) + 1, dtype=np.int64)
    files.write(
        "question",
        {
            "id": text_ids("QID", asked + 1, 1),
            "survey_id": constant(SURVEY, len(asked)),
            "_fivetran_deleted": always(False, len(asked)),
            **synced(len(asked), clock),
            "data_export_tag": labels([*TAGS, "COMMENT"], asked),
            "question_type": labels(["MC", "TE"], (asked == COMMENT).astype(np.int64)),
        },
    )
    sent = month_start(np.arange(clock.first_month, clock.first_month + clock.months, dtype=np.int64)) + 4
    for is_reminder in (False, True):
        count = len(sent)
        files.write(
            "distribution",
            {
                "id": distribution_ids(sent, is_reminder),
                "_fivetran_deleted": always(False, count),
                **synced(count, clock),
                "created_date": stamps(sent, 20000),
                "modified_date": stamps(sent, 20000),
                "parent_distribution_id": distribution_ids(np.where(is_reminder, sent, NONE), False),
                "request_type": constant("Reminder" if is_reminder else "Invite", count),
                "send_date": stamps(sent + 10 * is_reminder, 28800),
                "survey_link_survey_id": constant(SURVEY, count),
            },
        )


def write_qualtrics(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write one block's Qualtrics exports."""
    write_contacts(files, people, care, clock)
    write_responses(files, people, care, clock)
    write_answers(files, people, care, clock)


def write_contacts(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write who was asked, once for the invitation and once for the reminder."""
    asked = care.invitations
    is_done = asked["completed"] < NEVER
    has_begun = asked["responded"] < NEVER
    for is_reminder in (False, True):
        sent = asked["reminded"] if is_reminder else asked["sent"]
        here = sent > NONE
        answered_here: Flags = here & (asked["is_late"] == is_reminder)
        failed = (asked["is_failed"] == 1) & (not is_reminder)
        done = answered_here & is_done
        status = np.where(failed, 0, np.where(done, 2, np.where(answered_here & has_begun, 3, 1)))
        rows = take(
            {
                **asked,
                "sent_here": sent,
                "status": status,
                "done": np.where(done, asked["completed"], NEVER),
                "began": np.where(answered_here & has_begun, asked["responded"], NEVER),
                "response": np.where(answered_here & has_begun, asked["number"], NONE),
            },
            here,
        )
        count = size(rows)
        files.write(
            "distribution_contact",
            {
                "contact_id": contact_ids(people, rows["customer"], rows["contact"]),
                "distribution_id": distribution_ids(rows["sent"], is_reminder),
                **synced(count, clock),
                "opened_at": stamps(rows["began"], 36000),
                "response_completed_at": stamps(rows["done"], 36600),
                "response_id": text_ids("R_DM", rows["response"], 12),
                "response_started_at": stamps(rows["began"], 36000),
                "sent_at": stamps(rows["sent_here"], 28800),
                "status": labels(
                    ["Failure", "Success", "SurveyFinished", "SurveyPartiallyFinished"], rows["status"]
                ),
            },
        )


def write_responses(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write the responses, each with the Salesforce account of its customer, and a test that counts for nothing."""
    rows = take(care.invitations, care.invitations["responded"] < NEVER)
    count, customer = size(rows), rows["customer"]
    response = text_ids("R_DM", rows["number"], 12)
    is_finished = rows["completed"] < NEVER
    # Some got the link without an e-mail: they are known by the id of the contact.
    known = np.where(rows["contact"] == 2, NONE, people.index[customer] * 10 + rows["contact"])
    files.write(
        "survey_response",
        {
            "id": response,
            **synced(count, clock),
            "distribution_channel": constant("email", count),
            "end_date": stamps(rows["responded"], 36600),
            "finished": booleans(is_finished),
            "ip_address": constant(f"192.0.2.1.{MARK}", count),
            "last_modified_date": stamps(rows["responded"], 36600),
            "progress": numbers(np.where(is_finished, 100, 40)),
            "recipient_email": text_ids(f"contact.{MARK}.", known, 7, ADDRESS),
            "recipient_first_name": constant(PERSON, count),
            "recorded_date": stamps(rows["responded"], 36660),
            "start_date": stamps(rows["responded"], 36000),
            "status": labels(["0", "8"], rows["is_spam"]),
            "survey_id": constant(SURVEY, count),
            "user_language": constant("EN", count),
        },
        personal=("ip_address", "recipient_email", "recipient_first_name"),
    )
    fields = (
        ("sfdc_account_id", text_ids("001DM", people.index[customer] * 10, 10, "AAA")),
        ("Respondent", constant(PERSON, count)),
    )
    for key, value in fields:
        files.write(
            "survey_embedded_data",
            {
                "import_id": constant(key, count),
                "key": constant(key, count),
                "response_id": response,
                "value": value,
                **synced(count, clock),
            },
            personal=("value",),
        )


def write_answers(files: CsvFiles, people: People, care: Care, clock: Clock) -> None:
    """Write the answers, and a comment to each response."""
    answer = take(care.answers, care.answers["is_gainsight"] == 0)
    question, value = answer["question"], answer["value"]
    is_impact, is_barrier = question == PERCEPTION, question == BARRIER
    shown = np.where(is_impact, 6 - value, np.where(is_barrier, answer["code"] + 1, value))
    words = pc.coalesce(
        labels(IMPACT, np.where(is_impact, value - 1, -1)),
        labels(BARRIER_WORDS, np.where(is_barrier, answer["code"], -1)),
    )
    response = take(care.invitations, care.invitations["completed"] < NEVER)
    parts = (
        (answer["number"], question, answer["number"] // 10, pc.cast(pa.array(shown), pa.string()), words),
        (
            response["number"] * 10 + 9,
            np.full(size(response), COMMENT),
            response["number"],
            constant(OWN_WORDS, size(response)),
            constant(OWN_WORDS, size(response)),
        ),
    )
    for number, asked, of_response, shown_value, text in parts:
        count = len(number)
        files.write(
            "question_response",
            {
                "_fivetran_id": text_ids("qr", number, 14),
                **synced(count, clock),
                "question_id": text_ids("QID", asked + 1, 1),
                "response_id": text_ids("R_DM", of_response, 12),
                "sub_question_key": constant(None, count),
                "text": text,
                "value": shown_value,
            },
            personal=("text", "value"),
        )
