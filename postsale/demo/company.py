"""Writes the demo company: exports, exchange rates, usage, and the ledger of what is true."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from postsale.demo import (
    crm_files,
    gainsight_files,
    jira_files,
    pendo_files,
    qualtrics_files,
    stripe_files,
    support_files,
    zuora_files,
)
from postsale.demo.actions import TRAINED, draw_actions, write_action_ledger, write_actions, write_lifts
from postsale.demo.care_files import write_care
from postsale.demo.cases import presence, run_cases, run_sessions
from postsale.demo.catalog import CURRENCIES, Rates, make_rates
from postsale.demo.clock import Clock, Ints
from postsale.demo.contracts import run_contracts
from postsale.demo.cost_ledger import closed_cases, write_cost_ledger
from postsale.demo.dice import BLOCK, Dice
from postsale.demo.dirt import add_dirt
from postsale.demo.features import count_features
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    ParquetFiles,
    constant,
    dates,
    decimals,
    labels,
    numbers,
    take,
    text_ids,
)
from postsale.demo.learning import draw_learning, write_learning, write_learning_ledger
from postsale.demo.learning import write_catalog as learning_catalog
from postsale.demo.ledger import Totals, write_ledger, write_totals
from postsale.demo.offers import write_needs, write_offers
from postsale.demo.online import run_online
from postsale.demo.people import REGIONS, draw_people
from postsale.demo.plans import draw_plans, write_measurements, write_plan_ledger
from postsale.demo.practice import (
    draw_practice,
    write_judgements,
    write_practice,
    write_practice_ledger,
    write_warning_ledger,
)
from postsale.demo.renewal_ledger import write_renewal_ledger
from postsale.demo.reps import draw_reps, write_reps, write_reps_ledger
from postsale.demo.returns import draw_returns, write_return_ledger, write_returns
from postsale.demo.scale_ledger import ScaleTotals, write_scale_ledger
from postsale.demo.selling import (
    draw_deals,
    write_deal_needs,
    write_policies,
    write_selling,
    write_selling_ledger,
)
from postsale.demo.service_sales import (
    draw_services,
    write_selling_costs,
    write_service_ledger,
    write_services,
)
from postsale.demo.services import draw_projects, write_portfolio, write_project_ledger, write_projects
from postsale.demo.support_ledger import write_defect_ledger, write_session_ledger, write_support_ledger
from postsale.demo.usage import draw_usage_days, write_usage_truth

SYSTEMS = (
    "salesforce",
    "zuora",
    "stripe",
    "gainsight",
    "jira",
    "pendo",
    "qualtrics",
    "templates",
    "zendesk",
    "thought_industries",
    "kantata",
)
FOLDERS = (*SYSTEMS, "_ledger")
#: Lies in the raw folder while a demo is being written: a demo that was broken off is no company.
UNFINISHED = ".demo_unfinished"


def write_demo(
    raw: Path,
    customers: int,
    months: int,
    seed: int,
    dirt: bool,
    echo: Callable[[str], object],
    systems: Sequence[str] = SYSTEMS,
) -> None:
    """Write the exports of a fictional company with ``customers`` customers below ``raw``.

    ``months`` whole months end with October 2026. The same arguments give the same bytes. Folders of an
    earlier demo in ``raw`` are replaced, those of anybody else are not. ``dirt`` adds defects to the
    exports and lists each in ``_ledger/dirt.csv``; the truth stays the same. ``echo`` receives a line of
    progress now and then. Exports of other than ``systems`` are left out; without pendo nobody tracks use, and nobody has
    a seat assigned; without zendesk nobody asks, helps himself or counts the cost;
    without thought_industries nobody tells what is learnt, without kantata nobody works on projects. Raises ValueError for a size
    below 1, a negative seed, an unknown system, or dirt without the systems of revenue; FileExistsError if ``raw`` holds
    exports that are no demo's.
    """
    if customers < 1 or months < 1 or seed < 0:
        raise ValueError("customers and months must be at least 1, seed at least 0")
    if unknown := sorted(set(systems) - set(SYSTEMS)):
        raise ValueError(f"the demo company has no {', '.join(unknown)}; it has {', '.join(SYSTEMS)}")
    if dirt and (missing := sorted({"salesforce", "stripe", "zuora"} - set(systems))):
        raise ValueError(f"dirt is in the exports of {', '.join(missing)}, too: leave out neither")
    clear_folders(raw)
    raw.mkdir(parents=True, exist_ok=True)
    (raw / UNFINISHED).touch()
    clock = Clock(months)
    rates = make_rates(clock, seed)
    truth = ParquetFiles(raw / "_ledger")
    crm, zuora, stripe, gainsight, jira, pendo, qualtrics, templates, zendesk, academy, kantata = (
        CsvFiles(raw / system, truth, is_written=system in systems) for system in SYSTEMS
    )
    totals = Totals(months)
    features: Counter[str] = Counter()
    crm_files.write_catalog(crm, clock)
    zuora_files.write_catalog(zuora, clock)
    stripe_files.write_catalog(stripe, clock)
    pendo_files.write_catalog(pendo, clock)
    qualtrics_files.write_catalog(qualtrics, clock)
    write_rates(templates, rates)
    write_policies(templates, clock)
    support_files.write_catalog(zendesk, seed, clock)
    if "thought_industries" in systems:
        learning_catalog(academy, templates, clock)
    write_offers(templates, truth, seed, clock)
    write_judgements(templates, clock)
    write_portfolio(templates, clock)
    reps = draw_reps(seed, clock)
    write_reps(templates, reps)
    write_reps_ledger(truth, reps, clock)
    opened = np.zeros((months, len(REGIONS)), dtype=np.int64)
    selling = np.zeros((months, len(REGIONS)), dtype=np.int64)
    named: list[tuple[Ints, Ints]] = []
    costed: list[Frame] = []
    scale = ScaleTotals(clock)
    blocks = (customers + BLOCK - 1) // BLOCK
    for block in range(blocks):
        count = min(BLOCK, customers - block * BLOCK)
        dice = Dice(seed, block, count)
        people = draw_people(dice, block, count, clock)
        online = run_online(people, dice, clock)
        contracts = run_contracts(people, dice, clock)
        crm_files.write_crm(crm, people, contracts, online, clock)
        deals = draw_deals(people, dice, online, contracts, clock)
        write_selling(crm, templates, people, deals, clock)
        write_selling_ledger(truth, people, deals)
        sold = crm_files.deals(people, contracts, online, clock)
        write_deal_needs(templates, truth, people, dice, deals, sold, clock)
        services = draw_services(people, dice, contracts, sold, reps, clock)
        write_services(crm, people, services, clock)
        write_service_ledger(truth, people, services)
        selling += services.sold
        zuora_files.write_zuora(zuora, people, contracts, clock)
        write_renewal_ledger(truth, people, contracts, clock)
        stripe_files.write_stripe(stripe, people, online, clock)
        care = write_care(crm, gainsight, qualtrics, truth, people, dice, online, contracts, clock)
        plans = draw_plans(people, dice, care, online, contracts, clock)
        gainsight_files.write_plans(gainsight, people, plans, clock)
        if "gainsight" in systems:
            write_measurements(templates, plans)
        write_plan_ledger(truth, people, plans, clock)
        returns = draw_returns(people, dice, care, online, contracts, clock)
        write_returns(templates, people, returns)
        write_return_ledger(truth, people, returns)
        actions = draw_actions(people, dice, care, online, contracts, clock)
        write_actions(templates, people, actions)
        write_action_ledger(truth, people, actions, clock)
        practice = draw_practice(people, dice, care, online, contracts, clock)
        write_practice(gainsight, templates, people, practice, clock)
        listed = take(actions.listed, actions.listed["type"] == TRAINED)
        learning = draw_learning(people, dice, actions, online, contracts, clock)
        write_practice_ledger(truth, people, practice, care, listed, learning.completions, plans, clock)
        write_warning_ledger(truth, people, practice, care)
        if "thought_industries" in systems:
            write_learning(academy, templates, people, learning)
        write_needs(templates, truth, people, dice, clock)
        features.update(count_features(people, online, contracts, clock))
        dormant_use, pays = write_ledger(truth, people, dice, online, contracts, rates, totals, clock)
        if "pendo" in systems:
            usage = draw_usage_days(people, dice, online, contracts, pays, actions.lift(), clock)
            write_usage_truth(truth, people, usage, clock)
            write_learning_ledger(truth, people, learning, usage, clock)
            write_lifts(truth, people, actions, usage.seats, usage.users, clock)
            pendo_files.write_pendo(pendo, people, usage, clock)
            pendo_files.write_seats(templates, people, usage, clock)
        templates.write(
            "product_usage",
            {
                "account_id": text_ids("001DM", dormant_use["account"], 10, "AAA"),
                "usage_date": dates(dormant_use["day"]),
                "event_count": numbers(dormant_use["events"]),
            },
        )
        there = presence(people, online, contracts, clock)
        if "kantata" in systems:
            projects = draw_projects(people, there, dice, clock)
            write_projects(kantata, people, projects, clock)
            write_project_ledger(truth, people, projects, clock)
        if "zendesk" in systems:
            cases = run_cases(people, there, seed, clock)
            sessions = run_sessions(people, there, seed, clock)
            support_files.write_zendesk(zendesk, people, cases, seed, clock)
            support_files.write_links(templates, cases, clock)
            support_files.write_sessions(templates, sessions)
            write_support_ledger(truth, people, cases, seed, clock)
            write_session_ledger(truth, people, sessions)
            scale.add_block(cases, sessions)
            opened += support_files.count_cases(cases, people, clock)
            named.append(support_files.tickets_of_issues(cases))
            costed.append(closed_cases(cases, people, seed, clock))
        if blocks > 10 and block % 10 == 9:
            echo(f"{(block + 1) * BLOCK:,} of {customers:,} customers")
    stripe_files.write_test_mode(stripe, clock)
    if named:
        support_files.write_reviews(templates, seed, clock)
        support_files.write_time(templates, seed, clock)
        of_support = support_files.write_costs(templates, opened, seed, clock)
        write_cost_ledger(truth, costed, of_support, seed, clock)
        write_scale_ledger(truth, scale, totals.active)
    write_selling_costs(templates, selling, clock)
    tickets = support_files.tickets_by_issue(named)
    jira_files.write_jira(jira, tickets, seed, clock)
    write_defect_ledger(truth, seed, clock)
    write_totals(truth, totals, clock)
    for files in (
        crm,
        zuora,
        stripe,
        gainsight,
        jira,
        pendo,
        qualtrics,
        templates,
        zendesk,
        academy,
        kantata,
    ):
        files.close()
    truth.write(
        "features",
        {
            "feature": pa.array(sorted(features), pa.string()),
            "count": pa.array([features[name] for name in sorted(features)]),
        },
    )
    truth.close()
    if dirt:
        echo(f"{len(add_dirt(raw))} defects, listed in _ledger/dirt.csv")
    (raw / UNFINISHED).unlink()
    echo(f"{customers:,} customers, {months} months to 2026-10-31, seed {seed}: {raw}")


def clear_folders(raw: Path) -> None:
    """Remove an earlier demo. Raises FileExistsError if a folder to be written holds files of others."""
    used = [folder for folder in FOLDERS if (raw / folder).is_dir() and any((raw / folder).iterdir())]
    is_demo = (raw / UNFINISHED).exists() or (raw / "_ledger" / "customer_truth.parquet").exists()
    if used and not is_demo:
        raise FileExistsError(
            f"{raw} holds exports that are no demo's ({', '.join(used)}); give another folder"
        )
    for folder in used:
        shutil.rmtree(raw / folder)


def write_rates(files: CsvFiles, rates: Rates) -> None:
    """Write spot rates of every day, month-end rates, and a budget rate per year, all to US dollars."""
    days = np.arange(len(rates.spot), dtype=np.int64) + rates.first_day
    next_month = (days + 1).astype("M8[D]").astype("M8[M]") != days.astype("M8[D]").astype("M8[M]")
    years = np.array(sorted(rates.budget), dtype=np.int64)
    new_year = np.array(
        [int(np.datetime64(int(year) - 1970, "Y").astype("M8[D]").astype(np.int64)) for year in years]
    )
    budget = np.array([rates.budget[int(year)] for year in years])
    for kind, when, table in (
        ("spot", days, rates.spot),
        ("month_end", days[next_month], rates.spot[next_month]),
        ("budget", new_year, budget),
    ):
        for code in (1, 2, 3):
            count = len(when)
            files.write(
                "exchange_rates",
                {
                    "rate_date": dates(when),
                    "from_currency": labels(CURRENCIES, np.full(count, code)),
                    "to_currency": constant("USD", count),
                    "rate": decimals(table[:, code], 6),
                    "rate_type": constant(kind, count),
                },
            )
