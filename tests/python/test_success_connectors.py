"""Engagements, surveys and risks: vendors' sample rows unchanged, and one small case per rule of reading them.

Gainsight has no sample rows; its cases, like those of the templates, are hand-made.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale.landing import land
from tests.connectors import VENDOR_SAMPLES, rows
from tests.harness import PROJECT, run_models, write_csv

SYSTEMS = ["gainsight", "qualtrics", "salesforce", "templates"]
TESTED = "gainsight|qualtrics|salesforce__(task|event)|int_(engagements|survey|risk|sentiments|vendor)"
Row = dict[str, Any]


def build(folder: Path, cache: Path, **variables: Any) -> duckdb.DuckDBPyConnection:
    """Lands and builds ``folder/raw`` with the four systems; the data tests of what they feed have to hold."""
    land(folder / "raw", folder / "out", SYSTEMS, PROJECT, lambda _line: None)
    return run_models(folder / "out", SYSTEMS, cache, tested=TESTED, **variables)


# ---- the vendors' sample rows ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    if not VENDOR_SAMPLES.is_dir():
        pytest.skip(
            f"the vendors' sample rows are not committed and not found at {VENDOR_SAMPLES}; set POSTSALE_SHARED_DATA"
        )
    folder = tmp_path_factory.mktemp("success_samples")
    for system in ("qualtrics", "salesforce"):
        (folder / "raw" / system).mkdir(parents=True)
        for file in (VENDOR_SAMPLES / system).glob("*.csv"):
            shutil.copy(file, folder / "raw" / system)
    with build(folder, model_cache) as connection:
        yield connection


@pytest.mark.parametrize(
    ("system", "table", "file"),
    [
        *(
            ("qualtrics", table, table)
            for table in (
                "survey",
                "survey_response",
                "question",
                "question_response",
                "survey_embedded_data",
                "distribution",
                "distribution_contact",
            )
        ),
        ("salesforce", "task", "sf_task_data"),
        ("salesforce", "event", "sf_event_data"),
    ],
)
def test_sample_rows_stage_unchanged(
    samples: duckdb.DuckDBPyConnection, system: str, table: str, file: str
) -> None:
    with (VENDOR_SAMPLES / system / f"{file}.csv").open(encoding="utf-8-sig", newline="") as handle:
        records = list(csv.DictReader(handle))
    assert len(records) > 0
    assert rows(samples, f"select _row_status, count(*) from staging.base_{system}__{table} group by 1") == [
        ("accepted", len(records))
    ]


def test_sample_activities_of_the_crm_are_engagements(samples: duckdb.DuckDBPyConnection) -> None:
    # Seven tasks are of a type called X, which says nothing: their subtype counts.
    assert rows(
        samples,
        "select engagement_type, is_two_way, is_completed, count(*) from intermediate.int_engagements group by all order by all",
    ) == [("call", True, True, 6), ("internal", False, True, 10), ("meeting", True, True, 4)]


# ---- one case a rule ------------------------------------------------------------------------------------------------

#: Ids of Salesforce accounts: 18 characters, of which the last three repeat the case of the others.
ONE, TWO, THREE = "001A00000000001AAA", "001A00000000002AAA", "001A00000000003AAA"
DAY = "2025-03-10 09:00:00"
#: How calls end that reach nobody, in as many words as the model knows.
NOBODY_THERE = (
    "Left Voicemail", "Voice mail", "No Answer", "Left message", "Left a message", "Busy", "Wrong number", "Not reached",
)  # fmt: skip

RAW: dict[str, list[Row]] = {
    "salesforce/account": [{"id": account, "name": account, "created_date": DAY} for account in (ONE, TWO, THREE)],
    # key says what the case is
    "salesforce/task": [
        {"id": key, "account_id": ONE, "status": "Completed", "activity_date": "2025-03-10", **row}
        for key, row in {
            "call": {"type": "Call", "task_subtype": "Call", "call_type": "Inbound"},
            "own words": {"type": "Weekly huddle", "task_subtype": "Call", "call_type": "Outbound"},
            "voicemail": {"type": "Call", "call_disposition": "Left Voicemail", "call_type": "Outbound"},
            "to many": {"type": "", "task_subtype": "ListEmail"},
            "no kind": {"type": "Ceremony"},
            "to-do": {"task_subtype": "Task"},
            "open": {"type": "Call", "status": "Not Started"},
            "closed": {"type": "Call", "status": "Done", "is_closed": "true", "completed_date_time": "2025-03-09 10:00:00"},
            "lead": {"type": "Call", "account_id": ""},
            "series": {"type": "Call", "is_recurrence": "true"},
            "deleted": {"type": "Call", "is_deleted": "true"},
            **{
                f"disposition {words}": {"type": "Call", "call_disposition": words}
                for words in (*NOBODY_THERE, "Connected")
            },
        }.items()
    ],
    "salesforce/event": [
        {"id": key, "account_id": TWO, "type": "Meeting", "start_date_time": DAY, **row}
        for key, row in {
            "meeting": {},
            "missed": {"no_show__c": "true"},
            "copy": {"is_child": "true"},
            "ahead": {"start_date_time": "2025-09-01 10:00:00"},
            "all day": {"start_date_time": "", "activity_date": "2025-03-08"},
            "d1 10:00": {"type": "Demo", "account_id": THREE, "start_date_time": "2025-02-01 10:00:00"},
            "d2 11:00": {"type": "Demo", "account_id": THREE, "start_date_time": "2025-02-02 11:00:00"},
            "d3 10:00": {"type": "Demo", "account_id": THREE, "start_date_time": "2025-02-03 10:00:00"},
        }.items()
    ],
    "gainsight/company": [
        {"gsid": "G1", "name": "One", "sfdc_account_id": ONE[:15], "created_date": DAY},
        {"gsid": "G2", "name": "Two", "sfdc_account_id": TWO, "created_date": DAY},
        {"gsid": "G3", "name": "Alone", "created_date": DAY},
        # two companies name one account
        {"gsid": "G4", "name": "Twin", "sfdc_account_id": THREE, "created_date": DAY},
        {"gsid": "G5", "name": "Twin", "sfdc_account_id": THREE, "created_date": DAY},
    ],
    "gainsight/activity_timeline": [
        {"gsid": key, "gs_company_id": "G1", "type_name": "Meeting", "activity_date": DAY, "created_date": DAY, **row}
        for key, row in {
            "finer": {"ant_meeting_type_c": "QBR", "ant_sentiment_c": "Positive"},
            "broader": {"ant_meeting_type_c": "Jour fixe", "ant_sentiment_c": "Meh"},
            "milestone": {"type_name": "Milestone", "milestone_type_name": "Go Live", "ant_sentiment_c": "Mixed"},
            "by account": {"gs_company_id": "", "account_id": TWO[:15]},
            "gone": {"_fivetran_deleted": "true"},
        }.items()
    ],
    "gainsight/call_to_action": [
        {"gsid": key, "company_id": "G1", "type_name": "Risk", "created_date": DAY, **row}
        for key, row in {
            "churn": {"risk_type_gc": "Churn", "reason_name": "Low Adoption"},
            "less": {"risk_type_gc": "Downgrade", "is_closed": "true", "closed_date": "2025-03-20 10:00:00"},
            "plain": {"reason_name": "The moon", "competitor_gc": "Northwind"},
            "own kind": {"type_name": "Alarm"},
            "lifecycle": {"type_name": "Lifecycle", "risk_type_gc": "Churn"},
            "objective": {"entity_type": "Objective", "type_name": "Risk"},
            "closed some day": {"is_closed": "true"},
            "closed later": {"is_closed": "true", "closed_date": "2025-08-01 00:00:00"},
        }.items()
    ],
    "gainsight/account_scorecard_history": [
        {"account_id_gc": account, "scorecard_id_gc": "S", "snapshot_date_gc": "2025-03-31", "time_granularity_gc": "Monthly", **row}
        for account, row in {
            "G1": {"overall_score_account_gc": "82.5", "tam_sentiment": "Green"},
            TWO: {"overall_score_account_gc": "Yellow", "tam_sentiment": "RESTLESS"},
            "G3": {"overall_score_account_gc": "250", "tam_sentiment": "Purple"},
            THREE: {"overall_score_account_gc": "50"},
        }.items()
    ],
    "gainsight/nps_survey_response": [
        {"gsid": "nine", "company_id": "G1", "person_id": "P1", "npsscore": "9", "responded_date": DAY},
        {"gsid": "eleven", "company_id": "G1", "person_id": "P1", "npsscore": "11", "responded_date": DAY},
        {"gsid": "nobody", "company_id": "G2", "npsscore": "3", "responded_date": DAY},
    ],
    "gainsight/csat_survey_response": [
        {"gsid": "five", "company_id": "G1", "person_id": "P1", "csatscore": "4", "csatpercent": "20", "responded_date": DAY},
        {"gsid": "percent", "company_id": "G1", "person_id": "P2", "csatpercent": "75", "responded_date": DAY},
    ],
    "qualtrics/survey": [{"id": "SV_1", "survey_name": "Pulse"}],
    "qualtrics/question": [
        {"id": question, "survey_id": "SV_1", "data_export_tag": tag}
        for question, tag in {
            "Q1": "NPS", "Q2": "Perception", "Q3": "INTENT", "Q4": "Barrier", "Q5": "Favourite colour", "Q6": "Comment", "Q7": "adoption_share",
        }.items()
    ],
    "qualtrics/survey_response": [
        {"id": key, "survey_id": "SV_1", "status": "0", "finished": "1", "recorded_date": DAY, "end_date": DAY, **row}
        for key, row in {
            "R1": {"recipient_email": "Ann@Example.com"},
            "R2": {"recipient_email": "ann@example.COM"},
            "unfinished": {"finished": "0"},
            "preview": {"status": "1"},
            "two accounts": {},
            "no account": {},
        }.items()
    ],
    "qualtrics/survey_embedded_data": [
        {"response_id": response, "key": key, "value": value}
        for response, key, value in (
            ("R1", "SFDC_Account_ID", ONE), ("R1", "accountId", ONE[:15]), ("R1", "Campaign", "x"), ("R2", "account_id", ONE),
            ("two accounts", "account_id", ONE), ("two accounts", "crm_account_id", TWO), ("preview", "account_id", ONE),
            ("unfinished", "account_id", ONE), ("no account", "Account Name", "One"),
        )
    ],
    "qualtrics/question_response": [
        {"_fivetran_id": f"{response} {question}{suffix}", "response_id": response, "question_id": question, "value": value, "text": text}
        for response, question, suffix, value, text in (
            ("R1", "Q1", "", "9", "9"), ("R1", "Q2", "", "1", "Very positive"), ("R1", "Q3", "", "2", ""), ("R1", "Q4", "", "7", "Hard to use"),
            ("R1", "Q4", " too", "8", "Something else"), ("R1", "Q5", "", "3", "Blue"), ("R1", "Q6", "", "Nice", "Nice"), ("R1", "Q7", "", "45", ""),
            ("R2", "Q1", "", "11", ""), ("R2", "Q2", "", "4", "Ziemlich gut"), ("R2", "Q7", "", "", ""),
            ("unfinished", "Q1", "", "1", ""), ("preview", "Q1", "", "1", ""), ("two accounts", "Q1", "", "5", ""), ("no account", "Q1", "", "6", ""),
        )
    ],
    "qualtrics/distribution": [
        {"id": "D1", "survey_link_survey_id": "SV_1", "created_date": DAY, "request_type": "Invite"},
        {"id": "D2", "survey_link_survey_id": "SV_1", "created_date": DAY, "request_type": "Reminder", "parent_distribution_id": "D1"},
    ],
    "qualtrics/distribution_contact": [
        {"distribution_id": distribution, "contact_id": contact, "status": status, "sent_at": sent, "response_completed_at": done, "response_id": response}
        for distribution, contact, status, sent, done, response in (
            ("D1", "ann", "SurveyFinished", "2025-03-01 08:00:00", DAY, "R1"),
            ("D1", "late", "Success", "2025-03-01 08:00:00", "", ""),
            ("D2", "late", "SurveyFinished", "2025-03-08 08:00:00", DAY, "no account"),
            ("D1", "bounced", "Bounced", "2025-03-01 08:00:00", "", ""),
            ("D1", "skipped once", "Failure", "2025-03-01 08:00:00", "", ""),
            ("D2", "skipped once", "Success", "2025-03-08 08:00:00", "", ""),
            ("D1", "unsent", "", "", "", ""),
        )
    ],
    "templates/engagements": [
        {"engagement_id": key, "account_id": ONE, "engagement_type": "meeting", "started_at": "2025-03-10", **row}
        for key, row in {
            "plain": {},
            "answered": {"engagement_type": "email", "has_reply": "true", "direction": "Inbound", "channel": "Chat"},
            "odd": {"direction": "sideways", "channel": "fax", "sentiment": "angry", "relationship_state": "Angry"},
            "planned": {"is_completed": "false", "relationship_state": "content"},
            "told later": {"recorded_date": "2025-07-01"},
            **{
                f"d{clock}": {"engagement_type": "demo", "account_id": THREE, "started_at": f"2025-02-0{clock}:00", "sentiment": tone}
                for clock, tone in {
                    "1 10:59": "neutral", "1 11:00": "", "2 10:00": "", "2 10:10": "", "3 10:00": "negative",
                }.items()
            },
        }.items()
    ],
    "templates/survey_responses": [
        {"answer_id": key, "account_id": ONE, "contact_id": "ann@example.com", "answered_date": "2025-03-10", **row}
        for key, row in {
            "three points": {"question_kind": "perception", "score": "2", "scale_low": "1", "scale_high": "3"},
            "one is best": {"question_kind": "Criticality", "score": "2", "scale_low": "5", "scale_high": "1"},
            "in words": {"question_kind": "csat", "answer": "Very Satisfied"},
            "state by number": {"question_kind": "intent", "score": "4"},
            "half a state": {"question_kind": "intent", "score": "2.5"},
            "off the scale": {"question_kind": "csat", "score": "6"},
            "nps of five": {"question_kind": "nps", "score": "4", "scale_high": "5"},
            "a quarter": {"question_kind": "adoption share", "score": "25"},
            "new kind": {"question_kind": "mood", "score": "3"},
            "empty": {"question_kind": "csat"},
            "later": {"question_kind": "csat", "score": "5", "answered_date": "2025-07-02"},
        }.items()
    ],
    "templates/survey_invitations": [
        {"invitation_id": key, "survey_id": "S", "sent_date": "2025-03-01", **row}
        for key, row in {
            "answered": {"account_id": ONE, "completed_date": "2025-03-05", "survey_title": "Pulse"},
            "answered later": {"completed_date": "2025-07-05"},
            "lost": {"is_failed": "true"},
        }.items()
    ],
    "templates/risk_records": [
        {"risk_id": key, "account_id": ONE, "risk_type": "churn", "opened_date": "2025-03-01", **row}
        for key, row in {
            "open": {"reason_raw": "Competition"},
            "closed": {"closed_date": "2025-04-01", "has_competitor": "true"},
            "not yet closed": {"closed_date": "2025-07-01"},
            "opened later": {"opened_date": "2025-07-01"},
        }.items()
    ],
}  # fmt: skip
AS_OF = "2025-06-30"


@pytest.fixture(scope="module")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("success_cases")
    for name, records in RAW.items():
        write_csv(folder / "raw" / f"{name}.csv", records)
    with build(folder, model_cache, as_of_date=AS_OF) as connection:
        yield connection


def entity(warehouse: duckdb.DuckDBPyConnection, name: str, system: str, columns: str) -> dict[str, Any]:
    """Rows of one system by the id in their key, which is the first column."""
    found = rows(warehouse, f"select {columns} from intermediate.{name} where system = '{system}'")
    return {
        key.removeprefix(f"{system}:"): rest[0] if len(rest) == 1 else tuple(rest) for key, *rest in found
    }


def test_nothing_of_the_cases_is_rejected_but_what_is_off_a_vendors_own_scale(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(warehouse, "select system, table_name, reason from marts.dq_rejected_rows") == [
        ("gainsight", "nps_survey_response", "npsscore is not between 0 and 10")
    ]


def test_tasks_and_events_of_the_crm(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = entity(
        warehouse,
        "int_engagements",
        "salesforce",
        "engagement_key, engagement_type, direction, is_two_way, is_completed",
    )
    assert {
        key: row for key, row in found.items() if not key.startswith(("disposition", "d1", "d2", "d3"))
    } == {
        "call": ("call", "inbound", True, True),
        # The company's own word is not known, so Salesforce's kind counts.
        "own words": ("call", "outbound", True, True),
        "voicemail": ("call", "outbound", False, True),
        "to many": ("bulk_email", None, False, True),
        "no kind": ("unknown", None, None, True),
        "to-do": ("internal", None, False, True),
        "open": ("call", None, True, False),
        "closed": ("call", None, True, True),
        "lead": ("call", None, True, True),
        "meeting": ("meeting", None, True, True),
        "missed": ("meeting", None, True, False),
        "ahead": ("meeting", None, True, False),
        "all day": ("meeting", None, True, True),
    }
    days = entity(warehouse, "int_engagements", "salesforce", "engagement_key, engagement_date")
    assert days["closed"] == date(2025, 3, 9) and days["all day"] == date(2025, 3, 8)
    accounts = entity(warehouse, "int_engagements", "salesforce", "engagement_key, account_key")
    assert accounts["lead"] is None and accounts["call"] == f"salesforce:{ONE}"


def test_a_call_that_reached_nobody_went_one_way(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        warehouse,
        "select engagement_key, has_reply, is_two_way, is_completed from intermediate.int_engagements where engagement_key like '%disposition%'",
    )
    assert {key.removeprefix("salesforce:disposition "): tuple(rest) for key, *rest in found} == {
        **dict.fromkeys(NOBODY_THERE, (False, False, True)),
        "Connected": (None, True, True),
    }


def test_activities_of_a_timeline(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert entity(
        warehouse,
        "int_engagements",
        "gainsight",
        "engagement_key, engagement_type, mode, is_value_touch, is_value_milestone, sentiment, account_key",
    ) == {
        "finer": ("business_review", "high_touch", True, False, "positive", "gainsight:G1"),
        "broader": ("meeting", "high_touch", False, False, None, "gainsight:G1"),
        "milestone": ("first_value", "none", False, True, "neutral", "gainsight:G1"),
        "by account": ("meeting", "high_touch", False, False, None, "gainsight:G2"),
    }


def test_engagements_of_the_template(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = entity(
        warehouse,
        "int_engagements",
        "templates",
        "engagement_key, channel, direction, is_two_way, is_completed, sentiment",
    )
    assert {key: row for key, row in found.items() if key[:2] not in ("d1", "d2", "d3")} == {
        "plain": ("meeting", None, True, True, None),
        # An e-mail that was answered went both ways.
        "answered": ("chat", "inbound", True, True, None),
        "odd": ("meeting", None, True, True, "negative"),
        "planned": ("meeting", None, True, False, None),
    }
    assert entity(warehouse, "int_sentiments", "templates", "sentiment_key, relationship_state") == {
        "odd": "angry"
    }


def test_a_record_of_another_system_within_an_hour_of_the_last_one_kept_is_a_duplicate(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """The demos of customer Three, in the order of their clocks."""
    found = rows(
        warehouse,
        "select engagement_key, sentiment, duplicate_count from intermediate.int_distinct_engagements"
        " where engagement_type = 'demo' order by engagement_date, engagement_key",
    )
    assert found == [
        # 10:00; sales has it at 10:59, and 11:00 is another one.
        ("salesforce:d1 10:00", "neutral", 1),
        ("templates:d1 11:00", None, 0),
        # One system twice within the hour: two. What another has then is a duplicate of the later one.
        ("templates:d2 10:00", None, 0),
        ("templates:d2 10:10", None, 1),
        # Of two in the same minute the first by key is kept.
        ("salesforce:d3 10:00", "negative", 1),
    ]


def test_gainsight_companies_join_the_crm_by_15_or_18_characters_and_nothing_else(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert dict(
        rows(
            warehouse,
            "select account_id, customer_id from intermediate.int_customer_identity where system = 'gainsight'",
        )
    ) == {
        "G1": f"salesforce:{ONE}",
        "G2": f"salesforce:{TWO}",
        "G3": "unmatched:gainsight:G3",
        "G4": f"salesforce:{THREE}",
        "G5": f"salesforce:{THREE}",
    }


def test_risks(warehouse: duckdb.DuckDBPyConnection) -> None:
    columns = "risk_key, risk_type, risk_reason, has_competitor, is_closed, closed_date"
    assert entity(warehouse, "int_risk_records", "gainsight", columns) == {
        "churn": ("churn", "not_used", False, False, None),
        "less": ("contraction", None, False, True, date(2025, 3, 20)),
        "plain": ("other", "unknown", True, False, None),
        "own kind": ("unknown", None, False, False, None),
        "closed some day": ("other", None, False, True, None),
        # On the day asked about it was open.
        "closed later": ("other", None, False, False, None),
    }
    assert entity(warehouse, "int_risk_records", "templates", columns) == {
        "open": ("churn", "competitor", True, False, None),
        "closed": ("churn", None, True, True, date(2025, 4, 1)),
        "not yet closed": ("churn", None, False, False, None),
    }


def test_scorecards_name_companies_by_either_id_and_only_numbers_are_scores(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        warehouse, "select account_key, score from intermediate.int_vendor_health_scores order by all"
    )
    # Of two companies with one account neither is meant more than the other.
    assert found == [("gainsight:" + THREE, Decimal(50)), ("gainsight:G1", Decimal("82.5"))]
    states = rows(
        warehouse,
        "select account_key, relationship_state from intermediate.int_sentiments where system = 'gainsight' order by all",
    )
    assert states == [("gainsight:G1", "content"), ("gainsight:G2", "restless"), ("gainsight:G3", None)]


def test_gainsight_answers(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert entity(warehouse, "int_survey_answers", "gainsight", "answer_key, score") == {
        "nps:nine": Decimal(9),
        "nps:nobody": Decimal(3),
        "csat:five": Decimal(4),
        # Three quarters of the way from 1 to 5.
        "csat:percent": Decimal(4),
    }
    persons = entity(warehouse, "int_survey_answers", "gainsight", "answer_key, contact_key")
    assert persons["nps:nine"] == persons["csat:five"] != persons["csat:percent"]
    assert persons["nps:nobody"] is None


def test_qualtrics_answers(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert entity(
        warehouse, "int_survey_answers", "qualtrics", "answer_key, question_kind, score, answer"
    ) == {
        "R1 Q1": ("nps", Decimal(9), None),
        # The words say 5, whatever the number.
        "R1 Q2": ("perception", Decimal(5), None),
        "R1 Q3": ("intent", None, "restless"),
        "R1 Q4": ("barrier", None, "too_complex"),
        "R1 Q4 too": ("barrier", None, None),
        "R1 Q5": ("unknown", None, None),
        "R1 Q7": ("adoption_share", Decimal("0.45"), None),
        "R2 Q1": ("nps", None, None),
        # Words that nobody has mapped: the number counts.
        "R2 Q2": ("perception", Decimal(4), None),
        "two accounts Q1": ("nps", Decimal(5), None),
        "no account Q1": ("nps", Decimal(6), None),
    }


def test_a_response_belongs_to_the_customer_whose_account_it_carries_and_to_one_person(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    customers = dict(
        rows(
            warehouse,
            "select answer_key, customer_id from intermediate.int_survey_answers left join"
            " (select account_key, customer_id from intermediate.int_customer_identity) using (account_key)"
            " where system = 'qualtrics' and question_kind = 'nps'",
        )
    )
    assert customers == {
        "qualtrics:R1 Q1": f"salesforce:{ONE}",
        "qualtrics:R2 Q1": f"salesforce:{ONE}",
        "qualtrics:two accounts Q1": None,
        "qualtrics:no account Q1": None,
    }
    persons = entity(warehouse, "int_survey_answers", "qualtrics", "answer_key, contact_key")
    of_template = entity(warehouse, "int_survey_answers", "templates", "answer_key, contact_key")
    # One address in three spellings and two systems.
    assert persons["R1 Q1"] == persons["R2 Q1"] == of_template["in words"]
    assert persons["no account Q1"] is not None and persons["no account Q1"] != persons["R1 Q1"]
    assert persons["two accounts Q1"] is None


def test_invitations(warehouse: duckdb.DuckDBPyConnection) -> None:
    columns = "invitation_key, survey_title, sent_date, completed_date, is_completed, is_failed"
    first, done = date(2025, 3, 1), date(2025, 3, 10)
    assert entity(warehouse, "int_survey_invitations", "qualtrics", columns) == {
        "D1:ann": ("Pulse", first, done, True, False),
        "D1:late": ("Pulse", first, done, True, False),
        "D1:bounced": ("Pulse", first, None, False, True),
        "D1:skipped once": ("Pulse", first, None, False, False),
    }
    assert entity(warehouse, "int_survey_invitations", "templates", columns) == {
        "answered": ("Pulse", first, date(2025, 3, 5), True, False),
        "answered later": (None, first, None, False, False),
        "lost": (None, first, None, False, True),
    }


def test_answers_of_the_template_on_their_scales(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert entity(
        warehouse, "int_survey_answers", "templates", "answer_key, question_kind, score, answer"
    ) == {
        "three points": ("perception", Decimal(3), None),
        "one is best": ("criticality", Decimal(4), None),
        "in words": ("csat", Decimal(5), None),
        "state by number": ("intent", None, "content"),
        "half a state": ("intent", None, None),
        "off the scale": ("csat", None, None),
        "nps of five": ("nps", None, None),
        "a quarter": ("adoption_share", Decimal("0.25"), None),
        "new kind": ("unknown", None, None),
    }


def test_what_cannot_be_told_is_listed_once_and_without_the_words_of_people(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = {
        (finding, system): (subject, detail)
        for finding, system, subject, detail in rows(
            warehouse,
            "select finding, system, subject_id, detail from intermediate.int_success_findings"
            " where finding not like 'survey answers%' and finding not like 'engagements, answers%'",
        )
    }
    assert found == {
        ("type of engagement is not in the seed engagement_types", "salesforce"): (
            "salesforce:no kind",
            "ceremony, first of 1 with the same word",
        ),
        ("tone of an engagement is not in the seed sentiment_map", "gainsight"): (
            "gainsight:broader",
            "meh, first of 1 with the same word",
        ),
        ("state of a relationship is not in the seed sentiment_map", "gainsight"): (
            "gainsight:G3:S:Monthly:2025-03-31",
            "purple, first of 1 with the same word",
        ),
        ("survey question is of no kind the seed survey_questions knows", "qualtrics"): (
            "qualtrics:SV_1:Q5",
            "1 answers",
        ),
        ("survey question is of no kind the seed survey_questions knows", "templates"): (
            "templates:mood",
            "1 answers",
        ),
        ("type of risk is not in the seed risk_types", "gainsight"): (
            "gainsight:own kind",
            "alarm, first of 1 with the same word",
        ),
        ("reasons of risks are not in the seed risk_reason_map", "gainsight"): (
            "gainsight:plain",
            "first of 1",
        ),
        ("objectives are of no success plan, and count nowhere", "gainsight"): (
            "gainsight:objective",
            "first of 1",
        ),
        ("status of a success plan or objective is not in the seed success_status_map", "gainsight"): (
            "gainsight:objective",
            "no status, first of 1 with the same word",
        ),
    }
    unread = rows(
        warehouse,
        "select system, subject_id from intermediate.int_success_findings where finding like 'survey answers%' order by all",
    )
    assert unread == [
        ("qualtrics", "qualtrics:R1 Q4 too"),
        ("qualtrics", "qualtrics:R2 Q1"),
        ("templates", "templates:half a state"),
        ("templates", "templates:nps of five"),
        ("templates", "templates:off the scale"),
    ]
    of_nobody = dict(
        rows(
            warehouse,
            "select concat(system, ' ', subject_id), detail from intermediate.int_success_findings where finding like 'engagements, answers%'",
        )
    )
    assert of_nobody["salesforce no account"] == "1 engagements, 0 answers, 0 risks"
    assert of_nobody["qualtrics no account"] == "0 engagements, 2 answers, 0 risks"
