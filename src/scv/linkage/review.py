"""The review queue: doubtful links for a person to decide, the most useful first.

What hangs on a link is taken from the published marts, which are yesterday's: the night's own tables are only
built once people are linked, and by then the queue has to stand. A night works out the doubts of the people
that it touches; the others stay as they are, and the queue is filled from all of them.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg.rows import class_row

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage.arrays import Ints
from scv.linkage.doubts import find_doubts
from scv.linkage.stakes import Standing, read_standings
from scv.linkage.transfer import copy_in, copy_out, copy_tables

# How much more useful an answer is where one of the two has died, has an open service, or owes money (at
# most, from 10,000 pounds on). A letter to a dead person's family weighs more than a bill.
DIED, SERVED, OWES = 3.0, 2.0, 2.0

EDGES = "select record_key_l, record_key_r, match_probability from link.edge"
TOUCHED_EDGES = f"""
{EDGES} inner join pg_temp.touched on edge.record_key_l = touched.record_key where match_weight > 0
union
{EDGES} inner join pg_temp.touched on edge.record_key_r = touched.record_key where match_weight > 0
"""


@dataclass(frozen=True)
class Question:
    """One row of the queue: are these two records (of system.table) one person? `reason` says why it is asked."""

    record_key_l: str
    record_key_r: str
    source_l: str | None
    source_r: str | None
    match_probability: float
    reason: str
    priority: float
    customer_id_l: str
    customer_id_r: str
    first_asked: date


@dataclass(frozen=True)
class Queue:
    """How many doubtful links there are, and how many of them stand in the queue."""

    doubts: int
    asked: int


def list_review(limit: int) -> list[Question]:
    """The first questions of the queue, the most useful first."""
    with (
        translate_db_errors("reading the review queue", "link.review"),
        connect("linkage") as connection,
        connection.cursor(row_factory=class_row(Question)) as cursor,
    ):
        return cursor.execute(
            """
            select review.*, one.source as source_l, other.source as source_r
            from link.review
            left join link.record as one on review.record_key_l = one.record_key
            left join link.record as other on review.record_key_r = other.record_key
            order by review.priority desc, review.record_key_l, review.record_key_r
            limit %s
            """,
            [limit],
        ).fetchall()


def set_aside(first: str, second: str) -> None:
    """Take a question out of the queue undecided; it comes back when one of the records changes.

    InputError where the queue does not ask it.
    """
    pair = sorted((first, second))
    with (
        translate_db_errors("setting a question aside", "link.review"),
        connect("linkage") as connection,
        connection.transaction(),
    ):
        gone = connection.execute(
            "delete from link.review where record_key_l = %s and record_key_r = %s", pair
        ).rowcount
        if not gone:
            raise InputError(
                "The queue does not ask about these two records. `scv link review` lists its questions."
            )
        answer(connection, [(pair[0], pair[1])])


_THESE = "(record_key_l, record_key_r) in (select * from unnest(%s::text[], %s::text[]))"


def answer(connection: psycopg.Connection, pairs: Collection[tuple[str, str]]) -> None:
    """Take pairs out of the queue until one of their records changes."""
    sides = [[low for low, _ in pairs], [high for _, high in pairs]]
    connection.execute(f"delete from link.review where {_THESE}", sides)
    # Greatest leaves out what is null: a queue without a night only stands in tests.
    last = "greatest(asked, (select max(night) from link.night))"
    connection.execute(f"update link.review_asked set answered = {last} where {_THESE}", sides)


def reopen(connection: psycopg.Connection, pairs: Collection[tuple[str, str]]) -> None:
    """Forget that pairs were ever asked about, so that they may be asked again."""
    sides = [[low for low, _ in pairs], [high for _, high in pairs]]
    connection.execute(f"delete from link.review_asked where {_THESE}", sides)


def update_queue(
    connection: psycopg.Connection,
    night: date,
    touched: Collection[str] | None,
    changed: Collection[str],
    limit: int,
) -> Queue:
    """Work out the doubts of the touched records (None: of all) and fill the queue anew.

    Runs in the night's transaction, once its edges and memberships are written; running it again for the
    same night gives the same queue. Deleted records count as touched. About `changed` records everything may
    be asked again.
    """
    if touched is None:
        connection.execute("truncate link.doubt")
        edges = copy_out(connection, f"{EDGES} where match_weight > 0")
    else:
        connection.execute("create temporary table touched (record_key text primary key) on commit drop")
        copy_in(connection, "pg_temp.touched", ("record_key",), ((key,) for key in sorted(touched)))
        connection.execute("analyze pg_temp.touched")
        connection.execute(
            "delete from link.doubt where record_key_l in (select record_key from pg_temp.touched)"
            " or record_key_r in (select record_key from pg_temp.touched)"
        )
        edges = copy_out(connection, TOUCHED_EDGES)
    _write_doubts(connection, edges)
    connection.execute(
        "delete from link.review_asked where asked = %s and answered is null"
        " or answered is not null and (record_key_l = any(%s) or record_key_r = any(%s))",
        [night, list(changed), list(changed)],
    )
    return _fill_queue(connection, night, limit)


def _write_doubts(connection: psycopg.Connection, edges: pa.Table) -> None:
    members = _read_members(connection, edges)
    decided = copy_out(
        connection,
        "select record_key_l, record_key_r from link.decision_in_force where decision <> 'withdrawn' order by 1, 2",
    )
    keys, customers = members.column(0), members.column(1).combine_chunks()
    left, right = _place(edges.column(0), keys), _place(edges.column(1), keys)
    chance = edges.column(2).cast(pa.float64()).to_numpy()
    order = np.lexsort((right, left))
    left, right, chance = left[order], right[order], chance[order]
    decided_l, decided_r = _place(decided.column(0), keys), _place(decided.column(1), keys)
    known = (decided_l >= 0) & (decided_r >= 0)
    number = customers.dictionary_encode().indices.to_numpy().astype(np.int64)
    found = find_doubts(number, left, right, chance, decided_l[known], decided_r[known])
    rows = (
        (keys[i].as_py(), keys[j].as_py(), float(p), "weak_link" if together else "likely_but_apart",
         customers[i].as_py(), customers[j].as_py())
        for i, j, p, together in zip(
            left[found.edge].tolist(), right[found.edge].tolist(), chance[found.edge].tolist(),
            found.is_together.tolist(), strict=True,
        )
    )  # fmt: skip
    columns = (
        "record_key_l",
        "record_key_r",
        "match_probability",
        "reason",
        "customer_id_l",
        "customer_id_r",
    )
    copy_in(connection, "link.doubt", columns, rows)


def _read_members(connection: psycopg.Connection, edges: pa.Table) -> pa.Table:
    """The records at the ends of edges, in order of their keys, and their customers."""
    ends = pc.unique(pa.chunked_array([*edges.column(0).chunks, *edges.column(1).chunks], pa.string()))
    connection.execute("create temporary table ends (record_key text) on commit drop")
    copy_tables(connection, "pg_temp.ends", [pa.table({"record_key": ends})])
    connection.execute("analyze pg_temp.ends")
    members = copy_out(
        connection,
        "select ends.record_key, membership.customer_id from pg_temp.ends inner join link.membership"
        " on ends.record_key = membership.record_key where membership.valid_to is null",
    )
    return members.sort_by("record_key")


def _place(keys: pa.ChunkedArray, among: pa.ChunkedArray) -> Ints:
    """Positions of keys, -1 where there is none."""
    found: Ints = pc.fill_null(pc.index_in(keys, among.combine_chunks()), -1).to_numpy().astype(np.int64)
    return found


def _fill_queue(connection: psycopg.Connection, night: date, limit: int) -> Queue:
    """Ask the most useful questions, but for those that were answered."""
    doubts = connection.execute(
        """
        select
            doubt.record_key_l, doubt.record_key_r, doubt.match_probability, doubt.reason, doubt.customer_id_l,
            doubt.customer_id_r, coalesce(asked.asked, %(night)s)
        from link.doubt
        left join link.review_asked as asked
            on doubt.record_key_l = asked.record_key_l and doubt.record_key_r = asked.record_key_r
        where asked.answered is null
        """,
        {"night": night},
    ).fetchall()
    standings = read_standings({key for doubt in doubts for key in doubt[:2]})
    questions = [
        (low, high, p, reason, rate(p, standings, (low, high)), customer_l, customer_r, first)
        for low, high, p, reason, customer_l, customer_r, first in doubts
    ]
    questions.sort(key=lambda question: (-question[4], question[0], question[1]))
    connection.execute("delete from link.review")
    columns = (
        "record_key_l", "record_key_r", "match_probability", "reason", "priority", "customer_id_l", "customer_id_r",
        "first_asked",
    )  # fmt: skip
    copy_in(connection, "link.review", columns, questions[:limit])
    connection.execute(
        "insert into link.review_asked (record_key_l, record_key_r, asked)"
        " select record_key_l, record_key_r, %s from link.review"
        " on conflict do nothing",
        [night],
    )
    total = connection.execute("select count(*) from link.doubt").fetchone()
    return Queue(total[0] if total else 0, min(len(questions), limit))


def rate(chance: float, standings: Mapping[str, Standing], records: tuple[str, str]) -> float:
    """How useful an answer is: 4p(1 - p), which is 1 where nothing is known, times what hangs on the link."""
    known = [standings[key] for key in records if key in standings]
    owed = float(max((each.debt_gbp for each in known), default=0))
    at_stake = (
        1
        + DIED * any(each.has_died for each in known)
        + SERVED * any(each.open_services for each in known)
        + OWES * min(math.log10(1 + owed) / 4, 1)
    )
    return round(4 * chance * (1 - chance) * at_stake, 4)
