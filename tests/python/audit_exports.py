"""One customer in the raw exports, in plain Python: files are read as they were written, nothing of the project's code is used."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

Row = dict[str, str]


class Customer:
    """What each system's export tells of one account of the CRM."""

    def __init__(self, raw: Path, crm_id: str) -> None:
        self.raw, self.crm_id = raw, crm_id

    def rows(self, table: str) -> Iterator[Row]:
        """Rows of an export that their system has not deleted."""
        with (self.raw / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("_fivetran_deleted", "false") != "true":
                    yield row

    def _ids(self, table: str, column: str, key: str = "id") -> set[str]:
        """Ids of the account in another system; some keep 15 of the 18 characters of a CRM id."""
        return {row[key] for row in self.rows(table) if row[column] and row[column][:15] == self.crm_id[:15]}

    @cached_property
    def companies(self) -> set[str]:
        """The customer's ids in Gainsight."""
        return self._ids("gainsight/company", "sfdc_account_id", "gsid")

    @cached_property
    def charges(self) -> list[Row]:
        """Recurring charges of the newest versions of the customer's subscriptions in Zuora."""
        accounts = self._ids("zuora/account", "crm_id")
        newest = {row["id"] for row in self.rows("zuora/subscription") if row["is_latest_version"] == "true"}
        return [
            row
            for row in self.rows("zuora/rate_plan_charge")
            if row["account_id"] in accounts
            and row["subscription_id"] in newest
            and row["charge_type"] == "Recurring"
        ]

    def held(self, day: date) -> list[Row]:
        """Charges that run on a day."""
        return [
            row
            for row in self.charges
            if row["effective_start_date"] <= str(day) and (row["effective_end_date"] or "9999") > str(day)
        ]

    def rate(self, currency: str, day: date) -> Decimal:
        """What one unit of a currency was worth in dollars."""
        if currency == "USD":
            return Decimal(1)
        rates = {
            row["rate_date"]: Decimal(row["rate"])
            for row in self.rows("templates/exchange_rates")
            if (row["from_currency"], row["to_currency"], row["rate_type"]) == (currency, "USD", "spot")
            and row["rate_date"] <= str(day)
        }
        return rates[max(rates)]

    def monthly_revenue(self, day: date, rates_of: date, names: str = "") -> Decimal:
        """Monthly recurring revenue on a day at the rates of another, of charges whose name holds a word."""
        return sum(
            (
                Decimal(row["mrr"]) * self.rate(row["transaction_currency"], rates_of)
                for row in self.held(day)
                if names in row["name"]
            ),
            Decimal(0),
        )

    def seats(self, day: date) -> Decimal:
        """Licences counted by seats that are paid for on a day."""
        return sum((Decimal(row["quantity"]) for row in self.held(day) if row["uom"] == "seat"), Decimal(0))

    def tickets(self, after: date, until: date) -> int:
        """Tickets of the customer in Zendesk that are neither a second one of another nor asked by our own agents."""
        organizations = self._ids("zendesk/organization", "custom_salesforce_id")
        doubles = {row["ticket_id"] for row in self.rows("zendesk/ticket_tag")}
        agents = {row["id"] for row in self.rows("zendesk/user") if row["role"] != "end-user"}
        return sum(
            1
            for row in self.rows("zendesk/ticket")
            if row["organization_id"] in organizations
            and str(after) < row["created_at"][:10] <= str(until)
            and row["id"] not in doubles
            and row["requester_id"] not in agents
        )

    def users(self, until: date, days: int = 28) -> set[str]:
        """People who used the product in the days up to one, by Pendo."""
        accounts = self._ids("pendo/account_history", "agent_salesforceaccountid") | {self.crm_id}
        first = until - timedelta(days - 1)
        return {
            row["visitor_id"]
            for row in self.rows("pendo/event")
            if row["account_id"] in accounts and str(first) <= row["timestamp"][:10] <= str(until)
        }

    def learners(self, after: date, until: date) -> set[str]:
        """People who completed a course on their own in Thought Industries, not an event."""
        emails = {
            row["id"]: row["email"]
            for row in self.rows("thought_industries/users")
            if row["sf_account_id"] == self.crm_id
        }
        courses = {
            row["id"] for row in self.rows("thought_industries/content") if row["kind"] == "courseGroup"
        }
        return {
            emails[row["user_detail_id"]]
            for row in self.rows("thought_industries/course_completions")
            if row["user_detail_id"] in emails
            and row["notifiable_id"] in courses
            and str(after) < row["timestamp"][:10] <= str(until)
        }

    def recommenders(self, after: date, until: date) -> int:
        """People who said whether they would recommend us, in Gainsight and Qualtrics."""
        people = {
            row["person_id"]
            for row in self.rows("gainsight/nps_survey_response")
            if row["company_id"] in self.companies and str(after) < row["responded_date"][:10] <= str(until)
        }
        questions = {row["id"] for row in self.rows("qualtrics/question") if row["data_export_tag"] == "NPS"}
        answered = {
            row["response_id"]
            for row in self.rows("qualtrics/question_response")
            if row["question_id"] in questions and row["value"]
        }
        of_customer = {
            row["response_id"]
            for row in self.rows("qualtrics/survey_embedded_data")
            if row["key"] == "sfdc_account_id" and row["value"] == self.crm_id
        }
        recorded = {
            row["id"]
            for row in self.rows("qualtrics/survey_response")
            if row["finished"] == "true" and str(after) < row["recorded_date"][:10] <= str(until)
        }
        people |= {
            row["contact_id"]
            for row in self.rows("qualtrics/distribution_contact")
            if row["response_id"] in answered & of_customer & recorded
        }
        return len(people)

    def objectives(self, until: date) -> int:
        """Objectives of success plans that are open, or were closed in the twelve months up to a day."""
        plans = {
            row["gsid"]
            for row in self.rows("gainsight/success_plan")
            if row["company_id"] in self.companies
            and row["created_date"][:10] <= str(until)
            and (
                row["is_closed"] != "true"
                or row["closed_date"][:10] > str(until.replace(year=until.year - 1))
            )
        }
        return sum(
            1
            for row in self.rows("gainsight/call_to_action")
            if row["success_plan_id"] in plans and row["entity_type"] == "Objective"
        )
