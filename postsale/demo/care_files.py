"""What passes between company and customers, into the exports of the systems that log it, and into the ledger."""

from __future__ import annotations

from postsale.demo import crm_files, gainsight_files, qualtrics_files
from postsale.demo.care import Care, run_care
from postsale.demo.care_ledger import write_care_ledger
from postsale.demo.clock import Clock
from postsale.demo.contracts import Contracts
from postsale.demo.dice import Dice
from postsale.demo.frames import CsvFiles, ParquetFiles
from postsale.demo.online import Online
from postsale.demo.people import People


def write_care(
    crm: CsvFiles,
    gainsight: CsvFiles,
    qualtrics: CsvFiles,
    truth: ParquetFiles,
    people: People,
    dice: Dice,
    online: Online,
    contracts: Contracts,
    clock: Clock,
) -> Care:
    """Simulate and write one block."""
    care = run_care(people, dice, online, contracts, clock)
    crm_files.write_activities(crm, people, care, clock)
    gainsight_files.write_gainsight(gainsight, people, care, clock)
    qualtrics_files.write_qualtrics(qualtrics, people, care, clock)
    write_care_ledger(truth, people, care, clock)
    return care
