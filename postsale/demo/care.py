"""What passes between the company and its customers: touches, surveys, risks on record, health scores.

All of it follows from the customers' hidden causes and from what becomes of their contracts: customers that succeed talk more and in a
better tone; those about to leave are worried, then silent; success managers see most losses coming, and some that do not come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postsale.demo.clock import NEVER, NONE, Clock, Flags, Floats, Ints, month_start
from postsale.demo.contracts import Contracts
from postsale.demo.dice import Dice
from postsale.demo.frames import Frame, Rows, take
from postsale.demo.ledger import month_balances, true_lines
from postsale.demo.online import Online
from postsale.demo.people import PROSPECT, People

FAR = 99
"""Months until an event that does not come."""


@dataclass(frozen=True)
class Kind:
    """A kind of touch: where it is logged and in which words, and what the warehouse has to make of it."""

    system: str
    words: str
    """Finer word of the type; empty = none."""
    broad: str
    engagement_type: str
    mode: str
    is_two_way: bool
    chance: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Chance a month, by segment."""


KINDS = [
    Kind("gainsight", "Cadence call", "Meeting", "meeting", "high_touch", True, (0.80, 0.45, 0.04)),
    Kind("salesforce", "Call", "Call", "call", "high_touch", True, (0.60, 0.40, 0.15)),
    Kind("salesforce", "", "Email", "email", "high_touch", False, (0.90, 0.70, 0.30)),
    Kind("gainsight", "EBR", "Meeting", "business_review", "high_touch", True),
    Kind("gainsight", "", "Training", "training", "high_touch", True, (0.25, 0.15, 0.02)),
    Kind("salesforce", "", "ListEmail", "bulk_email", "digital", False, (0.50, 0.50, 0.50)),
    Kind("gainsight", "Kickoff", "Meeting", "kick_off", "high_touch", True),
    Kind("gainsight", "Go Live", "Milestone", "first_value", "none", False),
    Kind("gainsight", "Save call", "Call", "risk_review", "high_touch", True),
    Kind("gainsight", "", "Update", "internal", "none", False, (0.30, 0.20, 0.05)),
    Kind("gainsight", "Fireside chat", "Brand event", "unknown", "unknown", False),
    Kind("salesforce", "Meeting", "Event", "meeting", "high_touch", True, (0.20, 0.10, 0.02)),
]
MEETING, CALL, EMAIL, REVIEW, TRAINING, BULK, KICK_OFF, FIRST_VALUE, SAVE, NOTE_ONLY, ODD, CRM_MEETING = (
    range(len(KINDS))
)
TONES = ["Positive", "Neutral", "Negative"]
ANSWERED, MISSED, OPEN, PLANNED = range(4)
"""What became of a touch; a missed call reached nobody, an open or planned one has not taken place."""

QUESTIONS = ["nps", "perception", "criticality", "intent", "adoption_share", "barrier", "csat"]
NPS, PERCEPTION, CRITICALITY, INTENT, ADOPTION_SHARE, BARRIER, CSAT = range(len(QUESTIONS))
SPONSOR = 5
"""Contact who is asked for NPS each quarter; the relationship survey asks others, whom no id joins to the people of another system."""
STATES = ["angry", "restless", "anxious", "content"]
INTENT_STATES = ["angry", "restless", "anxious", "content", "content"]
"""Meaning of the answers 1 to 5 to the question whether they will stay."""
BARRIERS = ["too_complex", "lacks_skills", "not_aligned"]

RISK_TYPES = ["churn", "contraction", "other"]
RISK_WORDS = ["Churn", "Contraction", ""]
RISK_REASONS = [
    ("Low adoption", "not_used"),
    ("Product issues", "product_gap"),
    ("Budget", "price_budget"),
    ("Lost champion", "sponsor_left"),
    ("Competitor", "competitor"),
    ("Strategic realignment", "unknown"),
]


@dataclass
class Care:
    """What happened between one block's customers and the company."""

    is_managed: Flags
    """Customers that the success team knows, by customer."""
    touches: Frame
    """number, customer, kind, day, second, tone (-1 = not rated), fate, direction (0 in, 1 out, -1 untold), also_in_crm, logged."""
    invitations: Frame
    """number, customer, contact, month, sent, reminded, completed (to the end), responded, is_failed, is_late,
    is_spam (as the survey tool suspects)."""
    answers: Frame
    """number, customer, contact, question, value, code, day, is_gainsight."""
    risks: Frame
    """number, customer, type, reason, opened, closed, month (in which it would come true)."""
    scores: Frame
    """customer, month, score, state."""


def run_care(people: People, dice: Dice, online: Online, contracts: Contracts, clock: Clock) -> Care:
    """Simulate one block's touches, surveys and risks up to the last day of ``clock``."""
    course = Course(people, online, contracts, clock)
    risks = draw_risks(people, dice, course, clock)
    touches = draw_touches(people, dice, course, risks, clock)
    invitations = draw_invitations(people, dice, course, clock)
    return Care(
        is_managed=course.is_managed,
        touches=touches,
        invitations=invitations,
        answers=draw_answers(people, dice, course, invitations, touches, clock),
        risks=risks,
        scores=draw_scores(people, dice, course),
    )


def lots(touches: Frame) -> Ints:
    """A number by customer and month, for what concerns some touches of every kind."""
    return np.asarray(touches["number"] // 100 % 10**4 + touches["number"] // 10**6)


def is_with_lead(touches: Frame) -> Flags:
    """Some calls were with somebody who has no account yet."""
    return np.asarray((touches["kind"] == CALL) & (lots(touches) % 20 == 1))


def crm_delay(touches: Frame) -> Ints:
    """Seconds by which sales has a meeting of the success team later in its calendar: 0 to 70 minutes."""
    return np.asarray(touches["number"] % 71 * 60)


class Course:
    """How each customer fares from month to month: rows are customers, columns months."""

    def __init__(self, people: People, online: Online, contracts: Contracts, clock: Clock) -> None:
        """Read it off the recurring revenue and the hidden causes."""
        lines = true_lines(people, online, contracts)
        self.months = np.arange(clock.first_month, clock.first_month + clock.months, dtype=np.int64)
        revenue = month_balances(lines, people.count, clock).sum(axis=(1, 2))
        self.is_managed = ~people.is_unmatched & (people.model != PROSPECT)
        self.active: Flags = (revenue > 0) & self.is_managed[:, None]
        later = np.concatenate([revenue[:, 1:], revenue[:, -1:]], axis=1)
        self.leaves: Flags = self.active & (later == 0)
        self.shrinks: Flags = self.active & (later > 0) & (5 * later < 4 * revenue)
        self.months_left = months_until(self.leaves)
        worried = 0.45 * (self.months_left <= 4) + 0.25 * (months_until(self.shrinks) <= 3)
        base = people.dissatisfaction - 0.2 * people.success
        self.strain: Floats = np.clip(base[:, None] + worried, 0.0, 1.0)
        self.mood: Floats = people.success[:, None] * (1 - 0.7 * self.strain)
        before = np.cumsum(self.active, axis=1)
        self.is_first: Flags = self.active & (before == 1)


def months_until(marks: Flags) -> Ints:
    """Months from each month to the next marked one, counting that as 1."""
    left = np.full(marks.shape, FAR, dtype=np.int64)
    run = np.full(len(marks), FAR, dtype=np.int64)
    for month in range(marks.shape[1] - 1, -1, -1):
        run = np.where(marks[:, month], 1, np.minimum(run + 1, FAR))
        left[:, month] = run
    return left


def days_in(months: Ints, draw: Floats) -> Ints:
    """A day of each month, the 1st to the 28th."""
    return np.asarray(month_start(months) + np.floor(draw * 28).astype(np.int64))


def draw_risks(people: People, dice: Dice, course: Course, clock: Clock) -> Frame:
    """Risks on record: most losses are seen coming, some shrinkages, and some that never come."""
    draw = dice.uniform("risks", clock.months, 7)
    rows = Rows("number", "customer", "type", "reason", "opened", "closed", "month")
    false_alarm = course.active & (draw[:, :, 0] < 0.012 + 0.04 * course.strain) & (course.months_left > 6)
    chances = (
        (course.leaves & (draw[:, :, 1] < 0.65), 0, 1 + np.floor(draw[:, :, 2] * 3)),
        (course.shrinks & (draw[:, :, 1] < 0.5), 1, 1 + np.floor(draw[:, :, 2] * 2)),
        (false_alarm, -1, np.zeros_like(draw[:, :, 2])),
    )
    for source, (marks, kind, ahead) in enumerate(chances):
        who, month = np.nonzero(marks)
        begun = month - ahead[who, month].astype(np.int64)
        seen = (begun >= 0) & course.active[who, np.maximum(begun, 0)]
        who, month, begun = who[seen], month[seen], begun[seen]
        own = draw[who, month]
        opened = days_in(course.months[begun], own[:, 3])
        drawn = np.where(own[:, 4] < 0.5, 0, np.where(own[:, 4] < 0.8, 1, 2))
        # What comes true is closed soon after, a false alarm when it has passed over.
        over = month_start(course.months[month] + 1) + 10 + np.floor(own[:, 5] * 15).astype(np.int64)
        passed = opened + 40 + np.floor(own[:, 5] * 60).astype(np.int64)
        closed = over if kind >= 0 else passed
        reason = np.floor(own[:, 6] * len(RISK_REASONS)).astype(np.int64)
        reason = np.where((people.adoption[who] < 0.45) & (own[:, 6] < 0.6), 0, reason)
        reason = np.where((people.defect_rate[who] > 0.5) & (own[:, 6] > 0.6), 1, reason)
        rows.add(
            len(who),
            number=people.index[who] * 10**5 + (course.months[month] % 1200) * 10 + source,
            customer=who,
            type=kind if kind >= 0 else drawn,
            reason=reason,
            opened=opened,
            closed=np.where(closed <= clock.as_of, closed, NEVER),
            month=month,
        )
    return rows.frame()


def draw_touches(people: People, dice: Dice, course: Course, risks: Frame, clock: Clock) -> Frame:
    """All touches, kind by kind."""
    columns = (
        "number",
        "customer",
        "kind",
        "day",
        "second",
        "tone",
        "fate",
        "direction",
        "also_in_crm",
        "logged",
    )
    rows = Rows(*columns)
    quarterly = (course.months[None, :] + people.index[:, None]) % 3 == 0
    half_yearly = (course.months[None, :] + people.index[:, None]) % 6 == 0
    segment = people.segment[:, None]
    # Success makes talkative; who is about to leave falls silent; in trouble that is seen there are more touches, not fewer.
    interest = 0.35 + 0.9 * people.success[:, None]
    interest = np.where(course.months_left <= 2, 0.35 * interest, interest)
    interest = np.where((course.strain > 0.5) & (course.months_left > 2), 1.25 * interest, interest)
    value_month = course.is_first.copy()
    delay = 1 + np.floor(4 * (1 - people.adoption)).astype(np.int64)
    who, first = np.nonzero(course.is_first)
    reached = first + delay[who]
    value_month[:] = False
    inside = reached < clock.months
    value_month[who[inside], reached[inside]] = True
    special = {
        REVIEW: course.active & np.where(segment == 0, quarterly, half_yearly & (segment == 1)),
        KICK_OFF: course.is_first & (segment < 2),
        FIRST_VALUE: course.active & value_month,
        ODD: course.active & ((people.index[:, None] + course.months) % 97 == 5),
    }
    for code, kind in enumerate(KINDS):
        draw = dice.uniform(f"touches {code}", clock.months, 8)
        if code == SAVE:
            continue
        chance = np.array(kind.chance)[segment] * (interest if kind.is_two_way else 1.0)
        marks = special.get(code, course.active & (draw[:, :, 0] < chance))
        who, month = np.nonzero(marks)
        add_touches(
            rows,
            people,
            course,
            code,
            who,
            month,
            days_in(course.months[month], draw[who, month, 1]),
            draw[who, month],
            clock,
        )
    # Somebody steps in at most risks, within three weeks.
    own = dice.uniform("interventions", clock.months, 8)[risks["customer"], risks["month"]]
    day = risks["opened"] + 1 + np.floor(own[:, 1] * 20).astype(np.int64)
    stepped = (own[:, 0] < 0.6) & (day <= clock.as_of)
    seen, own, day = take(risks, stepped), own[stepped], day[stepped]
    month = np.searchsorted(month_start(course.months), day, side="right") - 1
    add_touches(rows, people, course, SAVE, seen["customer"], month, day, own, clock, 10**13 + seen["number"])
    return rows.frame()


def add_touches(
    rows: Rows,
    people: People,
    course: Course,
    code: int,
    who: Ints,
    month: Ints,
    day: Ints,
    draw: Floats,
    clock: Clock,
    number: Ints | None = None,
) -> None:
    """Add touches of one kind: their hour, tone, and what became of them; by default one a customer and month."""
    kind = KINDS[code]
    is_crm = kind.system == "salesforce"
    strain = course.strain[who, month]
    tone = np.where(draw[:, 2] < 0.7 * strain, 2, np.where(draw[:, 2] < 0.7 * strain + 0.3, 1, 0))
    is_rated = (draw[:, 3] < 0.6) & kind.is_two_way & (not is_crm)
    missed = (draw[:, 4] < 0.15) & (code in (CALL, CRM_MEETING))
    fate = np.where(missed, MISSED, ANSWERED)
    fate = np.where((draw[:, 4] > 0.96) & (code in (CALL, EMAIL)), OPEN, fate)
    # Some meetings in the calendar lie ahead.
    ahead = (code == CRM_MEETING) & (draw[:, 4] > 0.9) & (day > clock.as_of - 60)
    fate = np.where(ahead, PLANNED, fate)
    day = np.where(ahead, clock.as_of + 5, day)
    rows.add(
        len(who),
        number=people.index[who] * 10**6 + (course.months[month] % 1200) * 100 + code
        if number is None
        else number,
        customer=who,
        kind=code,
        day=day,
        second=8 * 3600 + np.floor(draw[:, 5] * 9 * 3600).astype(np.int64),
        tone=np.where(is_rated, tone, -1),
        fate=fate,
        direction=np.where(draw[:, 6] < 0.3 + 0.4 * strain, 0, 1) if code == CALL else -1,
        also_in_crm=(draw[:, 7] < 0.3) & (code == MEETING),
        logged=np.minimum(day + (draw[:, 6] < 0.2), clock.as_of),
    )


def draw_invitations(people: People, dice: Dice, course: Course, clock: Clock) -> Frame:
    """The relationship survey: twice a year to some contacts of each customer, by invitation and reminder."""
    contacts = 4
    draw = dice.uniform("surveys", clock.months, contacts, 5)
    due = (
        course.active
        & ((course.months[None, :] + people.index[:, None]) % 6 == 2)
        & (people.index[:, None] % 16 != 0)
    )
    asked = np.arange(contacts)[None, :] < np.array([4, 4, 3])[people.segment][:, None]
    who, month, contact = np.nonzero(due[:, :, None] & asked[:, None, :])
    own = draw[who, month, contact]
    sent = month_start(course.months[month]) + 4
    reminded = sent + 10
    chance = 0.5 + 0.4 * people.success[who] - 0.15 * (course.months_left[who, month] <= 3)
    is_failed = own[:, 0] > 0.97
    answers = (own[:, 0] < chance) & ~is_failed
    is_late = own[:, 1] < 0.4
    completed = np.where(is_late, reminded, sent) + np.floor(own[:, 2] * 8).astype(np.int64)
    is_unfinished = answers & (own[:, 3] < 0.06)
    number = people.index[who] * 10**5 + (course.months[month] % 1200) * 10 + contact
    return {
        "number": number,
        "customer": who,
        "contact": contact,
        "month": month,
        "sent": sent,
        "reminded": np.where(is_failed | (answers & ~is_late), NONE, reminded),
        "completed": np.where(answers & ~is_unfinished, completed, NEVER),
        "responded": np.where(answers, completed, NEVER),
        "is_failed": is_failed.astype(np.int64),
        "is_late": is_late.astype(np.int64),
        "is_spam": (number % 41 == 7).astype(np.int64),
    }


def draw_answers(
    people: People, dice: Dice, course: Course, invitations: Frame, touches: Frame, clock: Clock
) -> Frame:
    """Answers to the relationship survey, to a quarterly NPS question to a customer's sponsor, and after business reviews."""
    rows = Rows("number", "customer", "contact", "question", "value", "code", "day", "is_gainsight")
    done = take(invitations, invitations["completed"] < NEVER)
    who, month = done["customer"], done["month"]
    noise = dice.normal("answers", clock.months, 4, 5)[who, month, done["contact"]]
    mood = course.mood[who, month]
    skill, adoption = people.skill[who], people.adoption[who]

    def five(level: Floats, error: Floats) -> Ints:
        return np.clip(np.rint(1.4 + 4.6 * level + 0.6 * error), 1, 5).astype(np.int64)

    barrier = np.where(skill < 0.45, 1, np.where(noise[:, 4] > 0.3, 2, 0))
    state = five(1 - course.strain[who, month], noise[:, 2])
    share = np.clip(np.rint(100 * adoption + 8 * noise[:, 3]), 0, 100).astype(np.int64)
    nps = np.clip(np.rint(2.5 + 9.5 * mood + 1.2 * noise[:, 0]), 0, 10).astype(np.int64)
    everyone = np.ones(len(who), dtype=bool)
    for question, value, code, asked in (
        (NPS, nps, NONE, everyone),
        (PERCEPTION, five(mood, noise[:, 1]), NONE, everyone),
        (CRITICALITY, five(adoption, noise[:, 2]), NONE, everyone),
        (INTENT, state, state - 1, everyone),
        (ADOPTION_SHARE, share, NONE, everyone),
        (BARRIER, np.full(len(who), NONE), barrier, adoption < 0.5),
    ):
        chosen = take(done, asked)
        rows.add(
            int(asked.sum()),
            number=chosen["number"] * 10 + question,
            customer=chosen["customer"],
            contact=chosen["contact"],
            question=question,
            value=value[asked],
            code=code[asked] if isinstance(code, np.ndarray) else code,
            day=chosen["completed"],
            is_gainsight=0,
        )
    draw = dice.uniform("quarterly nps", clock.months, 2)
    error = dice.normal("quarterly nps", clock.months)
    due = (
        course.active
        & (people.index[:, None] % 3 == 0)
        & ((course.months[None, :] + people.index[:, None]) % 3 == 1)
    )
    who, month = np.nonzero(due & (draw[:, :, 0] < 0.5))
    value = np.clip(np.rint(2.5 + 9.5 * course.mood[who, month] + 1.2 * error[who, month]), 0, 10)
    rows.add(
        len(who),
        number=(people.index[who] * 10**5 + (course.months[month] % 1200) * 10) * 10 + NPS,
        customer=who,
        contact=SPONSOR,
        question=NPS,
        value=value,
        code=NONE,
        day=days_in(course.months[month], draw[who, month, 1]),
        is_gainsight=1,
    )
    reviews = take(
        touches,
        (touches["kind"] == REVIEW) & (touches["number"] % 7 < 4) & (touches["day"] + 2 <= clock.as_of),
    )
    month = np.searchsorted(month_start(course.months), reviews["day"], side="right") - 1
    mood = course.mood[reviews["customer"], month]
    rows.add(
        len(mood),
        number=reviews["number"] * 10 + CSAT,
        customer=reviews["customer"],
        contact=1,
        question=CSAT,
        value=five(mood, error[reviews["customer"], month]),
        code=NONE,
        day=reviews["day"] + 2,
        is_gainsight=1,
    )
    return rows.frame()


def draw_scores(people: People, dice: Dice, course: Course) -> Frame:
    """The success team's own health score of each month-end, and its managers' word for the customer's state."""
    who, month = np.nonzero(course.active)
    noise = dice.normal("scores", course.active.shape[1])[who, month]
    strain = course.strain[who, month]
    level = 45 * people.adoption[who] + 55 * people.success[who] + 15 - 45 * strain + 5 * noise
    worry = strain + 0.1 * noise
    state = np.where(worry < 0.3, 3, np.where(worry < 0.5, 2, np.where(worry < 0.8, 1, 0)))
    return {
        "customer": who,
        "month": month,
        "score": np.clip(np.rint(level), 0, 100).astype(np.int64),
        "state": np.where(people.segment[who] < 2, state, -1),
    }
