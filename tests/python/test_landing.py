"""Promises of landing: every record of a raw file is landed as written, or set aside with line and reason."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale.contract import ContractError, read_contract
from postsale.landing import LandingError, LandingReport, land
from postsale.landing.convert import MAX_RAW_CHARACTERS
from postsale.landing.files import RawFile
from postsale.landing.layout import Layout, inspect
from postsale.landing.text import MAX_RECORD_CHARACTERS
from postsale.landing.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED_DATA = Path(os.environ.get("POSTSALE_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
META = ["_file", "_record", "_drop_date"]

CONTRACT = """
version: 2
sources:
  - name: crm
    description: A small system.
    tables:
      - name: account
        description: One account.
        config: {meta: {key: [id], file_names: [accounts, account_data]}}
        columns:
          - {name: id, data_type: text, config: {meta: {required: true, needed_by: "customers: identity"}}}
          - {name: name, data_type: text}
          - {name: amount, data_type: decimal}
      - name: tag
        description: One tag, without required columns.
        columns:
          - {name: tag, data_type: text}
          - {name: note, data_type: text}
"""


class Company:
    """A raw folder, an output folder and a small contract of their own."""

    def __init__(self, folder: Path) -> None:
        self.raw = folder / "raw"
        self.out = folder / "out"
        self.project = folder / "project"
        self.echoed: list[str] = []
        self.write_contract(CONTRACT)

    def write_contract(self, text: str, system: str = "crm") -> None:
        path = self.project / "models" / "staging" / system / f"_{system}__sources.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def put(self, file: str, content: bytes | str) -> Path:
        path = self.raw / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, systems: Sequence[str] = ("crm",)) -> LandingReport:
        self.echoed.clear()
        return land(self.raw, self.out, list(systems), self.project, self.echoed.append)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            return connection.execute(sql.replace("LANDED", str(self.out / "landed"))).fetchall()

    def rows(self, columns: str = "id, name, amount", table: str = "crm/account") -> list[tuple[Any, ...]]:
        return self.query(
            f"select {columns} from read_parquet('LANDED/{table}/*.parquet', union_by_name = true)"
            " order by _file, _record"
        )

    def malformed(self) -> list[tuple[int, str, str]]:
        return self.query("select line_number, reason, raw_text from 'LANDED/_landing/malformed.parquet'")

    def files(self, columns: str = "file, record_count, malformed_count") -> list[tuple[Any, ...]]:
        return self.query(f"select {columns} from 'LANDED/_landing/files.parquet'")

    def landed_bytes(self) -> dict[str, bytes]:
        landed = self.out / "landed"
        paths = [path for path in landed.rglob("*") if path.is_file()]
        return {str(path.relative_to(landed)): path.read_bytes() for path in paths}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def land_one(company: Company, content: bytes | str, file: str = "crm/account.csv") -> list[tuple[Any, ...]]:
    company.put(file, content)
    company.land()
    return company.rows()


TWO_ROWS = [("1", "Ann", "10"), ("2", "Bob", None)]


# ---- Delimiters, line ends, headers ------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_each_delimiter_and_line_end_is_read_right(company: Company, delimiter: str, line_end: str) -> None:
    text = line_end.join(["id,name,amount", "1,Ann,10", "2,Bob,", ""]).replace(",", delimiter)
    assert land_one(company, text) == TWO_ROWS
    assert company.files("record_count, malformed_count, delimiter") == [(2, 0, delimiter)]


def test_last_line_without_line_end_is_a_record(company: Company) -> None:
    assert land_one(company, "id,name,amount\n1,Ann,10\n2,Bob,") == TWO_ROWS


def test_mixed_line_ends_lose_no_record(company: Company) -> None:
    assert land_one(company, "id,name,amount\n1,Ann,10\r\n2,Bob,\n") == TWO_ROWS
    assert company.malformed() == []


def test_the_delimiter_is_the_one_that_finds_contract_columns_not_the_most_frequent(company: Company) -> None:
    assert land_one(company, "a,b,c;id;d,e\nx,y;1;z\n") == [("1", None, None)]


def test_a_one_column_file_is_not_split_by_commas_it_does_not_have(company: Company) -> None:
    company.put("crm/tag.csv", 'tag\nred\n\n""\n"a,b"\n')
    company.land()
    assert company.rows("tag, _record", "crm/tag") == [("red", 1), ("", 2), ("a,b", 3)]


def test_a_one_column_file_is_split_as_its_ending_says(company: Company) -> None:
    company.put("crm/tag.tsv", "tag\nred, green\nblue\tgrey\n")
    company.land()
    assert company.rows("tag", "crm/tag") == [("red, green",)]
    assert company.malformed() == [(3, "2 fields, the header has 1", "blue\tgrey")]


def test_names_are_found_in_any_case_with_spaces_and_with_quotes(company: Company) -> None:
    assert land_one(company, ' ID , "Name" ,"""AMOUNT"""\n1,Ann,10\n2,Bob,\n') == TWO_ROWS


def test_a_header_with_a_quoted_line_end_is_one_header(company: Company) -> None:
    company.put("crm/account.csv", 'id,"long\nname",amount\n1,x,10\n')
    company.land()
    assert company.rows('id, "long\nname", amount, _record') == [("1", "x", "10", 1)]


def test_blank_lines_are_no_records_anywhere(company: Company) -> None:
    assert land_one(company, "\n\r\nid,name,amount\n\n1,Ann,10\n\n\n2,Bob,\n\n") == TWO_ROWS
    assert company.rows("_record") == [(1,), (2,)]
    assert company.malformed() == []


def test_unknown_columns_are_kept_and_absent_ones_read_as_null(company: Company) -> None:
    company.put("crm/account.csv", "extra,id\nx,1\n")
    company.land()
    assert company.rows("id, name, extra") == [("1", None, "x")]
    presence = (
        "select column_name, is_export_present, is_column_present from 'LANDED/_landing/columns.parquet'"
    )
    assert company.query(presence) == [
        ("amount", True, False),
        ("id", True, True),
        ("name", True, False),
        ("note", False, False),
        ("tag", False, False),
    ]


def test_columns_without_a_name_twice_named_or_named_like_ours_are_kept(company: Company) -> None:
    company.put("crm/account.csv", "id,label,Label,,label_2,_record,\n1,a,b,c,d,e,f\n")
    company.land()
    assert company.rows("id, label, label_3, column_4, label_2, _record_2, column_7, _record") == [
        ("1", "a", "b", "c", "d", "e", "f", 1)
    ]


def test_two_columns_that_claim_one_contract_column_are_an_error(company: Company) -> None:
    company.put("crm/account.csv", "id,Name,NAME \n1,a,b\n")
    with pytest.raises(LandingError, match=r"crm/account\.csv: more than one column is called name"):
        company.land()


# ---- Encodings ---------------------------------------------------------------------------------------------

ACCENTED = 'id,name,amount\n1,Zoë,10\n2,"naïve, ""né""\nBob",\n'
ACCENTED_ROWS = [("1", "Zoë", "10"), ("2", 'naïve, "né"\nBob', None)]


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("latin-1", "windows-1252"),
        ("cp1252", "windows-1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_each_encoding_is_read_right(company: Company, encoding: str, named: str) -> None:
    assert land_one(company, ACCENTED.encode(encoding)) == ACCENTED_ROWS
    assert company.files("encoding, malformed_count") == [(named, 0)]


def test_utf_16_big_endian_with_its_mark_is_read_right(company: Company) -> None:
    assert land_one(company, b"\xfe\xff" + ACCENTED.encode("utf-16-be")) == ACCENTED_ROWS


def test_a_mark_before_a_quoted_header_is_no_part_of_the_name(company: Company) -> None:
    assert land_one(company, '\ufeff"id","name","amount"\n1,Ann,10\n2,Bob,\n') == TWO_ROWS


def test_windows_characters_are_read_as_windows_1252(company: Company) -> None:
    assert land_one(company, b"id,name,amount\n1,\x80 \x93Ann\x94,\n") == [("1", "€ “Ann”", None)]


def test_bad_bytes_in_a_utf_8_file_set_only_their_lines_aside(company: Company) -> None:
    content = b"id,name,amount\n1,Zo\xc3\xab,\n2,caf\xe9,\n3,\xff\xfe,5\n4,ok,\n"
    assert land_one(company, content) == [("1", "Zoë", None), ("4", "ok", None)]
    assert company.malformed() == [
        (3, "bytes that are no utf-8", "2,caf\\xe9,"),
        (4, "bytes that are no utf-8", "3,\\xff\\xfe,5"),
    ]
    assert company.rows("_record") == [(1,), (4,)]


def test_the_encoding_of_the_last_byte_of_a_large_file_counts(company: Company) -> None:
    lines = [b"%d,plain,\n" % number for number in range(200_000)]
    company.put("crm/account.csv", b"id,name,amount\n" + b"".join(lines) + b"x,caf\xe9,\n")
    company.land()
    assert company.files("record_count, malformed_count, encoding") == [(200_001, 0, "windows-1252")]
    assert company.rows("name")[-1] == ("café",)


# ---- Values ------------------------------------------------------------------------------------------------


def test_values_are_kept_as_written(company: Company) -> None:
    content = 'id,name,amount\n007, padded ,1e3\n"",NULL,""\n,null,\\N\n#5,5" pipe,6" pipe\n'
    assert land_one(company, content) == [
        ("007", " padded ", "1e3"),
        ("", "NULL", ""),
        (None, "null", "\\N"),
        ("#5", '5" pipe', '6" pipe'),
    ]


def test_quoted_line_ends_delimiters_and_quotes_are_kept(company: Company) -> None:
    content = 'id,name,amount\r\n1,"a\r\nb\n\n\rc",","\r\n2,"""","x""y"\r\n'
    assert land_one(company, content) == [("1", "a\r\nb\n\n\rc", ","), ("2", '"', 'x"y')]


def test_spaces_around_quotes_do_not_break_a_value(company: Company) -> None:
    assert land_one(company, 'id,name,amount\n1,  "Smith, John" ,10\n') == [("1", "Smith, John", "10")]


def random_value(chooser: random.Random) -> str:
    alphabet = ['"', "\n", "\r\n", *",;\t| aBé€日😀'\\#\u2028\x85"]
    return "".join(chooser.choice(alphabet) for _ in range(chooser.choice([0, 1, 2, 3, 8, 30])))


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_csv_module_writes_is_landed_exactly(company: Company, seed: int) -> None:
    chooser = random.Random(seed)
    names = ["id", "name", "amount", "extra one", "x"][: chooser.randint(1, 5)]
    written = [[random_value(chooser) for _ in names] for _ in range(chooser.choice([0, 1, 5, 300]))]
    file = io.StringIO(newline="")
    # A header of one column does not tell the delimiter: it is then the comma.
    delimiter = chooser.choice(",;\t|") if len(names) > 1 else ","
    line_end = chooser.choice(["\n", "\r\n"])
    if chooser.random() < 0.3:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    else:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([names, *written])
    company.put("crm/account.csv", file.getvalue().encode(chooser.choice(["utf-8", "utf-8-sig", "utf-16"])))
    company.land()
    landed = company.rows(", ".join(f'"{name}"' for name in names) + ", _record")
    # csv knows no null, so an empty value without quotes reads as the empty text there.
    assert [[value or "" for value in row[:-1]] for row in landed] == written
    assert [row[-1] for row in landed] == list(range(1, len(written) + 1))
    assert company.files() == [("crm/account.csv", len(written), 0)]


# ---- Malformed lines ---------------------------------------------------------------------------------------


def test_ragged_lines_are_set_aside_with_their_line_number(company: Company) -> None:
    content = 'id,name,amount\n1,Ann,10\n2\n"3","two\nlines",1\n4,a,b,c\n   \n5,x,\n6,y,,\n'
    assert land_one(company, content) == [("1", "Ann", "10"), ("3", "two\nlines", "1"), ("5", "x", None)]
    assert company.malformed() == [
        (3, "1 fields, the header has 3", "2"),
        (6, "4 fields, the header has 3", "4,a,b,c"),
        (7, "1 fields, the header has 3", "   "),
        (9, "4 fields, the header has 3", "6,y,,"),
    ]
    assert company.rows("_record") == [(1,), (3,), (6,)]
    assert company.files() == [("crm/account.csv", 3, 4)]


def test_a_ragged_record_of_several_lines_is_set_aside_whole(company: Company) -> None:
    assert land_one(company, 'id,name,amount\n1,"a\nb,c,d",2,3\n4,ok,5\n') == [("4", "ok", "5")]
    assert company.malformed() == [(2, "4 fields, the header has 3", '1,"a\nb,c,d",2,3')]


def test_a_quote_that_is_never_closed_costs_one_line(company: Company) -> None:
    assert land_one(company, 'id,name,amount\n1,a,1\n2,"b,2\n3,c,3\n4,d,4\n') == [
        ("1", "a", "1"), ("3", "c", "3"), ("4", "d", "4")
    ]  # fmt: skip
    assert company.malformed() == [(3, "a quote is opened and never closed", '2,"b,2')]


def test_a_broken_quote_above_good_quotes_costs_one_line(company: Company) -> None:
    assert land_one(company, 'id,name,amount\n1,"a,1\n2,b,2\n3,"c",3\n4,"d\ne",4\n') == [
        ("2", "b", "2"), ("3", "c", "3"), ("4", "d\ne", "4")
    ]  # fmt: skip
    assert company.malformed() == [(2, "text behind a closing quote", '1,"a,1')]


def test_the_rest_of_a_broken_value_is_never_taken_for_a_record(company: Company) -> None:
    content = 'id,name,amount\n1,"he said "hi" and\nthen, there",5\n2,ok,6\n3,5" pipe,7\n'
    assert land_one(company, content) == [("2", "ok", "6"), ("3", '5" pipe', "7")]
    assert [(line, text) for line, _, text in company.malformed()] == [
        (2, '1,"he said "hi" and'),
        (3, 'then, there",5'),
    ]


def test_text_behind_a_quote_nul_and_stray_line_ends_are_set_aside(company: Company) -> None:
    content = b'id,name,amount\n1,"a"b,1\n2,x\0y,2\n3,x\ry,3\n4,"\xc3\xa9\0",4\n5,ok,5\n'
    assert land_one(company, content) == [("5", "ok", "5")]
    assert company.malformed() == [
        (2, "text behind a closing quote", '1,"a"b,1'),
        (3, "a NUL character", "2,x\\x00y,2"),
        (4, "a carriage return outside quotes", "3,x\ry,3"),
        (5, "a NUL character", '4,"é\\x00",4'),
    ]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_gigantic_line_is_set_aside_and_reading_goes_on(company: Company, quote: str) -> None:
    huge = "x" * (MAX_RECORD_CHARACTERS + 10)
    assert land_one(company, f"id,name,amount\n1,{quote}{huge}{quote},1\n2,ok,2\n") == [("2", "ok", "2")]
    [(line, reason, text)] = company.malformed()
    assert (line, text[:5], len(text)) == (2, f"1,{quote}xxx"[:5], MAX_RAW_CHARACTERS)
    assert reason.startswith("longer than 4194304 characters")


def test_a_line_longer_than_the_reader_expects_is_landed(company: Company) -> None:
    long = "é" * 3_000_000
    assert land_one(company, f"id,name,amount\n1,{long},1\n2,ok,2\n") == [("1", long, "1"), ("2", "ok", "2")]


def test_lines_that_quotes_run_away_with_are_all_accounted_for(company: Company) -> None:
    chooser = random.Random(7)
    for _ in range(12):
        lines = ["".join(chooser.choices('"",a ', k=chooser.randint(1, 9))) for _ in range(200)]
        company.put("crm/account.csv", "id,name,amount\n" + "\n".join(lines) + "\n")
        company.land()
        landed = company.rows("id, name, amount, _record")
        [(_, record_count, malformed_count)] = company.files()
        numbers = sorted(row[-1] for row in landed)
        assert (record_count, len(set(numbers))) == (len(landed), len(landed))
        assert max(numbers, default=0) <= record_count + malformed_count
        # No character is lost: what is not landed is in the quarantine.
        letters = sum((value or "").count("a") for row in landed for value in row[:-1])
        in_quarantine = sum(text.count("a") for _, _, text in company.malformed())
        assert letters + in_quarantine == sum(line.count("a") for line in lines)


# ---- Empty exports -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\n\r\n"])
@pytest.mark.parametrize("file", ["account.csv", "account.tsv", "account.json"])
def test_an_empty_file_is_an_empty_export(company: Company, content: bytes, file: str) -> None:
    assert land_one(company, content, f"crm/{file}") == []
    assert company.files() == [(f"crm/{file}", 0, 0)]
    presence = "select distinct is_export_present, is_column_present from 'LANDED/_landing/columns.parquet'"
    assert company.query(presence + " where table_name = 'account'") == [(True, False)]


@pytest.mark.parametrize("content", ["id,name,amount", "id,name,amount\r\n", "id,name,amount\n\n"])
def test_a_header_alone_is_an_export_without_rows(company: Company, content: str) -> None:
    assert land_one(company, content) == []
    assert company.files() == [("crm/account.csv", 0, 0)]


def test_absent_exports_read_as_typed_columns_without_rows(company: Company) -> None:
    company.land()
    assert company.rows("id, name, amount, _file, _record, _drop_date") == []
    described = company.query("describe select * from read_parquet('LANDED/crm/account/*.parquet')")
    assert [row[:2] for row in described] == [
        ("id", "VARCHAR"), ("name", "VARCHAR"), ("amount", "VARCHAR"),
        ("_file", "VARCHAR"), ("_record", "BIGINT"), ("_drop_date", "DATE"),
    ]  # fmt: skip
    assert company.files() == [] and company.malformed() == []
    assert company.echoed == ["crm: no export of account, tag"]


# ---- JSON, gzip, Parquet -----------------------------------------------------------------------------------

JSON_LINES = [
    '{"ID": 1, "name": "Zoë", "amount": 1.10, "extra": {"a": [1, 2.50, "x"], "b": null}}',
    '{"id": 12345678901234567890123, "name": "", "ok": true}',
    '{"id": "3", "name": "line\\nend \\"q\\"", "amount": 1e3, "ok": false}',
]
JSON_ROWS = [
    ("1", "Zoë", "1.10", '{"a":[1,2.50,"x"],"b":null}', None),
    ("12345678901234567890123", "", None, None, "true"),
    ("3", 'line\nend "q"', "1e3", None, "false"),
]


@pytest.mark.parametrize("file", ["account.json", "account.jsonl", "account.NDJSON", "account.json.gz"])
@pytest.mark.parametrize(("start", "between", "end"), [("", "\n", "\n"), ("[", ",\n ", "]\n")])
def test_json_keeps_numbers_as_written(
    company: Company, file: str, start: str, between: str, end: str
) -> None:
    content = f"{start}{between.join(JSON_LINES)}{end}".encode()
    company.put(f"crm/{file}", gzip.compress(content) if file.endswith("gz") else content)
    company.land()
    assert company.rows("id, name, amount, extra, ok") == JSON_ROWS
    assert company.rows("_record") == [(1,), (2,), (3,)]


def test_malformed_json_lines_are_set_aside_with_their_line_number(company: Company) -> None:
    lines = [
        '{"id": 1}', "", '{"id": 2', "[3]", '{"id": 4, "id": 5}', '{"id": 6, "Id": 7}', '{"id": "\\ud800"}',
        '{"id": "a\\u0000b"}', '{"id": 8}', "[" * 100_000,
    ]  # fmt: skip
    company.put("crm/account.json", "\n".join(lines))
    company.land()
    assert company.rows("id, _record") == [("1", 1), ("8", 8)]
    assert [(line, reason.split(":")[0]) for line, reason, _ in company.malformed()] == [
        (3, "no valid JSON"),
        (4, "no JSON object"),
        (5, "an object has a key twice"),
        (6, "two keys are the same in lower case"),
        (7, "bytes that are no utf-8"),
        (8, "a NUL character"),
        (10, "no valid JSON"),
    ]


def test_malformed_elements_of_a_json_array_are_set_aside_with_their_line_number(company: Company) -> None:
    company.put("crm/account.json", '[\n{"id": 1},\n\n5,\n{"id":\n 2}, {"id": "\\u0000"}\n]\n')
    company.land()
    assert company.rows("id") == [("1",), ("2",)]
    assert [(line, text) for line, _, text in company.malformed()] == [(4, "5"), (6, '{"id": "\\u0000"}')]


def test_a_large_json_array_is_read_in_pieces(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postsale.landing.text._CHUNK_SIZE", 7)
    company.put("crm/account.json", f"[{', '.join(JSON_LINES)}]")
    company.land()
    assert company.rows("id, name, amount, extra, ok") == JSON_ROWS


@pytest.mark.parametrize(
    "content", ['[{"id": 1}', '[{"id": 1} {"id": 2}]', '[{"id": 1},]', '[{"id": 1}] x', '{\n"id": 1\n}']
)
def test_json_that_breaks_off_is_an_error_and_not_half_an_export(company: Company, content: str) -> None:
    company.put("crm/account.json", content)
    with pytest.raises(LandingError, match=r"crm/account\.json: "):
        company.land()


def test_gzip_is_read_like_the_plain_file_and_a_broken_one_is_an_error(company: Company) -> None:
    packed = gzip.compress(b"id,name,amount\n1,Ann,10\n2,Bob,\n")
    assert land_one(company, packed, "crm/account.csv.gz") == TWO_ROWS
    company.put("crm/account.csv.gz", packed[:-9])
    with pytest.raises(LandingError, match=r"crm/account\.csv\.gz: Compressed file ended"):
        company.land()
    company.put("crm/account.csv.gz", b"id,name\n1,Ann\n")
    with pytest.raises(LandingError, match=r"crm/account\.csv\.gz: Not a gzipped file"):
        company.land()


def test_parquet_columns_become_text(company: Company) -> None:
    path = company.put("crm/account.parquet", b"")
    with duckdb.connect() as connection:
        connection.execute(
            f"""copy (
                select i as "ID ", case when i = 2 then '' end as name, cast(1.10 as decimal(9, 2)) as amount,
                    timestamptz '2025-01-01 02:00:00+02' as since, [1, 2] as items, {{'a': 'x'}} as nested,
                    encode('Zoë') as bytes, '\\xFF'::blob as other, i = 1 as ok
                from range(1, 3) as numbers(i)) to '{path}'"""
        )
    company.land()
    shared = ("1.10", "2025-01-01 00:00:00+00", "[1,2]", '{"a":"x"}', "Zoë", "\\xFF", "crm/account.parquet")
    assert company.rows("id, name, ok, _record, amount, since, items, nested, bytes, other, _file") == [
        ("1", None, "true", 1, *shared),
        ("2", "", "false", 2, *shared),
    ]


def test_a_broken_parquet_file_is_an_error_and_an_empty_one_an_empty_export(company: Company) -> None:
    assert land_one(company, b"", "crm/account.parquet") == []
    company.put("crm/account.parquet", b"PAR1 no")
    with pytest.raises(LandingError, match=r"crm/account\.parquet: "):
        company.land()


# ---- Which file is which table -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "file", ["account.csv", "ACCOUNTS.CSV", "crm_account_data.txt", "Crm_Account.csv", "account_data.tsv"]
)
def test_a_table_claims_its_file_names_with_or_without_the_prefix(company: Company, file: str) -> None:
    assert land_one(company, "id,name,amount\n1,Ann,10\n2,Bob,\n", f"crm/{file}") == TWO_ROWS


def test_two_files_of_one_table_are_both_read(company: Company) -> None:
    company.put("crm/account.csv", "id,name\n1,a\n")
    company.put("crm/account.json", '{"id": 2, "amount": 5}\n')
    company.put("crm/crm_accounts.csv", "id\n3\n")
    company.land()
    assert company.rows("id, name, amount, _file") == [
        ("1", "a", None, "crm/account.csv"),
        ("2", None, "5", "crm/account.json"),
        ("3", None, None, "crm/crm_accounts.csv"),
    ]


def test_dated_drops_carry_their_day(company: Company) -> None:
    company.put("crm/account/2026-10-31.csv", "id\n1\n")
    company.put("crm/account/2026-11-30.csv.gz", gzip.compress(b"id\n2\n"))
    company.put("crm/crm_accounts/2026-11-30.csv", "id\n3\n")
    company.put("crm/account.csv", "id\n4\n")
    company.land()
    assert company.rows("id, _drop_date") == [
        ("4", None),
        ("1", date(2026, 10, 31)),
        ("2", date(2026, 11, 30)),
        ("3", date(2026, 11, 30)),
    ]
    october, november = date(2026, 10, 31), date(2026, 11, 30)
    assert company.files("drop_date") == [(None,), (october,), (november,), (november,)]


@pytest.mark.parametrize("name", ["2026-02-30", "20261031", "part-1", "2026-10-31_2"])
def test_a_drop_without_a_day_in_its_name_is_an_error(company: Company, name: str) -> None:
    company.put(f"crm/account/{name}.csv", "id\n1\n")
    with pytest.raises(LandingError, match=rf"crm/account/{name}\.csv: a drop is named by its day"):
        company.land()


def test_files_that_no_table_claims_are_listed(company: Company) -> None:
    unclaimed = [
        "crm/account.xlsx",
        "crm/account/README.md",
        "crm/account/a/b.csv",
        "crm/other.csv",
        "crm/other/2026-01-01.csv",
    ]
    for file in unclaimed:
        company.put(file, "id\n1\n")
    company.put("crm/.hidden.csv", "id\n1\n")
    company.put("billing/account.csv", "id\n1\n")
    report = company.land()
    listed = company.files("file, table_name, record_count, content_hash is not null, file_bytes")
    assert listed == [(file, None, None, True, 5) for file in unclaimed]
    assert report.unclaimed_files == tuple(unclaimed)
    assert company.rows() == []
    assert any(line.startswith("crm: no table claims crm/account.xlsx") for line in company.echoed)
    assert "not read, no system in use: billing" in company.echoed


def test_linked_folders_are_followed_and_odd_paths_are_read(tmp_path: Path) -> None:
    company = Company(tmp_path / "it's [a] *folder*")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "2026-01-01.csv").write_text("id\n1\n")
    (company.raw / "crm").mkdir(parents=True)
    (company.raw / "crm" / "account").symlink_to(tmp_path / "elsewhere")
    report = company.land()
    assert [(file.file, file.record_count) for file in report.files] == [("crm/account/2026-01-01.csv", 1)]


# ---- Errors ------------------------------------------------------------------------------------------------


def test_every_missing_required_column_is_named_at_once_and_nothing_is_landed(company: Company) -> None:
    company.put("crm/account/2026-01-01.csv", "id,name\n1,a\n")
    company.put("crm/account/2026-02-01.csv", "key,name\n1,a\n")
    company.put("crm/account.json", '{"name": "x"}\n')
    company.put("crm/tag.csv", "red,green\nblue,grey\n")
    with pytest.raises(LandingError) as caught:
        company.land()
    message = str(caught.value)
    for file in ["crm/account/2026-02-01.csv", "crm/account.json"]:
        assert f"crm.account, {file}: required column id is missing, needed by customers: identity" in message
    assert "the columns found are key, name" in message
    assert (
        "crm.tag, crm/tag.csv: none of its 2 columns is one of the contract; is its header line missing?"
        in message
    )
    assert "green" not in message  # what was read as names may be a record
    assert "2026-01-01.csv" not in message
    assert "What to do:" in message
    assert not list((company.out / "landed").rglob("*.parquet"))


def test_a_file_that_became_wrong_leaves_what_was_landed(company: Company) -> None:
    assert land_one(company, "id,name,amount\n1,Ann,10\n2,Bob,\n") == TWO_ROWS
    before = company.landed_bytes()
    company.put("crm/account.csv", "name\nAnn\n")
    with pytest.raises(LandingError):
        company.land()
    assert company.landed_bytes() == before


def test_a_column_that_becomes_required_is_missed_in_unchanged_files_too(company: Company) -> None:
    company.put("crm/account.csv", "id\n1\n")
    company.land()
    company.write_contract(CONTRACT.replace("decimal}", "decimal, config: {meta: {required: true}}}"))
    with pytest.raises(LandingError, match="required column amount is missing"):
        company.land()


def test_a_system_without_a_contract_is_an_error_that_names_the_known_ones(company: Company) -> None:
    with pytest.raises(LandingError, match=r"no contract for the system billing\.\nKnown systems: crm\."):
        company.land(["crm", "billing"])


def test_a_file_that_is_no_text_is_an_error(company: Company) -> None:
    company.put("crm/account.csv", b"PK\x03\x04\0\0\x08\0\xff\xd8\0\n\0\0")
    with pytest.raises(LandingError, match="the header cannot be read"):
        company.land()


def test_a_file_that_cannot_be_opened_is_an_error(company: Company) -> None:
    (company.raw / "crm").mkdir(parents=True)
    (company.raw / "crm" / "account.csv").symlink_to(company.raw / "gone.csv")
    with pytest.raises(LandingError, match="No such file"):
        company.land()


def test_a_difference_between_records_read_and_written_is_an_error(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Workspace.copy_to

    def lose_one(work: Workspace, query: str, path: Path, group_rows: int = 2048) -> int:
        return real(work, query, path, group_rows) - (path.name == "data.parquet")

    monkeypatch.setattr(Workspace, "copy_to", lose_one)
    company.put("crm/account.csv", "id\n1\n2\n")
    with pytest.raises(LandingError, match="2 records were read but 1 were written"):
        company.land()


# ---- Repeating, changing, being killed ---------------------------------------------------------------------


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name in ["one", "two"]:
        company = Company(tmp_path / name)
        company.put(
            "crm/account.csv", "id,name,amount\n" + "".join(f"{n},x,\n" for n in range(5000)) + "bad\n"
        )
        company.put("crm/tag.json", '{"tag": "a", "note": 1}\n{\n')
        company.put("crm/other.csv", "x\n")
        company.land()
        made.append(company.landed_bytes())
    assert made[0] == made[1]


def test_records_are_stored_in_the_order_of_the_file(company: Company) -> None:
    lines = [f"{number},{'x' * (number % 97)},\n" for number in range(300_000)]
    company.put("crm/account.csv", "id,name,amount\n" + "".join(lines))
    company.land()
    in_order = (
        "select count(*), bool_and(file_row_number + 1 = _record and cast(id as bigint) + 1 = _record)"
        " from read_parquet('LANDED/crm/account/account.csv.parquet', file_row_number = true)"
    )
    assert company.query(in_order) == [(300_000, True)]


def test_only_new_and_changed_files_are_read_again(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.put("crm/account/2026-01-01.csv", "id\n1\nbad,line\n")
    company.put("crm/account/2026-02-01.csv", "id\n2\n")
    first = company.land()
    before = company.landed_bytes()
    assert (first.read_count, first.record_count, first.malformed_count) == (2, 2, 1)

    inspected: list[str] = []

    def noted(raw_file: RawFile, work: Workspace) -> Layout:
        inspected.append(raw_file.file)
        return inspect(raw_file, work)

    monkeypatch.setattr("postsale.landing.run.inspect", noted)
    second = company.land()
    assert (inspected, second.read_count, second.record_count, second.malformed_count) == ([], 0, 2, 1)
    assert company.landed_bytes() == before
    assert "crm.account: 2 rows, 1 malformed, 2 files (unchanged)" in company.echoed

    company.put("crm/account/2026-01-01.csv", "id\n1\n9\n")
    os.utime(company.raw / "crm/account/2026-02-01.csv", (1, 1))
    third = company.land()
    assert inspected == ["crm/account/2026-01-01.csv"]
    assert (third.read_count, third.record_count, third.malformed_count) == (1, 3, 0)
    assert company.rows("id") == [("1",), ("9",), ("2",)]
    assert company.malformed() == []


def test_removed_and_renamed_files_take_their_landed_rows_with_them(company: Company) -> None:
    company.put("crm/account.csv", "id\n1\nbad,line\n")
    old = company.put("crm/account/2026-01-01.csv", "id\n2\n")
    company.land()
    (company.raw / "crm/account.csv").unlink()
    old.rename(company.raw / "crm/account/2026-01-02.csv")
    report = company.land()
    assert report.removed == (
        "crm/account/account.csv.parquet",
        "crm/account/account__2026-01-01.csv.parquet",
    )
    assert company.rows("id, _file") == [("2", "crm/account/2026-01-02.csv")]
    assert company.files("file") == [("crm/account/2026-01-02.csv",)]
    assert company.malformed() == []
    assert not [file for file in company.landed_bytes() if "account.csv" in file or "2026-01-01" in file]


def test_a_changed_contract_lands_again_what_it_concerns(company: Company) -> None:
    company.put("crm/account.csv", "id,city\n1,Rome\n")
    company.put("crm/tag.csv", "tag\nred\n")
    company.land()
    color = "- {name: color, data_type: text}\n          "
    company.write_contract(CONTRACT.replace("- {name: note", color + "- {name: note"))
    report = company.land()
    unchanged = [file.file for file in report.files if file.is_unchanged]
    assert (unchanged, report.read_count) == (["crm/account.csv"], 1)
    assert company.rows("tag, note, color", "crm/tag") == [("red", None, None)]
    company.write_contract(CONTRACT.replace("name: tag", "name: label", 1))
    report = company.land()
    assert report.unclaimed_files == ("crm/tag.csv",)
    assert not (company.out / "landed/crm/tag/tag.csv.parquet").exists()
    assert not (company.out / "landed/crm/tag/contract.parquet").exists()


KILL_STEPS = 25


@pytest.mark.parametrize("is_undone", [False, True])
@pytest.mark.parametrize("step", range(1, KILL_STEPS + 1))
def test_a_kill_at_any_step_leaves_no_half_file_and_the_next_run_repairs(
    company: Company, monkeypatch: pytest.MonkeyPatch, step: int, is_undone: bool
) -> None:
    company.put("crm/account.csv", "id\n1\nbad,line\n")
    company.put("crm/tag.csv", "tag\nold\n")
    company.land()
    company.put("crm/account.csv", "id\n2\nbad,line,too\n")
    company.put("crm/account/2026-01-01.csv", "id\n3\n")
    (company.raw / "crm/tag.csv").unlink()

    class Killed(BaseException):
        pass

    steps = 0

    def killing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == step:
                raise Killed
            return function(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killing(os.replace))
        patch.setattr(Path, "unlink", killing(Path.unlink))
        patch.setattr(Workspace, "copy_to", killing(Workspace.copy_to))
        if step < KILL_STEPS:
            with pytest.raises(Killed):
                company.land()
        else:
            company.land()
            assert steps == KILL_STEPS - 1  # every step had its turn
    for path in (company.out / "landed").rglob("*.parquet"):
        company.query(f"select * from read_parquet('{path}')")
    if is_undone:
        company.put("crm/account.csv", "id\n1\nbad,line\n")
    company.land()
    expected = ("1", "bad,line") if is_undone else ("2", "bad,line,too")
    assert company.rows("id, _file") == [
        (expected[0], "crm/account.csv"),
        ("3", "crm/account/2026-01-01.csv"),
    ]
    assert [text for _, _, text in company.malformed()] == [expected[1]]
    assert company.files() == [("crm/account.csv", 1, 1), ("crm/account/2026-01-01.csv", 1, 0)]
    assert not (company.out / "landed/_landing/tmp").exists()

    clean = Company(company.out / "clean")
    clean.raw = company.raw
    clean.land()
    assert clean.landed_bytes() == company.landed_bytes()


def test_what_a_killed_run_left_unfinished_is_removed(company: Company) -> None:
    left = company.out / "landed/_landing/tmp/data.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    company.put("crm/account.csv", "id\n1\n")
    company.land()
    assert company.rows("id") == [("1",)]
    assert not left.parent.exists()


def test_a_landed_file_that_was_cut_or_lost_is_landed_again(company: Company) -> None:
    company.put("crm/account.csv", "id\n1\n")
    company.land()
    landed = company.out / "landed/crm/account/account.csv.parquet"
    whole = landed.read_bytes()
    landed.write_bytes(whole[:20])
    company.land()
    assert landed.read_bytes() == whole
    landed.unlink()
    company.land()
    assert landed.read_bytes() == whole


def test_memory_does_not_grow_with_the_file(company: Company) -> None:
    line = "1," + "x" * 990 + ",\n"
    company.put("crm/account.csv", "id,name,amount\n" + line * 30_000)
    tracemalloc.start()
    company.land()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert company.files() == [("crm/account.csv", 30_000, 0)]
    assert peak < 10_000_000  # bytes, for a file of 30 MB


# ---- The contract ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 2", "version: [", "cannot be read as YAML"),
        (
            "file_names: [accounts",
            "file_names: [tag",
            "the file name tag is claimed by both crm.account and crm.tag",
        ),
        ("data_type: decimal", "data_type: money", "crm.account.amount has the data type money"),
        ("key: [id]", "key: [key]", "crm.account has a key or newest_by that is no column of it: key"),
        ("name: amount", "name: _record", "a column that landing adds itself"),
        ("name: amount", "name: ID", "names a column twice: id"),
    ],
)
def test_a_contract_that_cannot_be_used_is_a_clear_error(
    company: Company, old: str, new: str, message: str
) -> None:
    company.write_contract(CONTRACT.replace(old, new, 1))
    with pytest.raises(ContractError, match=message):
        read_contract(company.project)
    with pytest.raises(LandingError, match=message):
        company.land()


def test_the_contract_is_read_into_systems_tables_and_columns(company: Company) -> None:
    system = read_contract(company.project)["crm"]
    account = system.tables["account"]
    assert (account.key, account.file_names, account.column_names) == (
        ("id",), ("accounts", "account_data"), ("id", "name", "amount")
    )  # fmt: skip
    [required] = account.required_columns
    assert (required.name, required.needed_by) == ("id", "customers: identity")
    assert system.table_of("CRM_Accounts") is account
    assert system.table_of("nothing") is None


def test_the_projects_own_contracts_can_be_landed_without_any_export(company: Company) -> None:
    contract = read_contract(REPOSITORY)
    land(company.raw, company.out, sorted(contract), REPOSITORY, company.echoed.append)
    tables = {(system.name, table) for system in contract.values() for table in system.tables}
    written = (company.out / "landed").rglob("contract.parquet")
    assert {tuple(path.parts[-3:-1]) for path in written} == tables
    columns = [len(table.columns) for system in contract.values() for table in system.tables.values()]
    assert company.query("select count(*) from 'LANDED/_landing/columns.parquet'") == [(sum(columns),)]


# ---- Exports nobody here wrote -----------------------------------------------------------------------------

VENDORS = sorted(path.name for path in SHARED_DATA.glob("vendor_samples/*") if path.is_dir())


def contract_of_samples(system: str, folder: Path) -> str:
    """A contract that claims every CSV file of a folder by its own name, with the columns of its header."""
    tables = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file))
        columns = [{"name": name.strip('" ').lower(), "data_type": "text"} for name in header]
        tables.append({"name": path.stem.lower(), "columns": columns})
    return json.dumps({"version": 2, "sources": [{"name": system, "tables": tables}]})


@pytest.mark.skipif(not VENDORS, reason=f"no vendor samples in {SHARED_DATA}")
@pytest.mark.parametrize("vendor", [*VENDORS, "ravenstack"])
def test_every_record_of_a_real_export_is_accounted_for(company: Company, vendor: str) -> None:
    folder = SHARED_DATA / "vendor_samples" / vendor if vendor in VENDORS else SHARED_DATA / vendor
    company.raw.mkdir()
    (company.raw / vendor).symlink_to(folder)
    company.write_contract(contract_of_samples(vendor, folder), vendor)
    report = company.land([vendor])
    assert not report.malformed_count
    for file in report.files:
        if file.table_name is None:
            assert not file.file.endswith(".csv")
            continue
        with (company.raw / file.file).open(encoding="utf-8-sig", newline="") as stream:
            written = [row for row in csv.reader(stream) if row][1:]
        columns = ", ".join(f'"{name}"' for name in file.columns)
        parquet = f"LANDED/{vendor}/{file.table_name}/{Path(file.file).name}.parquet"
        landed = company.query(f"select {columns} from '{parquet}' order by _record")
        assert [[value or "" for value in row] for row in landed] == written, file.file
