"""The truth about contracts due, from the simulated terms."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.clock import NEVER, Clock, day_of, split_day
from postsale.demo.contracts import Contracts
from postsale.demo.frames import ParquetFiles, booleans, dates, take
from postsale.demo.people import ZUORA, People
from postsale.demo.zuora_files import version_ids

GRACE_DAYS = 30
MONTHLY = 2
"""Terms shorter than so many months are never due."""


def write_renewal_ledger(files: ParquetFiles, people: People, contracts: Contracts, clock: Clock) -> None:
    """Write what became of every term that was to end by the last day, by what follows it in its line of business."""
    terms = contracts.terms
    order = np.lexsort((terms["start"], terms["stream"], terms["customer"]))
    terms = take(terms, order)
    month, dom = split_day(terms["start"])
    planned = np.where(terms["is_evergreen"] == 1, NEVER, day_of(month + terms["months"], dom))
    same = np.zeros(len(planned), dtype=bool)
    same[:-1] = (terms["customer"][1:] == terms["customer"][:-1]) & (
        terms["stream"][1:] == terms["stream"][:-1]
    )
    following = np.append(terms["start"][1:], NEVER)
    is_renewed = same & (following <= planned + GRACE_DAYS)
    due = (planned <= clock.as_of + 1) & (terms["is_evergreen"] == 0) & (terms["months"] >= MONTHLY)
    ids = people.customer_ids()
    firsts = np.unique(np.stack([terms["customer"], terms["stream"]], axis=1), axis=0)[:, 0]
    streams = np.bincount(firsts, minlength=people.count)
    one = np.ones(int(due.sum()), dtype=np.int64)
    files.write(
        "contract_terms",
        {
            "customer_id": ids.take(pa.array(terms["customer"][due])),
            "subscription_id": version_ids(terms["sub"][due], one),
            "due_date": dates(planned[due] - 1),
            "is_renewed": booleans(is_renewed[due]),
            "is_late": booleans((is_renewed & (following > planned))[due]),
            # Another line of business, or a subscription online, may take over what ends.
            "is_alone": booleans(((streams == 1) & (people.model == ZUORA))[terms["customer"]][due]),
        },
    )
