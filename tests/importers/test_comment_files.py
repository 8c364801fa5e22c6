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


def saved(tmp_path, text):
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.threat("B11")
@pytest.mark.parametrize("kind", comment_files.KINDS)
def test_what_is_written_is_read_again_to_the_letter(tmp_path, kind):
    texts = FORMULAS + TEXTS
    rows = [
        row(at, body=text, note=text or None, author_name=text, is_staff=at % 2 == 0)
        for at, text in enumerate(texts)
    ]

    written = "".join(comment_files.written(rows, list(rows[0]), kind))

    read = comment_files.read(saved(tmp_path, written), kind)
    assert [(one.body, one.note or "", one.author_name) for one in read] == [
        (text, text, text) for text in texts
    ]
    assert [one.is_staff for one in read] == [one["is_staff"] for one in rows]
    assert "".join(comment_files.written(map(vars, read), list(rows[0]), kind)) == written


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
    "colour: unknown field": {"colour": "red"},
    "post_id: is missing": {"post_id": None},
}


@pytest.mark.parametrize("kind", comment_files.KINDS)
def test_a_fault_names_its_comment_and_field(tmp_path, kind):
    for said, wrong in FAULTS.items():
        rows = [dict.fromkeys(wrong) | row(1), row(2) | wrong]
        names = list(rows[1])
        file = saved(tmp_path, "".join(comment_files.written(rows, names, kind)))
        with pytest.raises(Invalid, match=f"Comment .*{said}"):
            comment_files.read(file, kind)


NO_FILES = {
    "json": [b"", b"{}", b"[", b"[1]", b"\xff", b"[null]", b'["\\ud800"]', b"[" * 100_000],
    "csv": [b"", b"id,id\n1,2\n", b"id\n1,2\n", b'id\n"1', b"\xff", b"id\n" + b"x" * 1_100_000],
}


@pytest.mark.parametrize("kind", comment_files.KINDS)
def test_what_is_no_such_file_is_refused(tmp_path, kind):
    for content in NO_FILES[kind]:
        file = tmp_path / "file"
        file.write_bytes(content)
        with pytest.raises(Invalid):
            comment_files.read(file, kind)
    assert orjson.loads("".join(comment_files.written([], ["id"], "json"))) == []
