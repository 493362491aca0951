"""Landing: every raw export becomes Parquet once, as text, with nothing lost on the way.

A CSV or JSON file is split into records by a scanner of its own, because DuckDB's reader, asked to go on
after errors, drops the rest of a file behind a quote that is never closed, gives up on mixed line ends and
rewrites JSON numbers. Whole records go, numbered, to a UTF-8 spool file that DuckDB turns into Parquet;
every other line goes to the quarantine with its number, text and reason. The two counts add up to the
records of the file, and DuckDB's count is checked against the scanner's. Everything streams: memory does
not grow with the size of a file.

Rules of reading:

- A record ends at a line end outside quotes. Line ends are \\n, \\r\\n or, when the header ends with one,
  \\r alone. A line without a character is no record. `_record` counts all records of a file, those set
  aside too.
- The quote is ``"``, doubled inside a quoted value. An empty value without quotes is null, ``""`` is the
  empty text. Spaces between a quote and the delimiter are dropped.
- Of ``, ; tab |`` the delimiter is the one under which the header has most columns of the contract.
- A quote that is never closed, or that text follows, makes the line it opened in malformed; reading goes
  on with the next line. While such a quote may still be open, a line with quotes in odd places is set
  aside too.
- A record that is quoted right but has too many or too few fields is set aside whole, over all its lines.
- UTF-8, or UTF-16 and UTF-32 by their byte order mark. A file that is not UTF-8 and has no character
  beyond ASCII that is valid UTF-8 is windows-1252; any other is UTF-8 with a few bad lines, which are set
  aside.
- Header names are trimmed and lower-cased. When two of them are the same then, a contract column is an
  error; other columns get _2, _3 behind their name, and a column without a name is called
  column_<position>.
- A record of more than MAX_RECORD_CHARACTERS, or with a NUL character, is set aside.
- A malformed record of JSON lines or of a JSON array is set aside; an array that breaks off is an error.
"""

from postsale.landing.report import LandedFile, LandingError, LandingReport
from postsale.landing.run import land

__all__ = ["LandedFile", "LandingError", "LandingReport", "land"]
