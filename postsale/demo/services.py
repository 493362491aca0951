"""Projects of the demo company's services, as Kantata exports them, its portfolio managers, and what is true of both.

Who gets a project is drawn without a look at anything else: services truly do nothing to retention here, and the warehouse must say so.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.canaries import marked
from postsale.demo.cases import Presence
from postsale.demo.clock import Clock, Ints, month_start
from postsale.demo.dice import Dice
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    ParquetFiles,
    constant,
    dates,
    decimals,
    labels,
    numbers,
    size,
    take,
    text_ids,
)
from postsale.demo.people import REGIONS, People

FIRST_YEAR, YEARS = 2000, 30
MONTHS = 3
"""A project takes three months, with one booking in each."""
CHANCE = 0.25
"""Of a project in a year."""
HOURLY, FIXED_HOURLY = 180, 150
"""Dollars that an hour earns, and that an hour of the budget of a fixed fee does."""
USERS = [marked(name) for name in ("Ada Project", "Ben Builder", "Cleo Coach", "Dan Data")]
CATEGORIES = ["Implementation", "Training"]
SERVICES = ["Onboarding Package", "Training Pass", "Guard Hardening Workshop"]
WORKSHOP_FROM = 30
"""Month of the company from which some projects are workshops."""
LINES = ["professional_services", "education"]
FTE_TENTHS = np.array([10, 10, 5, 10, 5, 10])
"""Of the managers PM01 to PM06; the last two look after no offer yet."""
SALE_GOALS = np.array([10000, 2000, 500, 250, 0, 0])
RENEWAL_GOALS = np.array([10000, 2500, 500, 0, 0, 0])
"""Dollars of annual value to reach in a month; 0 = no goal is set."""


def draw_projects(people: People, there: Presence, dice: Dice, clock: Clock) -> Frame:
    """Bookings of one block: one row a project and month, with what the hours earn in cents."""
    draws = dice.uniform("service projects", YEARS, 8)
    month = (np.arange(YEARS) + FIRST_YEAR)[None, :] * 12 + (draws[:, :, 1] * 12).astype(np.int64)
    place = month - clock.first_month
    inside = (place >= 0) & (place < clock.months)
    active = there.is_active[np.arange(people.count)[:, None], np.clip(place, 0, clock.months - 1)]
    chosen = inside & active & (draws[:, :, 0] < CHANCE) & ~people.is_unmatched[:, None]
    who, year = np.nonzero(chosen)
    draw = draws[who, year]
    project: Frame = {
        "customer": who,
        "project": people.index[who] * YEARS + year,
        "start": month[who, year],
        "hours": 7 + (draw[:, 2] * 20).astype(np.int64),
        "day": 3 + (draw[:, 3] * 22).astype(np.int64),
        "fixed": (draw[:, 4] < 0.4).astype(np.int64),
        "free": (draw[:, 5] < 0.08).astype(np.int64),
        "line": (draw[:, 6] < 0.3).astype(np.int64),
        "user": (draw[:, 7] * len(USERS)).astype(np.int64),
    }
    rows = {name: np.repeat(column, MONTHS) for name, column in project.items()}
    is_workshop = (
        (rows["line"] == 0) & (rows["user"] == 0) & (rows["start"] >= clock.first_month + WORKSHOP_FROM)
    )
    rows["service"] = np.where(is_workshop, 2, rows["line"])
    step = np.tile(np.arange(MONTHS), size(project))
    rows["step"] = step
    rows["month"] = rows["start"] + step
    rows["hours"] = rows["hours"] + step
    rate = np.where(rows["fixed"] == 1, FIXED_HOURLY, HOURLY)
    rows["cents"] = np.where(rows["free"] == 1, 0, rows["hours"] * rate * 100)
    return take(rows, rows["month"] < clock.first_month + clock.months)


def write_projects(kantata: CsvFiles, people: People, rows: Frame, clock: Clock) -> None:
    """Write projects, budgets and revenue by user under the headers that Kantata gives them."""
    firsts = take(rows, rows["step"] == 0)
    ids, count = text_ids("KP", firsts["project"], 8), size(firsts)
    last = clock.first_month + clock.months - 1
    is_done = firsts["start"] + MONTHS - 1 < last
    kantata.write(
        "project_details",
        {
            "Project": text_ids("Project ", firsts["project"], 8),
            "Project: ID": ids,
            "Project: Client Name": text_ids("Client ", people.index[firsts["customer"]], 6),
            "1. Account": text_ids("001DM", people.index[firsts["customer"]] * 10, 10, "AAA"),
            "2. Opportunity": constant(None, count),
            "Free Services Approved": labels(["No", "Yes"], firsts["free"]),
        },
    )
    end = month_start(firsts["start"] + MONTHS) - 1
    kantata.write(
        "project_budget",
        {
            "Project: ID": ids,
            "Project: Budget Used": numbers(np.where(is_done, 100, 50)),
            "Project: Over Budget": constant("No", count),
            "Project: Billing Mode Default": labels(["Time & Materials", "Fixed Fee"], firsts["fixed"]),
            "Date (Project Start)": american(month_start(firsts["start"])),
            "Date (Project Due)": american(end),
            "Date (Project Completed)": american(end, is_done),
            "Bill Rate: Time Entries, Billable": numbers(
                np.where(firsts["fixed"] == 1, FIXED_HOURLY, HOURLY)
            ),
        },
    )
    count = size(rows)
    day = month_start(rows["month"]) + rows["day"]
    monday = day - (day + 3) % 7
    kantata.write(
        "revenue_by_user",
        {
            "Booking Date": american(day),
            "Region": labels(REGIONS, people.region[rows["customer"]]),
            "Project": text_ids("Project ", rows["project"], 8),
            "Category": labels(CATEGORIES, rows["line"]),
            "Type": constant("Billable", count),
            "Services": labels(SERVICES, rows["service"]),
            "Role": labels(["Consultant", "Trainer"], rows["line"]),
            "User Name": labels(USERS, rows["user"]),
            "Project: ID": text_ids("KP", rows["project"], 8),
            "Week (Mon-Sun)/Year (Shared)": pa.array(
                [f"{words(first)} - {words(first + 6)}" for first in monday.tolist()], pa.string()
            ),
            "Hours": numbers(rows["hours"]),
            "Fixed Fee": decimals(np.where(rows["fixed"] == 1, rows["cents"], 0), 2),
            "T&M": decimals(np.where(rows["fixed"] == 1, 0, rows["cents"]), 2),
            "Revenue": decimals(rows["cents"], 2),
        },
        personal=("User Name",),
    )


def write_project_ledger(files: ParquetFiles, people: People, rows: Frame, clock: Clock) -> None:
    """Write hours and cents of each customer, line and month; services truly keep nobody and sell nothing else."""
    count = size(rows)
    files.write(
        "service_deliveries",
        {
            "customer_id": people.customer_ids().take(pa.array(rows["customer"])),
            "month_end": dates(month_start(rows["month"] + 1) - 1),
            "service_line": labels(LINES, rows["line"]),
            "hours": numbers(rows["hours"]),
            "cents": numbers(rows["cents"]),
            "is_free": pa.array(rows["free"] == 1),
            "effect_on_retention": numbers(np.zeros(count, dtype=np.int64)),
        },
    )


def write_portfolio(templates: CsvFiles, clock: Clock) -> None:
    """Write who manages the offers, and their goals for each month."""
    managers = np.arange(1, len(FTE_TENTHS) + 1, dtype=np.int64)
    started = month_start(np.full(len(managers), clock.first_month))
    templates.write(
        "portfolio_managers",
        {
            "manager_id": text_ids("PM", managers, 2),
            "valid_from": dates(started),
            "fte": decimals(FTE_TENTHS, 1),
            "recorded_date": dates(started),
        },
    )
    months = np.arange(clock.first_month, clock.first_month + clock.months, dtype=np.int64)
    for goal, amounts in (("sale", SALE_GOALS), ("renewal", RENEWAL_GOALS)):
        manager, month = (part.ravel() for part in np.meshgrid(managers[amounts > 0], months, indexing="ij"))
        templates.write(
            "portfolio_goals",
            {
                "manager_id": text_ids("PM", manager, 2),
                "goal": constant(goal, len(manager)),
                "period_month": dates(month_start(month)),
                "target_amount": numbers(amounts[manager - 1]),
                "currency": constant("USD", len(manager)),
                "recorded_date": dates(month_start(month)),
            },
        )


def american(days: Ints, known: np.ndarray | None = None) -> pa.Array:
    """Days as MM/DD/YYYY; nothing where they are not known."""
    texts = [day.item().strftime("%m/%d/%Y") for day in days.astype("M8[D]")]
    return pa.array(texts, pa.string(), mask=None if known is None else ~known)


def words(day: int) -> str:
    """A day as JAN 05, 2026."""
    text: str = np.datetime64(day, "D").item().strftime("%b %d, %Y")
    return text.upper()
