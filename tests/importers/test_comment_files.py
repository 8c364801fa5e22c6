"""Comments through JSON and CSV: the same to the letter, and no formula for a spreadsheet."""

import csv
import io

import orjson
import pytest

from cms.errors import Invalid
from cms.importers import comment_files
from cms.importers.comment_files import escaped, plain

ID = "01890a5d-ac96-774b-bcce-b302099a80{:02d}"
WIDE = ["\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\ufe661", "\u22121"]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0+1", "\u200b=1"]
FORMULAS += ["|cmd", "'=1", "''=1", "'\t", *WIDE]
TEXTS = [
    "'Tis so",
    "a,b;c",
    'He said "so"\r\nand\nso',
    "",
    "'",
    '"',
    "a\tb",
    "1=1",
    "\ufeffx",
    "é🙂",
]


def row(number, **fields):
    known = {"id": ID.format(number), "post_id": ID.format(99), "status": "pending"}
    known |= {"author_name": "Ann", "author_email": "ann@example.org", "body": "Hello."}
    known |= dict.fromkeys(("created_at", "updated_at"), "2026-01-12T09:00:00.000Z")
    return known | fields


def kept(rows, kind):
    return "".join(comment_files.written(rows, list(rows[0]), kind)).encode()


@pytest.mark.threat("B11")
@pytest.mark.parametrize("kind", comment_files.KINDS)
def test_what_is_written_is_read_again_to_the_letter(kind):
    texts = FORMULAS + TEXTS
    rows = [
        row(at, body=text, note=text or None, author_name=text, is_staff=at % 2 == 0)
        for at, text in enumerate(texts)
    ]

    written = kept(rows, kind)

    read = comment_files.read(written, kind)
    assert [(one.body, one.note or "", one.author_name) for one in read] == [
        (text, text, text) for text in texts
    ]
    assert [one.is_staff for one in read] == [one["is_staff"] for one in rows]
    again = [{name: vars(one)[name] for name in rows[0]} for one in read]
    assert kept(again, kind) == written


@pytest.mark.threat("B11")
def test_no_cell_begins_as_a_formula():
    rows = [row(at, body=text, author_name=text) for at, text in enumerate(FORMULAS)]
    text = "".join(comment_files.written(rows, list(rows[0]), "csv"))
    cells = [cell for line in csv.reader(io.StringIO(text[1:], newline="")) for cell in line]
    bad = tuple("=+-@|\t\r\n") + tuple(one[0] for one in WIDE)
    assert [cell for cell in cells if cell.strip("\u200b \u00a0").startswith(bad)] == []
    assert [plain(escaped(one)) for one in FORMULAS + TEXTS] == FORMULAS + TEXTS


# What is wrong in the second of two comments, and what the refusal says.
FAULTS = {
    "status: must be one of": {"status": "published"},
    "created_at: Write a time": {"created_at": "yesterday"},
    "is_staff: must be true": {"is_staff": "yes"},
    "id: must be an id": {"id": "1"},
    "was there before": {"id": ID.format(1)},
    "flag: must be one of": {"flag": "urgent"},
    "post_id: is missing": {"post_id": None},
}


@pytest.mark.parametrize("kind", comment_files.KINDS)
def test_a_fault_names_its_comment_and_field(kind):
    for said, wrong in FAULTS.items():
        rows = [dict.fromkeys(wrong) | row(1), row(2) | wrong]
        with pytest.raises(Invalid, match=f"Comment .*{said}"):
            comment_files.read(kept(rows, kind), kind)


# What somebody may take for such a file, and what the refusal says.
HEAD = b"id,post_id,status,author_name,author_email,body,created_at,updated_at\n"
NO_FILES = {
    "json": {
        b"": "there is nothing in it",
        b"\xef\xbb\xbf \n": "there is nothing in it",
        b"{}": "a list is wanted",
        b"[": "unexpected end",
        b"[1]": "Comment 1: must be fields",
        b"[null]": "Comment 1: must be fields",
        b"\xff": "byte 0 is not of UTF-8",
        b'["\\ud800"]': "surrogate",
        b"[" * 100_000: "depth limit",
        HEAD: "unexpected character",
        b'[{"colour": 1}]': "Comment 1: colour: unknown field",
    },
    "csv": {
        b"": "there is nothing in it",
        b"\xef\xbb\xbf\r\n \n": "there is nothing in it",
        b"\xff\xd8\xff\xe0\x00\x10JFIF": "byte 0 is not of UTF-8",
        b"Dear all,\nhello\n": "names the columns, parted by commas, and 'Dear all' is none",
        b"[]": "'\\[\\]' is none",
        HEAD.replace(b",", b";"): "parted by commas, and 'id;post_id;status",
        b"id,id\n1,2\n": "two columns have one name",
        b"id,body\n": "it has no column 'post_id'",
        HEAD + b"1,2\n": "comment 1 has 2 cells, and not 8",
        b'id\n"1': "unexpected end of data",
        HEAD + b"x" * 1_100_000: "field larger",
    },
}


@pytest.mark.parametrize("kind", comment_files.KINDS)
def test_what_is_no_such_file_is_refused_in_plain_words(kind):
    for content, said in NO_FILES[kind].items():
        with pytest.raises(Invalid, match=said):
            comment_files.read(content, kind)


def test_no_comments_are_a_file_too():
    empty = {kind: "".join(comment_files.written([], ["id"], kind)) for kind in ("json", "csv")}
    assert orjson.loads(empty["json"]) == []
    assert comment_files.read(HEAD, "csv") == comment_files.read(b"[]", "json") == []


def test_empty_lines_and_a_mark_of_utf_8_are_nobodys_comment():
    text = kept([row(1), row(2)], "csv").decode().replace("\r\n", "\r\n\r\n")
    read = comment_files.read(text.encode(), "csv")
    assert [one.id for one in read] == [ID.format(1), ID.format(2)]


@pytest.mark.parametrize(
    ("name", "kind"), [("a.csv", "csv"), ("A.JSON", "json"), ("csv", None), ("a.b/c", None)]
)
def test_a_name_may_tell_what_a_file_is(name, kind):
    assert comment_files.kind_of(name) == kind
