"""Dirt: a fuzzer over raw files.

``company.py`` writes a clean company of the templates. ``mutations.py`` has the kinds of dirt; each spoils the files of one
customer and promises what becomes of every record: accepted with the same numbers, superseded, exact duplicate, rejected
or malformed with a reason, listed as a finding, or, for a file that cannot be read at all, one clear error.
``judge.py`` lands and builds many spoilt customers beside untouched ones and says which promises were broken:

- every row about every untouched customer is the same, to the byte, as without the dirt;
- every record of every file has exactly one fate, and each that was set aside names its file, line and reason;
- a spoilt customer has the numbers of its clean twin: the same rows without what was set aside.

``test_dirt.py`` draws the templates' cases, ``test_vendor_dirt.py`` those of Salesforce, Stripe and Zuora exports,
``test_found.py`` keeps what was found, by name. ``make test`` runs 150 cases, the same every time; ``make fuzz``
ten thousand new ones.
"""
