"""What the two full-text indexes spell differently, spelled once."""

from typing import Any

from sqlalchemy import Float, TableClause, Text, literal_column
from sqlalchemy.sql.functions import FunctionElement

from cms.services.sql import spell, spell_each


class matches(FunctionElement[bool]):
    """`matches(index, expression)`: whether a row of a full-text index has what is asked for.

    Without a type: SQLAlchemy would write `= 1` behind a truth of SQLite's.
    """

    inherit_cache = True

    def __init__(self, index: TableClause, query: Any) -> None:
        super().__init__(literal_column(index.name), query)


class text_of_hit(FunctionElement[str]):
    """The text that stands in `search_index` under the id of a publication."""

    inherit_cache = True
    type = Text()


class says_all(FunctionElement[bool]):
    """`says_all(id, told)`: whether a publication has all that is told, by its own words and no
    index; on PostgreSQL, an expression. On SQLite, a JSON list of lists, of each of which there is
    one in the words as the index has them: words between spaces, and beginnings behind one.
    """

    inherit_cache = True


class is_told(FunctionElement[bool]):
    """`is_told(index, expression)`: whether a row of the index, found by something else, has what
    is told as well; on PostgreSQL, as a function, which no index is entered by.
    """

    inherit_cache = True

    def __init__(self, index: TableClause, told: Any) -> None:
        super().__init__(literal_column(index.name), told)


class told_in_title(FunctionElement[float]):
    """`told_in_title(id, told)`: what it is worth, beside `relevance`, how much of what is told
    stands in the title: a JSON list, as `says_all` takes it on SQLite; on PostgreSQL, of
    expressions.
    """

    inherit_cache = True
    type = Float()


class relevance(FunctionElement[float]):
    """`relevance(index, expression)`: how well a row does; more is better. A word in a title is
    above however many in a body.
    """

    inherit_cache = True
    type = Float()

    def __init__(self, index: TableClause, query: Any) -> None:
        super().__init__(literal_column(index.name), query)


spell_each(matches, sqlite="{0} MATCH {1}", postgresql="{0}.words @@ CAST({1} AS tsquery)")
spell(
    text_of_hit,
    # Where FTS5 says that it keeps it: asked itself, it takes as long as the whole rest of a hit.
    sqlite="(SELECT c2 FROM search_index_content WHERE id = {})",
    postgresql="(SELECT text FROM search_index WHERE rowid = {})",
)
spell_each(
    says_all,
    # No words go on from the title into the body.
    sqlite="""EXISTS (
        SELECT 1 FROM search_index_content AS said WHERE said.id = {0} AND NOT EXISTS (
            SELECT 1 FROM json_each({1}) AS part WHERE NOT EXISTS (
                SELECT 1 FROM json_each(part.value) AS word
                WHERE instr(' ' || said.c0 || ' . ' || said.c1 || ' ', word.value)
            )
        )
    )""",
    # As a value: it would take `EXISTS` for a condition of its own, and may begin with that.
    postgresql="(SELECT said.words @@ CAST({1} AS tsquery) FROM search_index AS said"
    " WHERE said.rowid = {0})",
)
spell_each(is_told, postgresql="ts_match_vq({0}.words, CAST({1} AS tsquery))")
spell_each(
    told_in_title,
    sqlite="""(
        SELECT 1000.0 * count(*) FROM search_index_content AS said, json_each({1}) AS part
        WHERE said.id = {0} AND EXISTS (
            SELECT 1 FROM json_each(part.value) AS word
            WHERE instr(' ' || said.c0 || ' ', word.value)
        )
    )""",
    # Of the title alone: each look into all words would unpack them.
    postgresql="(SELECT 1000.0 * count(*) FROM ("
    "SELECT ts_filter(words, '{{a}}') AS title FROM search_index WHERE rowid = {0} OFFSET 0"
    ") AS said,"
    " json_array_elements_text(CAST({1} AS json)) AS part (value)"
    " WHERE said.title @@ CAST(part.value AS tsquery))",
)
spell_each(
    relevance,
    # FTS5 knows the expression. BM25 gives little to long texts, and much to what few texts have,
    # which may be a word in an answer: so titles are above by themselves. To ask twice is cheap.
    # What a text is filed by weighs nothing.
    sqlite="(-bm25({0}, 10.0, 1.0, 0.0, 0.0) + 1000.0 * (bm25({0}, 1.0, 0.0, 0.0, 0.0) < 0))",
    postgresql="ts_rank('{{0.1, 0.2, 0.4, 1.0}}', {0}.words, CAST({1} AS tsquery), 1)",
)
