"""The demo company: same bytes, true books, vendor formats, every special case, every defect listed."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from postsale.demo import write_demo
from tests.harness import SHARED_DATA

SAMPLES = SHARED_DATA / "vendor_samples"
Row = dict[str, object]

#: Columns that the vendors' samples lack and the demo adds: custom ones, and newer ones of the vendor.
ADDED: dict[str, dict[str, set[str]]] = {
    "qualtrics": {
        "distribution": set(),
        "distribution_contact": set(),
        "question": set(),
        "question_response": set(),
        "survey": set(),
        "survey_embedded_data": set(),
        "survey_response": set(),
    },
    "salesforce": {
        "account": {"created_date", "last_modified_date", "segment_c", "region_c", "channel_c"},
        "opportunity": {
            "contract_id",
            "currency_iso_code",
            "last_modified_date",
            "loss_reason_c",
            "sbqq_renewed_contract_c",
        },
        "event": set(),
        "opportunity_line_item": {"is_compulsory_c", "term_months_c"},
        "order": {"_fivetran_active"},
        "product_2": {"_fivetran_active", "licence_model_c", "offer_type_c", "tier_rank_c"},
        "task": set(),
        "user": {"created_date", "last_modified_date"},
    },
    "stripe": {
        "coupon": set(),
        "credit_note": set(),
        "customer": set(),
        "discount": set(),
        "invoice": {
            "created",
            "status_transitions_finalized_at",
            "status_transitions_paid_at",
            "status_transitions_voided_at",
        },
        "invoice_line_item": {"price_id"},
        "price": set(),
        "product": set(),
        "subscription_discount": set(),
        "subscription_history": {
            "_fivetran_start",
            "_fivetran_end",
            "cancellation_details_feedback",
            "cancellation_details_reason",
            "pause_collection_behavior",
            "pause_collection_resumes_at",
        },
        "subscription_item": {"price_id"},
    },
    "zendesk": {
        "organization": {"custom_salesforce_id"},
        "ticket": {
            "custom_cause",
            "custom_contact_reason",
            "custom_jira_issue_keys",
            "custom_product",
            "custom_release",
            "custom_sentiment",
            "custom_topic",
            "custom_total_time_spent_sec",
        },
        "ticket_comment": set(),
        "ticket_field_history": set(),
        "ticket_tag": set(),
        "user": set(),
    },
    "jira": {
        "component": set(),
        "issue": {"custom_zendesk_ticket_ids"},
        "issue_field_history": set(),
        "issue_link": set(),
        "issue_multiselect_history": set(),
        "issue_type": set(),
        "project": set(),
        "resolution": set(),
        "status": set(),
        "version": set(),
    },
    "zuora": {
        "account": {"segment_c", "region_c", "channel_c"},
        "amendment": set(),
        "invoice": set(),
        "invoice_item": set(),
        "product": {"product_family_c", "offer_type_c", "licence_model_c", "tier_rank_c"},
        "rate_plan": set(),
        "rate_plan_charge": set(),
        "subscription": set(),
    },
}


def make(folder: Path, customers: int = 400, months: int = 36, seed: int = 42, dirt: bool = False) -> Path:
    write_demo(folder, customers, months, seed, dirt, lambda _line: None)
    return folder


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default company: 400 customers, 36 months."""
    return make(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same company with dirt in its exports."""
    return make(tmp_path_factory.mktemp("dirty"), dirt=True)


def digests(folder: Path, select: Callable[[Path], bool] = lambda _path: True) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if select(path.relative_to(folder))
    }


def ledger(folder: Path, table: str) -> list[Row]:
    read: Any = pyarrow.parquet.read_table
    rows: list[Row] = read(folder / "_ledger" / f"{table}.parquet").to_pylist()
    return rows


def export(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_same_seed_same_bytes(company: Path, tmp_path: Path) -> None:
    assert digests(make(tmp_path / "again")) == digests(company)
    assert digests(make(tmp_path / "other", seed=43)) != digests(company)


def test_a_customer_does_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    few, many = make(tmp_path / "few", 30, 24), make(tmp_path / "many", 90, 24)
    known = {row["customer_id"] for row in ledger(few, "customer_truth")}
    for name in (
        "revenue_months",
        "movements",
        "customer_truth",
        "risk_records",
        "survey_answers",
        "health_scores",
        "success_objectives",
        "customer_returns",
    ):
        assert [row for row in ledger(many, name) if row["customer_id"] in known] == ledger(few, name)


@pytest.mark.parametrize(("customers", "months"), [(1, 1), (1, 60), (3, 2), (40, 1), (1001, 3)])
def test_any_size_works(tmp_path: Path, customers: int, months: int) -> None:
    assert len(ledger(make(tmp_path, customers, months), "customer_truth")) == customers


def test_wrong_sizes_are_refused(tmp_path: Path) -> None:
    for customers, months, seed in ((0, 1, 1), (1, 0, 1), (1, 1, -1)):
        with pytest.raises(ValueError, match="at least"):
            make(tmp_path, customers, months, seed)


def test_real_exports_are_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "stripe").mkdir()
    (tmp_path / "stripe" / "customer.csv").write_text("id\ncus_1\n")
    with pytest.raises(FileExistsError, match="stripe"):
        make(tmp_path, 1, 1)
    assert (tmp_path / "stripe" / "customer.csv").read_text() == "id\ncus_1\n"


def test_an_earlier_demo_is_replaced(tmp_path: Path, company: Path) -> None:
    make(tmp_path / "demo", 20, 5)
    assert digests(make(tmp_path / "demo")) == digests(company)


@pytest.mark.parametrize("system", sorted(ADDED))
def test_files_carry_the_vendors_headers(company: Path, system: str) -> None:
    if not SAMPLES.is_dir():
        pytest.skip(f"vendor samples are not at {SAMPLES}")
    prefix = {"salesforce": "sf_", "zuora": "zuora_"}.get(system, "")
    suffix = "" if system in ("jira", "qualtrics") else "_data"
    for table, added in ADDED[system].items():
        with (SAMPLES / system / f"{prefix}{table}{suffix}.csv").open(
            encoding="utf-8-sig", newline=""
        ) as handle:
            vendor = set(next(csv.reader(handle)))
        with (company / system / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
            ours = set(next(csv.reader(handle)))
        assert ours - vendor <= added, f"{system}.{table}"


def test_the_bridge_closes_for_every_customer_and_month(company: Path) -> None:
    sign = {"new": 1, "reactivation": 1, "expansion": 1, "contraction": -1, "churn": -1}
    balance: dict[object, Decimal] = {}
    for row in sorted(
        ledger(company, "movements"), key=lambda row: (str(row["customer_id"]), str(row["month_end"]))
    ):
        opening, closing, change = (
            row[f"{name}_amount"] for name in ("opening_mrr", "closing_mrr", "mrr_change")
        )
        assert isinstance(opening, Decimal) and isinstance(closing, Decimal) and isinstance(change, Decimal)
        assert opening == balance.get(row["customer_id"], Decimal(0))
        assert opening + change == closing
        assert change * sign[str(row["movement"])] > 0
        assert (row["movement"] in ("new", "reactivation")) == (opening == 0)
        assert (row["movement"] == "churn") == (closing == 0)
        balance[row["customer_id"]] = closing
    for total in ledger(company, "retention"):
        parts = [
            total[f"{name}_mrr_amount"]
            for name in ("new", "reactivation", "expansion", "contraction", "churn")
        ]
        new, back, more, less, gone = (part for part in parts if isinstance(part, Decimal))
        opening, closing = total["opening_mrr_amount"], total["closing_mrr_amount"]
        assert isinstance(opening, Decimal)
        assert opening + new + back + more - less - gone == closing


def test_balances_of_the_ledger_agree_with_each_other(company: Path) -> None:
    by_month: dict[tuple[object, object], Decimal] = {}
    for row in ledger(company, "revenue_months"):
        amount = row["mrr_amount"]
        assert isinstance(amount, Decimal) and amount > 0
        key = (row["customer_id"], row["month_end"])
        by_month[key] = by_month.get(key, Decimal(0)) + amount
    seen = {
        (row["customer_id"], row["month_end"]): row["mrr_amount"]
        for row in ledger(company, "customer_months")
    }
    assert {key: amount for key, amount in seen.items() if amount} == by_month


def test_gross_retention_never_exceeds_net_or_one(company: Path) -> None:
    for row in ledger(company, "retention"):
        gross, net = row["gross_revenue_retention"], row["net_revenue_retention"]
        if gross is not None:
            assert isinstance(gross, Decimal) and isinstance(net, Decimal)
            assert 0 <= gross <= min(Decimal(1), net)


def test_the_company_is_healthy_and_plausible(tmp_path: Path) -> None:
    folder = make(tmp_path, 3000, 48)
    rows = [
        row
        for row in ledger(folder, "retention")
        if row["dimension"] == "all" and row["period_grain"] == "t12m"
    ]
    newest = rows[-1]
    for name, low, high in (
        ("net_revenue_retention", "1.02", "1.10"),
        ("gross_revenue_retention", "0.86", "0.92"),
        ("customer_retention_rate", "0.88", "0.93"),
    ):
        value = newest[name]
        assert isinstance(value, Decimal)
        assert Decimal(low) <= value <= Decimal(high), name


def test_hidden_causes_show_in_the_outcome(tmp_path: Path) -> None:
    folder = make(tmp_path, 3000, 36)
    success = {row["customer_id"]: row["success"] for row in ledger(folder, "customer_truth")}
    lost = {row["customer_id"] for row in ledger(folder, "movements") if row["movement"] == "churn"}
    active = {row["customer_id"] for row in ledger(folder, "movements")}

    def churn_share(chosen: list[object]) -> float:
        return sum(1 for customer in chosen if customer in lost) / len(chosen)

    order = sorted(active, key=lambda customer: (str(success[customer]), str(customer)))
    third = len(order) // 3
    assert churn_share(order[:third]) > 1.3 * churn_share(order[-third:])


def test_touches_surveys_and_risks_follow_from_the_causes_and_foretell_the_losses(tmp_path: Path) -> None:
    folder = make(tmp_path, 1000, 36)
    success = {row["customer_id"]: row["success"] for row in ledger(folder, "customer_truth")}
    order = sorted(success, key=lambda customer: (str(success[customer]), str(customer)))
    worst, best = set(order[:333]), set(order[-333:])

    def mean(rows: list[Row], column: str, chosen: set[object]) -> float:
        values = [row[column] for row in rows if row["customer_id"] in chosen and row[column] is not None]
        return float(sum(map(float, map(str, values)))) / len(values)

    nps = [row for row in ledger(folder, "survey_answers") if row["question_kind"] == "nps"]
    assert mean(nps, "score", best) > mean(nps, "score", worst) + 2
    assert (
        mean(ledger(folder, "health_scores"), "score", best)
        > mean(ledger(folder, "health_scores"), "score", worst) + 15
    )
    # Who succeeds reaches more of what was agreed.
    objectives = ledger(folder, "success_objectives")
    assert mean(objectives, "attainment", best) > mean(objectives, "attainment", worst) + 0.2
    touches = [
        row | {"is_positive": int(row["sentiment"] == "positive")}
        for row in ledger(folder, "engagements")
        if row["sentiment"]
    ]
    assert mean(touches, "is_positive", best) > mean(touches, "is_positive", worst) + 0.1

    lost = [
        row
        for row in ledger(folder, "movements")
        if row["movement"] == "churn" and row["customer_id"] in success
    ]
    warned: dict[object, list[Any]] = {}
    for risk in ledger(folder, "risk_records"):
        if risk["risk_type"] == "churn":
            warned.setdefault(risk["customer_id"], []).append(risk["opened_date"])
    seen = sum(
        any(0 < (row["month_end"] - opened).days < 200 for opened in warned.get(row["customer_id"], []))
        for row in lost
    )
    # Most losses are seen coming; not every risk on record comes true.
    assert 0.4 < seen / len(lost) < 0.8
    assert sum(len(days) for days in warned.values()) > 1.2 * seen


def test_every_movement_and_status_and_special_case_occurs(company: Path) -> None:
    assert {row["movement"] for row in ledger(company, "movements")} == {
        "new",
        "reactivation",
        "expansion",
        "contraction",
        "churn",
    }
    statuses = {row["relationship_status"] for row in ledger(company, "customer_months")}
    assert statuses == {"active_recurring", "active_transactional", "dormant_user", "lost"}
    assert [row["feature"] for row in ledger(company, "features") if not row["count"]] == []
    months = ledger(company, "revenue_months")
    assert any(row["bridged_mrr_amount"] for row in months)
    assert any(row["pending_mrr_amount"] for row in months)
    truth = ledger(company, "customer_truth")
    for name, members in (("segment", 4), ("region", 4), ("channel", 4), ("business_model", 6)):
        assert len({row[name] for row in truth}) == members, name


def test_names_that_break_things_are_there(company: Path) -> None:
    names = {row["name"] for row in export(company, "salesforce/account")}
    for part in ("=1+1", "<script>alert(1)</script>", "ü", ",", '"'):
        assert any(part in name for name in names), part


def test_nothing_is_recorded_after_the_last_day(company: Path) -> None:
    recorded = {
        "created",
        "created_date",
        "updated_date",
        "last_modified_date",
        "_fivetran_synced",
        "_fivetran_start",
        "usage_date",
    }
    newest = ""
    for path in sorted(company.glob("*/*.csv")):
        for row in export(path.parent, path.stem):
            newest = max([newest, *(row[name][:10] for name in recorded & set(row))])
    assert newest == "2026-10-31"


def test_accounts_form_trees(company: Path) -> None:
    up = {
        row["id"]: row["master_record_id"] or row["parent_id"]
        for row in export(company, "salesforce/account")
    }
    for above in up.values():
        steps = 0
        while above:
            assert above in up and steps < 5
            above, steps = up[above], steps + 1


def test_every_defect_is_listed_and_the_truth_stays(company: Path, dirty: Path) -> None:
    def is_truth(path: Path) -> bool:
        return path.parts[0] == "_ledger" and path.suffix == ".parquet"

    assert digests(dirty, is_truth) == digests(company, is_truth)
    found = export(dirty, "_ledger/dirt")
    assert {row["expected_outcome"] for row in found} == {
        "rejected",
        "exact_duplicate",
        "malformed",
        "unaffected",
    }
    assert set(found[0]) == {"system", "table", "file", "kind", "record_key", "expected_outcome"}
    changed = {name for name, digest in digests(dirty).items() if digests(company).get(name) != digest}
    assert changed == {row["file"] for row in found} | {"_ledger/dirt.csv"}
    for row in found:
        text = (dirty / row["file"]).read_bytes()
        if row["record_key"]:
            assert row["record_key"].split()[-1].encode() in text


def test_dirt_adds_lines_and_takes_none_away(company: Path, dirty: Path) -> None:
    rewritten = {
        "salesforce/user.csv",
        "zuora/account.csv",
        "stripe/coupon.csv",
        "stripe/credit_note.csv",
        "stripe/product.csv",
    }
    added = 0
    for name in {row["file"] for row in export(dirty, "_ledger/dirt")} - rewritten:
        clean, soiled = (company / name).read_bytes(), (dirty / name).read_bytes()
        assert soiled.startswith(clean)
        added += soiled[len(clean) :].count(b"\n")
    listed = [row for row in export(dirty, "_ledger/dirt") if row["file"] not in rewritten]
    assert added == len(listed)
