"""What the success team does with customers besides talking to them: tasks of its playbooks, and a list of what no system logs.

The team does more with those that succeed, and least with the smallest; so whoever receives more activities stays more often, whether
or not activities keep anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from postsale.demo.canaries import OWN_WORDS
from postsale.demo.care import (
    ANSWERED,
    CSAT,
    FIRST_VALUE,
    INTENT,
    KICK_OFF,
    NPS,
    PERCEPTION,
    REVIEW,
    SAVE,
    TRAINING,
    Care,
    Course,
    days_in,
)
from postsale.demo.clock import NEVER, NONE, Clock, Floats, Ints
from postsale.demo.contracts import Contracts
from postsale.demo.dice import Dice
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    ParquetFiles,
    Rows,
    booleans,
    dates,
    labels,
    numbers,
    size,
    stamps,
    take,
    text_ids,
)
from postsale.demo.gainsight_files import company_ids, loader
from postsale.demo.learning import COACHING
from postsale.demo.online import Online
from postsale.demo.people import People
from postsale.demo.plans import Plans, has_criteria

RUNNING = -1
"""Of an activity that is due in any month, not in one month of each year of the customer."""


@dataclass(frozen=True)
class Practice:
    """An activity: how it is called where it is recorded, and when and how often it is done."""

    activity: str
    words: str
    is_listed: bool = False
    """In the company's own list; else a task of the success team."""
    is_automated: bool = False
    month: int = RUNNING
    """Month of each year of the customer, 0 = the month of its start."""
    years: bool = True
    """Every year, not in the first one alone."""
    chance: float = 0.0


PRACTICES = [
    Practice("initial_welcome", "Welcome call", month=0, years=False, chance=0.95),
    Practice("goals_inventory", "Goals inventory", month=1, years=False, chance=0.6),
    Practice("access_verification", "Access check", month=1, years=False, chance=0.7),
    Practice("planning_goal_setting", "Set success goals", month=3, chance=0.7),
    Practice("account_planning", "Account planning", month=4, chance=0.4),
    Practice("journey_mapping", "journey_mapping", is_listed=True, month=2, chance=0.25),
    Practice("coaching", "Coaching session", chance=0.12),
    Practice("best_practices", "Share best practices", chance=0.08),
    Practice("templates", "Templates", is_listed=True, is_automated=True, chance=0.05),
    Practice("usage_tracking", "Usage review", chance=0.1),
    Practice("renewal_notification", "Send renewal notice", month=9, chance=0.9),
    Practice("budget_planning", "Budget planning", month=8, chance=0.4),
    Practice("follow_up", "Follow-up", month=10, chance=0.6),
    Practice("win_loss_analysis", "Win-loss analysis", is_listed=True, month=0, chance=0.3),
    Practice("account_review", "Account review", month=6, chance=0.55),
    Practice("roi_analysis", "ROI analysis", month=7, chance=0.35),
    Practice("expansion_goal_setting", "Growth planning", month=7, chance=0.25),
    Practice("opportunity_alignment", "opportunity_alignment", is_listed=True, month=8, chance=0.3),
    Practice("intervention", "Intervention", chance=0.0),
    Practice("", OWN_WORDS, chance=0.1),
]
INTERVENTION = next(code for code, item in enumerate(PRACTICES) if item.activity == "intervention")
DILIGENCE = (1.0, 0.8, 0.35)
"""Share of the activities that the team finds time for, by segment."""


def draw_practice(
    people: People, dice: Dice, care: Care, online: Online, contracts: Contracts, clock: Clock
) -> Frame:
    """One block's tasks and listed activities: number, customer, code, day, is_open."""
    course = Course(people, online, contracts, clock)
    rows = Rows("number", "customer", "code", "day", "is_open")
    year_of = np.cumsum(course.active, axis=1) - 1
    effort: Floats = np.array(DILIGENCE)[people.segment] * (0.4 + 0.8 * people.success)
    for code, item in enumerate(PRACTICES):
        draw = dice.uniform(f"practice {item.activity or 'other'}", clock.months, 3)
        due = course.active.copy()
        if item.month != RUNNING:
            due &= (year_of % 12 == item.month) & (item.years | (year_of < 12))
        if item.activity == "win_loss_analysis":
            # After a renewal or a loss, hence not at the start.
            left = np.zeros_like(due)
            left[:, 1:] = course.leaves[:, :-1] & ~course.active[:, 1:]
            due = (due & (year_of >= 12)) | left
        who, month = np.nonzero(due & (draw[:, :, 0] < item.chance * effort[:, None]))
        own = draw[who, month]
        rows.add(
            len(who),
            number=people.index[who] * 10**6 + (course.months[month] % 1200) * 100 + code,
            customer=who,
            code=code,
            day=days_in(course.months[month], own[:, 1]),
            is_open=(own[:, 2] < 0.08) & (not item.is_listed),
        )
    # Some risks are answered by a task of the playbook that nobody wrote down anywhere else.
    risks = care.risks
    own = dice.uniform("practice of risks", clock.months, 3)[risks["customer"], risks["month"]]
    day = risks["opened"] + np.floor(own[:, 1] * 12).astype(np.int64)
    done = (own[:, 0] < 0.3) & (day <= clock.as_of)
    rows.add(
        int(done.sum()),
        number=10**13 + risks["number"][done],
        customer=risks["customer"][done],
        code=INTERVENTION,
        day=day[done],
        is_open=0,
    )
    return rows.frame()


def write_practice(
    gainsight: CsvFiles, templates: CsvFiles, people: People, practice: Frame, clock: Clock
) -> None:
    """Write the tasks and the list."""
    is_listed = np.array([item.is_listed for item in PRACTICES])[practice["code"]]
    task, entry = take(practice, ~is_listed), take(practice, is_listed)
    count = size(task)
    closed = np.where(task["is_open"] == 1, NEVER, task["day"])
    begun = task["day"] - 6
    gainsight.write(
        "cs_task",
        {
            "gsid": text_ids("1T01DM", task["number"], 14),
            **loader(count, clock),
            "closed_date": stamps(closed, 52000),
            "company_id": company_ids(people.index[task["customer"]]),
            "created_date": stamps(begun, 41000),
            "is_closed": booleans(task["is_open"] == 0),
            "modified_date": stamps(np.where(task["is_open"] == 1, begun, task["day"]), 52000),
            "name": labels([item.words for item in PRACTICES], task["code"]),
            "type_id": text_ids("1I00TK", task["code"], 4),
        },
        personal=("name",),
    )
    templates.write(
        "activity_records",
        {
            "record_id": text_ids("P", entry["number"], 14),
            "account_id": text_ids("001DM", people.index[entry["customer"]] * 10, 10, "AAA"),
            "activity": labels([item.words for item in PRACTICES], entry["code"]),
            "activity_date": dates(entry["day"]),
            "is_automated": booleans(np.array([item.is_automated for item in PRACTICES])[entry["code"]]),
        },
    )


def write_judgements(templates: CsvFiles, clock: Clock) -> None:
    """Write what the team says of itself: a year ago modestly, today that it does all but what hardly anybody has seen."""
    names = [item.activity for item in PRACTICES if item.activity]
    seldom = np.array(
        [
            item.is_listed or item.activity in ("intervention", "budget_planning")
            for item in PRACTICES
            if item.activity
        ]
    )
    modest = np.array([item.chance > 0.5 for item in PRACTICES if item.activity])
    code = np.arange(len(names), dtype=np.int64)
    for months, said in ((12, modest), (1, ~seldom)):
        if clock.months <= months:
            continue
        templates.write(
            "practice_assessments",
            {
                "practice": labels(names, code),
                "assessed_date": dates(np.full(len(names), clock.month_ends[-1 - months])),
                "is_practised": booleans(said),
            },
        )


def write_warning_ledger(files: ParquetFiles, people: People, practice: Frame, care: Care) -> None:
    """Write the risks on record with the days until somebody stepped in; none within 90 days is no answer."""
    touch = take(care.touches, care.touches["kind"] == SAVE)
    task = take(practice, practice["code"] == INTERVENTION)
    who = np.concatenate([touch["customer"], task["customer"]])
    day = np.concatenate([touch["day"], task["day"]])
    risk = care.risks
    # Days sorted by customer: the first at or after a risk's day, if it is the same customer's.
    place = who * NEVER + day
    place.sort()
    wanted = risk["customer"] * NEVER + risk["opened"]
    found = np.append(place, NONE)[np.searchsorted(place, wanted)]
    days = np.where((found - wanted >= 0) & (found - wanted <= 90), found - wanted, NONE)
    files.write(
        "risk_answers",
        {
            "risk_key": text_ids("gainsight:1S01DM", risk["number"], 14),
            "customer_id": people.customer_ids().take(pa.array(risk["customer"])),
            "response_days": numbers(days),
        },
    )


def write_practice_ledger(
    files: ParquetFiles,
    people: People,
    practice: Frame,
    care: Care,
    trainings: Frame,
    completions: Frame,
    plans: Plans,
    clock: Clock,
) -> None:
    """Write every completed activity, whatever tells of it, but for the tracking of use; ``trainings`` has customer and day."""
    ids = people.customer_ids()

    def write(customer: Ints, activity: list[str], code: Ints, day: Ints) -> None:
        files.write(
            "cs_activities",
            {
                "customer_id": ids.take(pa.array(customer)),
                "activity_key": labels(activity, code),
                "activity_date": dates(day),
            },
        )

    names = [item.activity for item in PRACTICES]
    kept = take(
        practice, (practice["is_open"] == 0) & np.array([bool(name) for name in names])[practice["code"]]
    )
    write(kept["customer"], names, kept["code"], kept["day"])
    for kind, name in (
        (REVIEW, "business_review"),
        (TRAINING, "training"),
        (KICK_OFF, "kickoff_meeting"),
        (FIRST_VALUE, "access_verification"),
        (SAVE, "intervention"),
    ):
        touch = take(care.touches, (care.touches["kind"] == kind) & (care.touches["fate"] == ANSWERED))
        write(touch["customer"], [name], np.zeros(size(touch), dtype=np.int64), touch["day"])
    spam = care.invitations["number"][care.invitations["is_spam"] == 1]
    answer = take(
        care.answers,
        np.isin(care.answers["question"], (NPS, PERCEPTION, INTENT, CSAT))
        & ((care.answers["is_gainsight"] == 1) | ~np.isin(care.answers["number"] // 10, spam)),
    )
    done = take(completions, completions["mode"] != COACHING)
    coached = take(completions, completions["mode"] == COACHING)
    row = plans.objectives
    goals = take(row, has_criteria(row) & (plans.plans["is_draft"][row["place"]] == 0))
    judged = take(care.scores, care.scores["state"] >= 0)
    for customer, name, day in (
        (answer["customer"], "sentiment_analysis", answer["day"]),
        (judged["customer"], "sentiment_analysis", clock.month_ends[judged["month"]]),
        (care.scores["customer"], "risk_assessment", clock.month_ends[care.scores["month"]]),
        (care.risks["customer"], "risk_assessment", care.risks["opened"]),
        (trainings["customer"], "training", trainings["day"]),
        (done["customer"], "training", done["day"]),
        (coached["customer"], "coaching", coached["day"]),
        (goals["customer"], "planning_goal_setting", goals["start"]),
    ):
        write(customer, [name], np.zeros(len(customer), dtype=np.int64), day)
