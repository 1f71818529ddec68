"""What a night has to look at: which records differ from those that were compared last, and whom that can affect.

All in SQL, by hash: nothing but keys of what differs leaves the warehouse. Works in the night's transaction
and hands over in temporary tables: `change` (record_key, is_live) is what `link.record` has to follow;
`befallen` (record_key, because) what befell records since the night before, as `link.affected` remembers it
from an earlier run of this night; `seed` (record_key, because_key) whom to look at for which of them, and
`affected` (record_key) all that they can affect.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb
import psycopg

from scv.errors import InputError
from scv.linkage.blocking import MAX_BLOCK
from scv.linkage.customers import BECAUSE_RANK, Because
from scv.linkage.duck import run
from scv.linkage.store import LINK_INPUT
from scv.linkage.transfer import stream_out


@dataclass(frozen=True)
class Changes:
    """How many records are new, changed (returned ones are new) and deleted, going by an earlier night."""

    new: int
    changed: int
    deleted: int


def take_back(connection: psycopg.Connection, night: date) -> None:
    """Undo what an earlier run of this night wrote to memberships and events, and note whom it had moved.

    InputError where a later night was already linked: its ids would have to be taken back as well.
    """
    row = connection.execute("select max(night) from link.night").fetchone()
    later = row[0] if row else None
    if later is not None and later > night:
        raise InputError(f"Night {night} cannot be linked: {later} was already. Nights only go forward.")
    connection.execute("create temporary table again (record_key text primary key) on commit drop")
    connection.execute(
        "insert into pg_temp.again select distinct record_key from link.membership"
        " where valid_from = %s or valid_to = %s",
        [night, night],
    )
    connection.execute("delete from link.membership where valid_from = %s", [night])
    connection.execute("update link.membership set valid_to = null where valid_to = %s", [night])
    for table in ("customer_event", "night", "giant"):
        connection.execute(f"delete from link.{table} where night = %s", [night])
    connection.execute("delete from link.affected where night <> %s", [night])


def find_changes(connection: psycopg.Connection, night: date) -> Changes:
    """Compare the link input with `link.record`; fills `change` and `befallen`."""
    connection.execute(
        f"""
        create temporary table change on commit drop as
        select
            coalesce(input.key, record.record_key) as record_key,
            input.key is not null as is_live,
            input.input_hash,
            record.input_hash as last_hash
        from (
            select found.key, pg_catalog.hash_record_extended(row(found.*), 0) as input_hash
            from ({LINK_INPUT}) as found
        ) as input
        full join link.record as record on input.key = record.record_key
        where input.input_hash is distinct from record.input_hash
        """
    )
    connection.execute("create unique index on pg_temp.change (record_key)")
    connection.execute("analyze pg_temp.change")
    # What an earlier run of this night found changed is compared with what it was before that run.
    connection.execute(
        """
        create temporary table befallen on commit drop as
        with before_tonight as (
            select record_key, input_hash as last_hash
            from link.affected
            where night = %(night)s and record_key = because_key
            union all
            select change.record_key, change.last_hash
            from pg_temp.change
            where not exists (
                select from link.affected
                where
                    affected.night = %(night)s
                    and affected.record_key = change.record_key
                    and affected.because_key = change.record_key
            )
        ),

        compared as (
            select
                before_tonight.record_key,
                before_tonight.last_hash,
                case when change.record_key is null then record.input_hash else change.input_hash end as input_hash
            from before_tonight
            left join pg_temp.change on before_tonight.record_key = change.record_key
            left join link.record on before_tonight.record_key = record.record_key
        )

        select
            record_key,
            last_hash,
            case
                when last_hash is not distinct from input_hash then null
                when input_hash is null then 'record_deleted'
                when last_hash is not null then 'record_changed'
                when exists (select from link.membership where membership.record_key = compared.record_key)
                    then 'record_returned'
                else 'record_new'
            end as because
        from compared
        """,
        {"night": night},
    )
    connection.execute("create unique index on pg_temp.befallen (record_key)")
    connection.execute("analyze pg_temp.befallen")
    counts: dict[str, int] = dict(
        connection.execute("select because, count(*) from pg_temp.befallen group by because").fetchall()
    )
    return Changes(
        counts.get("record_new", 0) + counts.get("record_returned", 0),
        counts.get("record_changed", 0),
        counts.get("record_deleted", 0),
    )


def add_seeds(connection: psycopg.Connection, night: date, shift: float) -> None:
    """Fill `seed`: what differs, its former neighbours and fellows, records that new decisions name, and whom an
    earlier run of this night looked at. Edges must still be the old ones."""
    connection.execute("create temporary table seed (record_key text, because_key text) on commit drop")
    connection.execute("insert into pg_temp.seed select record_key, record_key from pg_temp.befallen")
    for this, other in (("record_key_l", "record_key_r"), ("record_key_r", "record_key_l")):
        connection.execute(
            f"""
            insert into pg_temp.seed
            select edge.{other}, befallen.record_key
            from pg_temp.befallen
            inner join link.edge on befallen.record_key = edge.{this}
            where edge.match_weight > %s
            union
            select decided.{other}, befallen.record_key
            from pg_temp.befallen
            inner join link.decision_in_force as decided on befallen.record_key = decided.{this}
            where decided.decision = 'same'
            """,
            [shift],
        )
    connection.execute(
        """
        insert into pg_temp.seed
        select fellow.record_key, mine.record_key
        from link.membership as mine
        inner join link.membership as fellow on mine.customer_id = fellow.customer_id and fellow.valid_to is null
        where
            mine.valid_to is null
            and mine.record_key in (select record_key from pg_temp.befallen where because = 'record_deleted')
        """
    )
    connection.execute(
        "insert into pg_temp.seed select record_key, because_key from link.affected where night = %s", [night]
    )
    connection.execute("delete from link.affected")
    connection.execute(
        """
        insert into link.affected (night, record_key, because_key, input_hash)
        select distinct
            %s::date, seed.record_key, seed.because_key,
            case when seed.record_key = seed.because_key then befallen.last_hash end
        from pg_temp.seed inner join pg_temp.befallen on seed.because_key = befallen.record_key
        """,
        [night],
    )
    connection.execute("insert into pg_temp.seed select record_key, '' from pg_temp.again")
    connection.execute(
        """
        insert into pg_temp.seed
        select decided.record_key, decision.decision_id::text
        from link.decision
        cross join lateral (values (decision.record_key_l), (decision.record_key_r)) as decided (record_key)
        where decision.decision_id not in (select unnest(decision_ids) from link.night)
        """
    )


def find_candidates(connection: psycopg.Connection) -> None:
    """Fill `candidate` (record_key_l, record_key_r) with the pairs of a changed and another record that share a
    blocking key, once `link.record` holds the changed ones."""
    connection.execute(
        """
        create temporary table candidate on commit drop as
        select distinct
            least(mine.record_key, other.record_key) as record_key_l,
            greatest(mine.record_key, other.record_key) as record_key_r
        from pg_temp.change
        inner join link.record as mine on change.record_key = mine.record_key
        inner join link.record as other
            on mine.block_keys && other.block_keys and mine.record_key <> other.record_key
        """
    )


def find_crowds(connection: psycopg.Connection) -> list[int]:
    """Blocking keys of changed records that more than MAX_BLOCK records share."""
    rows = connection.execute(
        """
        select shared.key
        from (
            select distinct unnest(record.block_keys) as key
            from pg_temp.change inner join link.record on change.record_key = record.record_key
        ) as mine
        inner join (
            select unnest(record.block_keys) as key
            from link.record
            where record.record_key in (
                select record_key_l from pg_temp.candidate union select record_key_r from pg_temp.candidate
            )
        ) as shared on mine.key = shared.key
        group by shared.key having count(*) > %s order by shared.key
        """,
        [MAX_BLOCK],
    ).fetchall()
    return [int(row[0]) for row in rows]


def load_candidates(connection: psycopg.Connection, con: duckdb.DuckDBPyConnection) -> int:
    """Load `candidate` into the table `pair` of DuckDB by the positions of `records`; gives their number."""
    run(con, "create or replace table pair (join_key_l bigint, join_key_r bigint)")
    for table in stream_out(connection, "select record_key_l, record_key_r from pg_temp.candidate"):
        con.register("arrow_pairs", table)
        run(
            con,
            "insert into pair select l.rid, r.rid from arrow_pairs p"
            " join records l on l.key = p.record_key_l join records r on r.key = p.record_key_r",
        )
        con.unregister("arrow_pairs")
    return int(run(con, "select count(*) from pair")[0][0])


def close_over(connection: psycopg.Connection, shift: float, everybody: bool) -> int:
    """Fill `affected` with the live records that the seeds can affect, and count them: all that links above
    `shift`, decisions or a common customer connect to a seed. `everybody`: all live records."""
    connection.execute(
        "create temporary table affected (record_key text primary key, round integer) on commit drop"
    )
    if everybody:
        connection.execute("insert into pg_temp.affected select record_key, 0 from link.record")
    else:
        connection.execute(
            "insert into pg_temp.affected select distinct record.record_key, 0 from pg_temp.seed"
            " inner join link.record on seed.record_key = record.record_key"
        )
    connection.execute("analyze pg_temp.affected")
    last = 0
    while not everybody:
        added = connection.execute(
            """
            insert into pg_temp.affected
            select near.record_key, %(round)s + 1
            from (
                select edge.record_key_r as record_key from pg_temp.affected
                inner join link.edge on affected.record_key = edge.record_key_l and edge.match_weight > %(shift)s
                where affected.round = %(round)s
                union
                select edge.record_key_l from pg_temp.affected
                inner join link.edge on affected.record_key = edge.record_key_r and edge.match_weight > %(shift)s
                where affected.round = %(round)s
                union
                select decided.record_key_r from pg_temp.affected
                inner join link.decision_in_force as decided on affected.record_key = decided.record_key_l
                where affected.round = %(round)s and decided.decision = 'same'
                union
                select decided.record_key_l from pg_temp.affected
                inner join link.decision_in_force as decided on affected.record_key = decided.record_key_r
                where affected.round = %(round)s and decided.decision = 'same'
                union
                select fellow.record_key from pg_temp.affected
                inner join link.membership as mine on affected.record_key = mine.record_key and mine.valid_to is null
                inner join link.membership as fellow
                    on mine.customer_id = fellow.customer_id and fellow.valid_to is null
                where affected.round = %(round)s
            ) as near
            inner join link.record on near.record_key = record.record_key
            on conflict do nothing
            """,
            {"round": last, "shift": shift},
        ).rowcount
        if not added:
            break
        last += 1
    row = connection.execute("select count(*) from pg_temp.affected").fetchone()
    return int(row[0]) if row else 0


def read_reasons(connection: psycopg.Connection) -> dict[str, Because]:
    """Of every seed the first of its reasons."""
    rows = connection.execute(
        """
        select distinct seed.record_key, coalesce(befallen.because, 'decision'), seed.because_key
        from pg_temp.seed
        left join pg_temp.befallen on seed.because_key = befallen.record_key
        where seed.because_key <> '' and (befallen.record_key is null or befallen.because is not null)
        """
    ).fetchall()
    found: dict[str, Because] = {}
    for key, because, because_key in rows:
        reason = (because, because_key)
        found[key] = first_reason([found[key], reason]) if key in found else reason
    return found


def first_reason(reasons: Iterable[Because]) -> Because:
    """A record before a decision, the smallest key first; decisions are numbered, so the shorter is the smaller."""
    return min(reasons, key=lambda reason: (BECAUSE_RANK[reason[0]], len(reason[1]), reason[1]))
