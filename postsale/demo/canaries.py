"""Personal data of the demo company: every word of it carries a mark by which it is known wherever it turns up.

No person is real, and no column that people's names, addresses or own words stand in is without the mark. So a search for the
mark tells whether personal data got anywhere; ``_ledger/canaries.parquet`` lists what was written where.
"""

from __future__ import annotations

#: Part of every word of personal data, and of nothing else.
MARK = "canary7f3a"


def marked(text: str) -> str:
    """The text with the mark on every word, so that no part of it goes unseen."""
    return " ".join(f"{word}.{MARK}" for word in text.split(" "))


#: A person, and what people write where they may write anything.
PERSON = marked("Robin Ashdown")
ADDRESS = f"@{MARK}.example"
NOTE = marked("Call Robin back before the summer")
OWN_WORDS = marked("Robin did not like it")
