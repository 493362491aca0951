"""Touches, surveys, risks and health scores of the demo company arrive in the contract entities as the simulator knows them.

The ledger comes from the simulator's own state, without SQL: every row of the exports of three systems is accounted for.
"""

from __future__ import annotations

from typing import Any

import duckdb

from tests.python.test_ledger import differences

OF_CUSTOMER = "left join (select account_key, customer_id from intermediate.int_customer_identity) as identity using (account_key)"


def test_every_touch_is_the_one_that_took_place(company: duckdb.DuckDBPyConnection) -> None:
    columns = "engagement_key, customer_id, engagement_type, mode, direction, engagement_date, is_two_way, is_completed, sentiment"
    assert (
        differences(
            company,
            f"select {columns} from ledger.engagements",
            f"select {columns} from intermediate.int_engagements {OF_CUSTOMER}",
        )
        == []
    )
    seen = company.execute(
        "select count(distinct engagement_type), count(distinct system), count(*) filter (where not is_completed),"
        " count(*) filter (where customer_id is null) from intermediate.int_engagements " + OF_CUSTOMER
    ).fetchone()
    assert seen is not None
    types, systems, undone, of_nobody = seen
    assert types >= 11 and systems == 2 and undone > 20 and 5 < of_nobody < 50
    left_out = company.execute(
        "select count(*) filter (where is_copy), count(*) filter (where is_series) from staging.stg_salesforce__event"
    ).fetchone()
    assert left_out is not None and min(left_out) > 5


def test_what_two_systems_record_of_one_interaction_is_one_interaction(
    company: duckdb.DuckDBPyConnection,
) -> None:
    """The rule, walked in plain Python over the simulator's touches."""
    touches = company.execute(
        "select customer_id, engagement_type, started_at, engagement_key, sentiment from ledger.engagements"
        " where is_completed and customer_id is not null order by all"
    ).fetchall()
    kept: list[list[Any]] = []
    for customer, kind, started, key, tone in touches:
        last = kept[-1] if kept else None
        if (
            last
            and last[:2] == [customer, kind]
            and last[3].split(":")[0] != key.split(":")[0]
            and (started - last[2]).total_seconds() < 3600
        ):
            last[4] = min(filter(None, (last[4], tone)), default=None) if last[4] is None else last[4]
        else:
            kept.append([customer, kind, started, key, tone])
    assert len(touches) > len(kept) + 50
    found = company.execute(
        "select engagement_key, customer_id, sentiment from intermediate.int_distinct_engagements order by 1"
    ).fetchall()
    assert found == sorted((key, customer, tone) for customer, _, _, key, tone in kept)


def test_every_answer_has_its_customer_person_score_and_day(company: duckdb.DuckDBPyConnection) -> None:
    columns = "answer_key, customer_id, question_kind, score, answer, answered_date"
    assert (
        differences(
            company,
            f"select {columns} from ledger.survey_answers",
            f"select {columns} from intermediate.int_survey_answers {OF_CUSTOMER}",
        )
        == []
    )
    kinds = company.execute(
        "select count(distinct question_kind) from intermediate.int_survey_answers"
    ).fetchone()
    assert kinds == (7,)
    # One key a person and system, whether known by an address or by an id.
    assert (
        company.execute(
            "select contact, system from ledger.survey_answers inner join intermediate.int_survey_answers using (answer_key)"
            " group by all having count(distinct contact_key) <> 1"
            " union all select min(contact), contact_key from ledger.survey_answers"
            " inner join intermediate.int_survey_answers using (answer_key)"
            " group by contact_key having count(distinct contact) <> 1 or contact_key is null"
        ).fetchall()
        == []
    )


def test_a_reminder_is_no_second_invitation_and_an_answer_to_it_answers_the_first(
    company: duckdb.DuckDBPyConnection,
) -> None:
    columns = "invitation_key, sent_date, completed_date, is_failed"
    assert (
        differences(
            company,
            f"select {columns} from ledger.survey_invitations",
            f"select {columns} from intermediate.int_survey_invitations",
        )
        == []
    )
    messages, invitations = company.execute(
        "select (select count(*) from staging.stg_qualtrics__distribution_contact), count(*)"
        " from intermediate.int_survey_invitations"
    ).fetchone() or (0, 0)
    assert messages > 1.3 * invitations > 0
    # Only an answer tells the customer, and tells the right one.
    assert (
        company.execute(
            f"select invitation_key from intermediate.int_survey_invitations as found {OF_CUSTOMER}"
            " inner join ledger.survey_invitations as truth using (invitation_key)"
            " where identity.customer_id <> truth.customer_id"
        ).fetchall()
        == []
    )


def test_risks_are_told_from_other_calls_to_action(company: duckdb.DuckDBPyConnection) -> None:
    columns = "risk_key, customer_id, risk_type, risk_reason, opened_date, closed_date"
    assert (
        differences(
            company,
            f"select {columns} from ledger.risk_records",
            f"select {columns} from intermediate.int_risk_records {OF_CUSTOMER}",
        )
        == []
    )
    assert company.execute(
        "select bool_and(has_competitor = (risk_reason = 'competitor')), bool_and(is_closed = (closed_date is not null))"
        " from intermediate.int_risk_records"
    ).fetchone() == (True, True)
    calls = company.execute("select count(*) from staging.stg_gainsight__call_to_action").fetchone()
    risks = company.execute("select count(*) from intermediate.int_risk_records").fetchone()
    assert calls is not None and risks is not None and calls[0] > risks[0] > 20


def test_scores_and_states_of_scorecards_belong_to_the_customer_named_by_either_id(
    company: duckdb.DuckDBPyConnection,
) -> None:
    assert (
        differences(
            company,
            "select customer_id, score_date, score from ledger.health_scores",
            f"select customer_id, score_date, score from intermediate.int_vendor_health_scores {OF_CUSTOMER}",
        )
        == []
    )
    assert (
        differences(
            company,
            "select customer_id, score_date, relationship_state from ledger.health_scores where relationship_state is not null",
            f"select customer_id, judged_date, relationship_state from intermediate.int_sentiments {OF_CUSTOMER}",
        )
        == []
    )


def test_every_account_of_both_systems_is_a_customer_of_the_crm(company: duckdb.DuckDBPyConnection) -> None:
    assert (
        company.execute(
            "select account_key from intermediate.int_customer_identity where system in ('gainsight', 'qualtrics') and is_unmatched"
        ).fetchall()
        == []
    )


def test_what_no_seed_knows_is_listed(company: duckdb.DuckDBPyConnection) -> None:
    found = dict(
        company.execute(
            "select finding, min(system) from marts.dq_findings where finding in"
            " ('type of engagement is not in the seed engagement_types', 'reasons of risks are not in the seed risk_reason_map',"
            " 'engagements, answers or risks are of an account that is not there') group by 1"
        ).fetchall()
    )
    assert found == {
        "type of engagement is not in the seed engagement_types": "gainsight",
        "reasons of risks are not in the seed risk_reason_map": "gainsight",
        "engagements, answers or risks are of an account that is not there": "salesforce",
    }
