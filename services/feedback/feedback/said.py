"""The last word on each subject (an answer, a consent) in SQL, so that repeating it is no news and changing it is, there and back again."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Connection, Integer, String, Table, delete, select

from feedback.database import insert, metadata

table = Table(
    "care_said",
    metadata,
    Column("about", String, primary_key=True),
    Column("word", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)


def say(connection: Connection, about: str, word: str, at: int) -> int | None:
    """Makes `word` the last one about a subject (`at` in ms since 1970): gives its revision, 1 for the first, or None if it was that already."""
    statement = insert(connection)(table).values(about=about, word=word, revision=1, at=at)
    news = statement.on_conflict_do_update(
        index_elements=[table.c.about],
        set_={"word": statement.excluded.word, "revision": table.c.revision + 1, "at": statement.excluded.at},
        where=table.c.word != statement.excluded.word,
    )
    revision: int | None = connection.execute(news.returning(table.c.revision)).scalar()
    return revision


def last_words(connection: Connection, subjects: Iterable[str]) -> dict[str, str]:
    """The last word about each subject on which there is one."""
    rows = connection.execute(select(table).where(table.c.about.in_(list(subjects))))
    return {row.about: row.word for row in rows}


def unsay(connection: Connection, kind: str, before: int) -> int:
    """Deletes the last words on subjects that begin with `kind` from before a moment (ms since 1970); gives how many."""
    return connection.execute(delete(table).where(table.c.about.startswith(f"{kind} ", autoescape=True), table.c.at < before)).rowcount
