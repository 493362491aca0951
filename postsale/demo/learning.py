"""What customers' people learn: the trainings of ``actions``, seen by those who took part, and what followed from them.

A month with a training is a course that some users of the customer take. Most of them are assessed, and try once more where they
fail; who does very well gets a certificate, some of those a reward. The lift of use is that of the training (``actions``): nothing
here changes anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from postsale.demo.actions import TRAINED, Actions
from postsale.demo.canaries import MARK
from postsale.demo.care import Course
from postsale.demo.clock import NEVER, NONE, Clock, Flags, Ints, month_start
from postsale.demo.contracts import Contracts
from postsale.demo.dice import Dice
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    ParquetFiles,
    Rows,
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
from postsale.demo.online import Online
from postsale.demo.pendo_files import account_of, visitor_ids
from postsale.demo.people import People
from postsale.demo.usage import TRACKED_MONTHS, WINDOW_DAYS, Usage, mixed

LEARNERS = (90, 30, 8)
"""Users of a customer who may learn, by segment; fewer than 100, which numbers count on."""
MODES = ["self_paced", "live_coaching", "ilt_in_person", "ilt_virtual"]
COACHING = 1
KINDS = ["courseGroup", "", "inPersonEvent", "webinar"]
"""Kinds of the catalogue, by mode; coaching is in a list of the company's own."""
MODE_STEPS = np.array([0.5, 0.7, 0.85])
ASSESSMENTS = [
    "Working with Insight",
    "Working with Flow",
    "Better decisions with Insight",
    "Better processes with Flow",
]
TECHNICAL = 2
"""The first assessments are of technical skills, the others of business skills."""
PASS, EXCELLENT = 80, 90
PATH_DAYS = 60
REQUIREMENTS = (
    ("Insight", "Analyst", "Queries", "technical", 0, 0),
    ("Insight", "Analyst", "Reading trends", "business", 3, 0),
    ("Insight", "Administrator", "Access rights", "technical", 0, 0),
    ("Flow", "Process owner", "Designing a process", "business", -1, 6),
    ("Flow", "Administrator", "Connectors", "technical", 6, -1),
)
"""Product, role, skill, its type, and the months after the first one from which on there is a resource and a standard; −1 = never."""


@dataclass
class Learning:
    """One block's learning. Learners are users of their customer by number; days are whole."""

    learners: Frame
    """customer, user."""
    completions: Frame
    """number, customer, user, mode, month, day, rating (−1 = none)."""
    attempts: Frame
    """number, customer, user, assessment, day, second, grade, is_first."""
    certificates: Frame
    """number, customer, user, issued, expires."""
    paths: Frame
    """number, customer, user, assigned, due, completed."""
    offers: Frame
    """number, customer, day, redeemed."""
    rewards: Frame
    """number, customer, user, day."""
    onboarding: Frame
    """number, customer, step (0 skills inventory, 1 training plan), day."""


def draw_learning(
    people: People, dice: Dice, actions: Actions, online: Online, contracts: Contracts, clock: Clock
) -> Learning:
    """Draw one block."""
    course = Course(people, online, contracts, clock)
    salt = (dice.uniform("learning") * 2**40).astype(np.int64)
    learners = np.array(LEARNERS)[people.segment]
    joined = course.active.any(axis=1)
    who = np.repeat(np.arange(people.count), np.where(joined, learners, 0))
    user = np.arange(len(who)) - np.repeat(
        np.cumsum(np.where(joined, learners, 0)) - np.where(joined, learners, 0),
        np.where(joined, learners, 0),
    )

    customer, month = np.nonzero(actions.months[:, TRAINED])
    counts = learners[customer]
    at = np.repeat(np.arange(len(customer)), counts)
    number = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    customer, month = customer[at], month[at]
    key = salt[customer]
    mode = np.searchsorted(MODE_STEPS, mixed(key, month, 1), side="right")
    takes_part = (number == 0) | (mixed(key, number, month, 2) < 0.45)
    customer, month, mode, taker = (column[takes_part] for column in (customer, month, mode, number))
    key = salt[customer]
    day = np.minimum(
        month_start(course.months[month]) + (mixed(key, taker, month, 3) * 28).astype(np.int64), clock.as_of
    )
    identity = (people.index[customer] * 100 + taker) * 1200 + course.months[month] % 1200
    rating = np.where(
        mixed(key, taker, month, 4) < 0.7, 3 + (mixed(key, taker, month, 5) * 3).astype(int), -1
    )
    completions: Frame = {
        "number": identity,
        "customer": customer,
        "user": taker,
        "mode": mode,
        "month": month,
        "day": day,
        "rating": np.where(mode == COACHING, rating, -1),
    }
    attempts = draw_attempts(people, salt, completions, clock)
    passed = take(attempts, attempts["grade"] >= EXCELLENT)
    certificates: Frame = {
        "number": passed["number"],
        "customer": passed["customer"],
        "user": passed["user"],
        "issued": passed["day"],
        "expires": passed["day"] + 365,
    }
    rewarded = take(certificates, mixed(salt[passed["customer"]], passed["user"], 6) < 0.5)
    day = rewarded["issued"] + 10
    rewards = take({**rewarded, "day": day}, day <= clock.as_of)
    return Learning(
        learners={"customer": who, "user": user},
        completions=completions,
        attempts=attempts,
        certificates=certificates,
        paths=draw_paths(salt, completions, clock),
        offers=draw_offers(people, salt, course, clock),
        rewards=rewards,
        onboarding=draw_onboarding(people, salt, course, clock),
    )


def draw_attempts(people: People, salt: Ints, completions: Frame, clock: Clock) -> Frame:
    """Most learners are assessed within days, in one of four assessments; half of those who fail try again two weeks later."""
    rows = Rows("number", "customer", "user", "assessment", "day", "second", "grade", "is_first")
    key = salt[completions["customer"]]
    taker, month = completions["user"], completions["month"]
    tried = take(completions, mixed(key, taker, month, 7) < 0.7)
    key = salt[tried["customer"]]
    assessment = (mixed(key, tried["user"], tried["month"], 8) * len(ASSESSMENTS)).astype(np.int64)
    day = tried["day"] + 1 + (mixed(key, tried["user"], tried["month"], 9) * 5).astype(np.int64)
    level = 45 + 40 * people.skill[tried["customer"]] + 35 * mixed(key, tried["user"], tried["month"], 10)
    grade = np.clip(np.rint(level), 0, 100).astype(np.int64)
    again = (grade < PASS) & (mixed(key, tried["user"], tried["month"], 11) < 0.5)
    for turn, chosen in enumerate((np.ones(len(grade), dtype=bool), again)):
        when = day + 14 * turn
        chosen = chosen & (when <= clock.as_of)
        rows.add(
            int(chosen.sum()),
            number=tried["number"][chosen] * 2 + turn,
            customer=tried["customer"][chosen],
            user=tried["user"][chosen],
            assessment=assessment[chosen],
            day=when[chosen],
            second=36_000 + turn,
            grade=np.minimum(grade + 12 * turn, 100)[chosen],
            is_first=0,
        )
    frame = rows.frame()
    # Courses follow each other within days, so an attempt of a later course may come before a repeated one of the earlier.
    same = (frame["customer"] * 1000 + frame["user"]) * 10 + frame["assessment"]
    order = np.lexsort((frame["number"], frame["second"], frame["day"], same))
    frame = take(frame, order)
    same = same[order]
    # Two attempts of one learner at one assessment in one second are one.
    stamp = frame["day"] * 10**5 + frame["second"]
    new = np.ones(len(same), dtype=bool)
    new[1:] = (same[1:] != same[:-1]) | (stamp[1:] != stamp[:-1])
    frame, same = take(frame, new), same[new]
    first = np.ones(len(same), dtype=bool)
    first[1:] = same[1:] != same[:-1]
    frame["is_first"] = first.astype(np.int64)
    return frame


def draw_paths(salt: Ints, completions: Frame, clock: Clock) -> Frame:
    """Whoever comes for the first time gets a learning path for two months; most complete it, some of them late."""
    learner = completions["customer"] * 1000 + completions["user"]
    order = np.lexsort((completions["day"], learner))
    first = np.ones(len(order), dtype=bool)
    first[1:] = learner[order][1:] != learner[order][:-1]
    begun = take(completions, order[first])
    key = salt[begun["customer"]]
    takes = 20 + (mixed(key, begun["user"], 12) * 60).astype(np.int64)
    done = np.where(mixed(key, begun["user"], 13) < 0.7, begun["day"] + takes, NEVER)
    return {
        "number": begun["number"],
        "customer": begun["customer"],
        "user": begun["user"],
        "assigned": begun["day"],
        "due": begun["day"] + PATH_DAYS,
        "completed": np.where(done <= clock.as_of, done, NEVER),
    }


def draw_offers(people: People, salt: Ints, course: Course, clock: Clock) -> Frame:
    """Vouchers for courses to some customers each month; four of ten are redeemed within weeks."""
    draw = mixed(salt[:, None], course.months[None, :], 14)
    customer, month = np.nonzero(course.active & (draw < 0.03))
    key = salt[customer]
    day = month_start(course.months[month]) + (mixed(key, month, 15) * 28).astype(np.int64)
    used = day + 3 + (mixed(key, month, 16) * 40).astype(np.int64)
    used = np.where(mixed(key, month, 17) < 0.4, used, NEVER)
    return {
        "number": people.index[customer] * 1200 + course.months[month] % 1200,
        "customer": customer,
        "day": day,
        "redeemed": np.where(used <= clock.as_of, used, NEVER),
    }


def draw_onboarding(people: People, salt: Ints, course: Course, clock: Clock) -> Frame:
    """An inventory of skills for half of the new customers, a training plan for a third, soon or late."""
    rows = Rows("number", "customer", "step", "day")
    customer, month = np.nonzero(course.is_first)
    for kind, share in enumerate((0.5, 0.35)):
        key = salt[customer]
        day = month_start(course.months[month]) + 30 + (mixed(key, kind, 18) * 60).astype(np.int64)
        chosen = (mixed(key, kind, 19) < share) & (day <= clock.as_of)
        rows.add(
            int(chosen.sum()),
            number=people.index[customer[chosen]] * 10 + kind,
            customer=customer[chosen],
            step=kind,
            day=day[chosen],
        )
    return rows.frame()


def write_catalog(academy: CsvFiles, templates: CsvFiles, clock: Clock) -> None:
    """Write the catalogue of courses, and the skills that roles need."""
    kinds = np.array([mode for mode, kind in enumerate(KINDS) if kind], dtype=np.int64)
    academy.write(
        "content",
        {
            "id": text_ids("content-", kinds, 3),
            "title": labels([f"Course {mode}" for mode in MODES], kinds),
            "kind": labels(KINDS, kinds),
            "status": constant("published", len(kinds)),
        },
    )
    first = int(month_start(np.array([clock.first_month]))[0])
    months = np.array([row[4:] for row in REQUIREMENTS], dtype=np.int64)
    starts = np.where(months < 0, NEVER, month_start(clock.first_month + np.maximum(months, 0)))
    starts = np.where(starts <= clock.as_of, starts, NEVER)
    places = np.arange(len(REQUIREMENTS), dtype=np.int64)
    templates.write(
        "skill_requirements",
        {
            "requirement_id": text_ids("SR", places, 3),
            **{
                name: labels([str(row[at]) for row in REQUIREMENTS], places)
                for at, name in enumerate(("product", "role", "skill", "skill_type"))
            },
            "required_from": dates(np.full(len(places), first)),
            "resource_from": dates(starts[:, 0]),
            "standard_from": dates(starts[:, 1]),
        },
    )


def learner_ids(people: People, rows: Frame) -> pa.Array:
    """Ids such as ``learner-0000001203``."""
    return text_ids("learner-", people.index[rows["customer"]] * 100 + rows["user"], 10)


def accounts(people: People, rows: Frame) -> pa.Array:
    """CRM account of each row's user."""
    return text_ids("001DM", account_of(people, rows["customer"], rows["user"]), 10, "AAA")


def own_accounts(people: People, rows: Frame) -> pa.Array:
    """CRM account of each row's customer."""
    return text_ids("001DM", people.index[rows["customer"]] * 10, 10, "AAA")


def write_learning(academy: CsvFiles, templates: CsvFiles, people: People, learning: Learning) -> None:
    """Write one block: the learning system, and what it does not know into the lists of the company."""
    learners = learning.learners
    joined = np.full(size(learners), NEVER)
    place = learners["customer"] * 1000 + learners["user"]
    taken = learning.completions
    np.minimum.at(joined, np.searchsorted(place, taken["customer"] * 1000 + taken["user"]), taken["day"])
    known = take({**learners, "joined": joined}, joined < NEVER)
    academy.write(
        "users",
        {
            "id": learner_ids(people, known),
            "email": visitor_ids(people, known["customer"], known["user"]),
            "sf_account_id": accounts(people, known),
            "sf_contact_id": text_ids(
                "003DM", people.index[known["customer"]] * 100 + known["user"], 10, f".{MARK}"
            ),
            "external_customer_id": constant(None, size(known)),
            "created_at": stamps(known["joined"], 28_800),
        },
        personal=("email", "sf_contact_id"),
    )
    done = learning.completions
    in_system = take(done, done["mode"] != COACHING)
    academy.write(
        "course_completions",
        {
            "id": text_ids("cc-", in_system["number"], 12),
            "user_detail_id": learner_ids(people, in_system),
            "notifiable_id": text_ids("content-", in_system["mode"], 3),
            "type": constant("course", size(in_system)),
            "timestamp": stamps(in_system["day"], 57_600),
        },
    )
    academy.write(
        "course_actions",
        {
            "user_detail_id": learner_ids(people, in_system),
            "course_sku": text_ids("content-", in_system["mode"], 3),
            "course_title": labels([f"Course {mode}" for mode in MODES], in_system["mode"]),
            "type": constant("courseStarted", size(in_system)),
            "timestamp": stamps(in_system["day"], 48_000),
        },
    )
    coached = take(done, done["mode"] == COACHING)
    templates.write(
        "training_completions",
        {
            "completion_id": text_ids("TC", coached["number"], 12),
            "account_id": accounts(people, coached),
            "user_id": visitor_ids(people, coached["customer"], coached["user"]),
            "mode": constant("Coaching", size(coached)),
            "completed_date": dates(coached["day"]),
            "rating": numbers(np.where(coached["rating"] < 0, NONE, coached["rating"])),
        },
        personal=("user_id",),
    )
    attempts = learning.attempts
    academy.write(
        "assessment_attempts",
        {
            "user_id": learner_ids(people, attempts),
            "assessment_id": text_ids("assessment-", attempts["assessment"], 2),
            "assessment_title": labels(ASSESSMENTS, attempts["assessment"]),
            "grade": numbers(attempts["grade"]),
            "passed": booleans(attempts["grade"] >= PASS),
            "status": constant("completed", size(attempts)),
            "created_at": stamps(attempts["day"], attempts["second"]),
        },
    )
    certificates = learning.certificates
    templates.write(
        "certificates",
        {
            "certificate_id": text_ids("CE", certificates["number"], 12),
            "account_id": accounts(people, certificates),
            "user_id": visitor_ids(people, certificates["customer"], certificates["user"]),
            "issued_date": dates(certificates["issued"]),
            "expires_date": dates(certificates["expires"]),
        },
        personal=("user_id",),
    )
    paths = learning.paths
    academy.write(
        "learning_path_actions",
        {
            "user_detail_id": learner_ids(people, paths),
            "learning_path_sku": constant("path-basics", size(paths)),
            "milestone_title": constant(None, size(paths)),
            "type": constant("learningPathStarted", size(paths)),
            "timestamp": stamps(paths["assigned"], 57_000),
        },
    )
    redeemed = take(learning.offers, learning.offers["redeemed"] < NEVER)
    is_order = redeemed["number"] % 3 == 0
    ordered, redeemed = take(redeemed, is_order), take(redeemed, ~is_order)
    academy.write(
        "course_purchases",
        {
            "order_id": text_ids("order-", ordered["number"], 12),
            "sku": text_ids("content-", np.zeros(size(ordered), dtype=np.int64), 3),
            "title": constant(f"Course {MODES[0]}", size(ordered)),
            "quantity": numbers(np.ones(size(ordered), dtype=np.int64)),
            "revenue_type": constant("course", size(ordered)),
            "coupon_code": text_ids("LEARN-", ordered["number"], 12),
            "success": always(True, size(ordered)),
            "timestamp": stamps(ordered["redeemed"], 50_000),
        },
    )
    academy.write(
        "code_redemptions",
        {
            "redemption_code": text_ids("LEARN-", redeemed["number"], 12),
            "redemption_code_group_label": constant("Vouchers", size(redeemed)),
            "timestamp": stamps(redeemed["redeemed"], 50_000),
        },
    )
    write_steps(templates, people, learning)


def write_steps(templates: CsvFiles, people: People, learning: Learning) -> None:
    """Write steps towards learning that no system records."""
    paths, offers = learning.paths, learning.offers
    ended = take(paths, paths["completed"] < NEVER)
    onboarding = learning.onboarding

    def steps(
        kind: str, rows: Frame, day: Ints, users: bool, subject: pa.Array | None, due: Ints | None
    ) -> None:
        count = size(rows)
        templates.write(
            "learning_steps",
            {
                "step_id": text_ids(f"{kind}-", rows["number"], 12),
                "account_id": accounts(people, rows) if users else own_accounts(people, rows),
                "user_id": visitor_ids(people, rows["customer"], rows["user"])
                if users
                else constant(None, count),
                "step_type": constant(kind, count),
                "subject_id": constant(None, count) if subject is None else subject,
                "step_date": dates(day),
                "due_date": dates(np.full(count, NONE) if due is None else due),
            },
            personal=("user_id",) if users else (),
        )

    steps("path_assigned", paths, paths["assigned"], True, constant("path-basics", size(paths)), paths["due"])
    steps("path_completed", ended, ended["completed"], True, constant("path-basics", size(ended)), None)
    steps("incentive_offered", offers, offers["day"], False, text_ids("LEARN-", offers["number"], 12), None)
    steps("reward", learning.rewards, learning.rewards["day"], True, None, None)
    for code, kind in enumerate(("skills_inventory", "training_plan")):
        rows = take(onboarding, onboarding["step"] == code)
        steps(kind, rows, rows["day"], False, None, None)


def calendar_month(days: Ints) -> Ints:
    """Month number of each day."""
    return np.asarray(days.astype("M8[D]").astype("M8[M]").astype(np.int64) + 12 * 1970)


def write_learning_ledger(
    files: ParquetFiles, people: People, learning: Learning, usage: Usage, clock: Clock
) -> None:
    """Write what active users of each customer have learnt at each month-end of the tracked months, and first attempts by month."""
    ids = people.customer_ids()
    first = take(learning.attempts, learning.attempts["is_first"] == 1)
    files.write(
        "first_attempts",
        {
            "customer_id": ids.take(pa.array(first["customer"])),
            "month_end": dates(clock.month_ends[calendar_month(first["day"]) - clock.first_month]),
            "is_passed": booleans(first["grade"] >= PASS),
        },
    )

    def person(rows: Frame) -> Ints:
        return np.asarray(rows["customer"] * 1000 + rows["user"])

    def newest_good(attempts: Frame, end: int, month: int) -> tuple[Ints, Ints]:
        """Who has an assessment of the last 24 months, and whose newest is good."""
        seen = take(attempts, (attempts["day"] <= end) & (calendar_month(attempts["day"]) > month - 24))
        order = np.lexsort((seen["assessment"], seen["second"], seen["day"], person(seen)))
        seen = take(seen, order)
        last = np.ones(size(seen), dtype=bool)
        last[:-1] = person(seen)[1:] != person(seen)[:-1]
        return np.unique(person(seen)), person(take(seen, last & (seen["grade"] >= PASS)))

    days = usage.days
    for at, end in enumerate(clock.month_ends.tolist()):
        if at < clock.months - TRACKED_MONTHS:
            continue
        month = clock.first_month + at
        recent = (days["day"] > end - WINDOW_DAYS) & (days["day"] <= end)
        active = np.unique(person(take(days, recent)))
        done = learning.completions
        done = take(done, (done["day"] <= end) & (calendar_month(done["day"]) > month - 12))
        holders = learning.certificates
        holders = take(holders, (holders["issued"] <= end) & (holders["expires"] > end))
        rewards = learning.rewards
        rewards = take(rewards, (rewards["day"] <= end) & (calendar_month(rewards["day"]) > month - 12))
        paths = take(learning.paths, learning.paths["assigned"] <= end)
        _, good = newest_good(learning.attempts, end, month)
        kinds = learning.attempts["assessment"] < TECHNICAL
        technical = newest_good(take(learning.attempts, kinds), end, month)
        business = newest_good(take(learning.attempts, ~kinds), end, month)
        sets = {
            **{mode: person(take(done, done["mode"] == code)) for code, mode in enumerate(MODES)},
            "certified": person(holders),
            "proficient": np.concatenate([person(holders), good]),
            "path": person(paths),
            "rewarded": person(rewards),
            "technical_assessed": technical[0],
            "technical_proficient": technical[1],
            "business_assessed": business[0],
            "business_proficient": business[1],
        }
        customer = np.unique(active // 1000)
        flags: dict[str, Flags] = {name: np.isin(active, found) for name, found in sets.items()}
        place = np.searchsorted(customer, active // 1000)
        files.write(
            "learning_months",
            {
                "customer_id": ids.take(pa.array(customer)),
                "month_end": dates(np.full(len(customer), end)),
                "active_user_count": numbers(np.bincount(place, minlength=len(customer))),
                **{
                    f"{name}_user_count": numbers(np.bincount(place[held], minlength=len(customer)))
                    for name, held in flags.items()
                },
            },
        )
