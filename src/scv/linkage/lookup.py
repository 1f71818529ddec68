"""Who is meant: people found by a description, such as an addressee as printed, by the model that links records.

A description is compared as if it were one more record, by the same keys, comparisons and weights. What differs
is the question. A night asks whether two records are one person; here somebody is meant, nearly always one of
the people on file, so these are each other's alternatives: of a household's members the one who fits best is
told from the others, and not from a household in general.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import psycopg
import pyarrow as pa

from scv.errors import InputError
from scv.linkage import blocking, store
from scv.linkage.blocking import SIGNED
from scv.linkage.duck import load, open_memory, read, run
from scv.linkage.evidence import weigh
from scv.linkage.model import Model, prepare_values
from scv.linkage.record_store import fetch_records
from scv.linkage.records import COLUMNS, standardise
from scv.linkage.scoring import Scorer
from scv.linkage.transfer import copy_tables, stream_out

# Descriptions that are looked up at once: bounds memory.
BATCH = 10_000
# Of the people who are meant, the share that no record is of; else everybody in a household would be found for
# a member whom nobody has recorded.
NOT_ON_FILE = 0.02
# From this probability on a person is found; from this one on somebody may be meant at all.
MATCHED, PLAUSIBLE = 0.9, 0.02
# What narrows a search to few records. Names alone do not, and are tried where these did not settle it.
NARROW = frozenset([
    "postcode", "address_key", "former_address", "uprn", "birth_date", "nino", "person_number", "nhs_number", "upn",
    "email", "phone", "account_key", "other_account_key",
])  # fmt: skip
SOURCE = "description"
KNOWN = frozenset([
    "title", "forename", "middle_names", "surname", "suffix", "full_name", "birth_date", "sex", "address", "postcode",
    "uprn", "nino", "nhs_number", "upn", "person_number", "email", "phone", "account_key",
])  # fmt: skip
FOUND = pa.schema([
    ("item_id", pa.string()), ("verdict", pa.string()), ("customer_id", pa.string()), ("record_key", pa.string()),
    ("probability", pa.float64()), ("runner_up_id", pa.string()), ("runner_up_probability", pa.float64()),
])  # fmt: skip
CANDIDATES = pa.schema([
    ("item_id", pa.string()), ("customer_id", pa.string()), ("record_key", pa.string()),
    ("probability", pa.float64()),
])  # fmt: skip


@dataclass(frozen=True)
class Matches:
    """`best`: one row per item (FOUND) in order of item_id, verdict matched, doubtful or unmatched; a person is
    given for the first two, with the record of theirs that fits best. `candidates`: everybody whom an item may
    mean (CANDIDATES), the likeliest first."""

    best: pa.Table
    candidates: pa.Table


def find_people(connection: psycopg.Connection, descriptions: pa.Table) -> Matches:
    """Find the customer that each description means.

    `descriptions`: `item_id` (unique), and as text whichever of KNOWN are known; a joint name line is one
    description per person. `connection` is one of the linkage; temporary tables of it are used. InputError where
    a column is not known, an item comes twice or no model is in force.
    """
    _check(descriptions)
    model = store.read_model(connection)
    if model is None:
        raise InputError("No model is in force. Run a night first: scv night")
    with open_memory() as con:
        names = sorted(set(descriptions.column_names) - {"item_id"})
        load(
            con, "given", descriptions.cast(pa.schema([(n, pa.string()) for n in descriptions.column_names]))
        )
        # Whoever is described in the same words is looked up once.
        order = ", ".join(names)
        run(con, f"create table numbered as select *, dense_rank() over (order by {order}) as no from given")
        run(
            con, "create table found (no bigint, customer_id varchar, record_key varchar, probability double)"
        )
        total = int(run(con, "select coalesce(max(no), 0) from numbered")[0][0])
        for start in range(1, total + 1, BATCH):
            columns = ", ".join(f"any_value({name}) as {name}" for name in names)
            table = read(
                con,
                f"select lpad(no::varchar, 12, '0') as key, '{SOURCE}' as source, {columns} from numbered"
                f" where no >= {start} and no < {start + BATCH} group by no order by no",
            )
            _look_up(connection, con, model, table)
        return _summarise(con)


def _check(descriptions: pa.Table) -> None:
    names = descriptions.column_names
    unknown = sorted(set(names) - KNOWN - {"item_id"})
    if "item_id" not in names or unknown or len(set(names)) < len(names) or len(names) < 2:
        raise InputError(
            f"A description has an item_id and any of {', '.join(sorted(KNOWN))}; found {', '.join(names)}."
        )
    items = descriptions.column("item_id")
    if items.null_count or len(items.unique()) < len(items):
        raise InputError("Each description needs an item_id of its own; some are empty or there twice.")


def _look_up(
    connection: psycopg.Connection, con: duckdb.DuckDBPyConnection, model: Model, table: pa.Table
) -> None:
    """Add to `found` whom the descriptions of a batch may mean: near ones first, then by every rule."""
    rules = blocking.rules_named(model.rules)
    near = [rule for rule in rules if NARROW.intersection(rule.needs)]
    for chosen in (near, rules):
        if not table.num_rows or not chosen:
            continue
        described = standardise(table, "key", "source")
        scored = _score(connection, con, model, described, chosen)
        load(con, "posterior", _weigh_alternatives(con, scored))
        run(con, f"delete from posterior where probability < {PLAUSIBLE}")
        settled = "select no from posterior group by no having max(probability) >= ?"
        least = MATCHED if chosen is not rules else 0.0
        run(con, f"insert into found select * from posterior where no in ({settled})", [least])
        done = {row[0] for row in run(con, settled, [least])}
        table = table.filter(
            pa.array([int(key) not in done for key in table.column("key").to_pylist()], pa.bool_())
        )


def _score(
    connection: psycopg.Connection,
    con: duckdb.DuckDBPyConnection,
    model: Model,
    described: pa.Table,
    rules: list[blocking.Rule],
) -> pa.Table:
    """no, customer_id, record_key and in bits `same` and `home` of every record that shares a key."""
    con.register("arrow_described", described)
    run(con, "create or replace table records as select * from arrow_described")
    run(con, "create or replace table described as select * from arrow_described")
    con.unregister("arrow_described")
    prepare_values(con, model)
    blocking.set_stop_keys(con, model.stop_keys)
    blocking.create_keys(con, rules)
    keys = read(
        con,
        "select rid, '{' || string_agg(distinct " + SIGNED + "::varchar, ',') || '}' as block_keys"
        " from block_key group by rid order by rid",
    )
    connection.execute("drop table if exists pg_temp.lookup_key, pg_temp.lookup_candidate")
    connection.execute("create temporary table lookup_key (rid bigint, block_keys bigint [])")
    copy_tables(connection, "pg_temp.lookup_key", [keys])
    connection.execute("analyze pg_temp.lookup_key")
    connection.execute(
        """
        create temporary table lookup_candidate as
        select asked.rid, record.record_key, membership.customer_id
        from pg_temp.lookup_key as asked
        inner join link.record as record on asked.block_keys && record.block_keys
        inner join link.membership as membership
            on record.record_key = membership.record_key and membership.valid_to is null
        """
    )
    found = fetch_records(connection, con, "select record_key from pg_temp.lookup_candidate")
    columns = ", ".join(name for name in COLUMNS)
    run(
        con,
        f"insert into records by name select rid + {len(found)} as rid, key, source, {columns},"
        " null::varchar as age_class from described order by rid",
    )
    prepare_values(con, model)
    run(con, "create or replace table candidate (rid bigint, record_key varchar, customer_id varchar)")
    for table in stream_out(connection, "select rid, record_key, customer_id from pg_temp.lookup_candidate"):
        con.register("arrow_candidates", table)
        run(con, "insert into candidate select rid::bigint, record_key, customer_id from arrow_candidates")
        con.unregister("arrow_candidates")
    run(
        con,
        "create or replace table pair as select r.rid as join_key_l,"
        f" c.rid + {len(found)} as join_key_r from candidate c join records r on r.key = c.record_key",
    )
    return _collect(con, Scorer(con, model.parameters, model.frequencies))


def _collect(con: duckdb.DuckDBPyConnection, scorer: Scorer) -> pa.Table:
    run(
        con, "create or replace table weight (join_key_l bigint, join_key_r bigint, same double, home double)"
    )
    for left, right, agreement in scorer.score("pair"):
        weights = weigh(scorer.parameters, agreement)
        same = weights.same + weights.contradiction
        load(
            con,
            "weight_batch",
            pa.table({"l": left, "r": right, "same": np.round(same, 3), "home": np.round(weights.home, 3)}),
        )
        run(con, "insert into weight select l, r, same, home from weight_batch")
    return read(
        con,
        "select d.key::bigint as no, c.customer_id, l.key as record_key, w.same, w.home from weight w"
        " join records l on l.rid = w.join_key_l join records d on d.rid = w.join_key_r"
        " join (select distinct record_key, customer_id from candidate) c on c.record_key = l.key",
    )


def _weigh_alternatives(con: duckdb.DuckDBPyConnection, scored: pa.Table) -> pa.Table:
    """no, customer_id, record_key, probability: of each customer the best record, against all the others and
    against somebody whom no record is of (a stranger, or one more member of the household)."""
    load(con, "scored", scored)
    return read(
        con,
        f"""
        with best as (
            select no, customer_id, max(same) as same,
                (list(record_key order by same desc, record_key))[1] as record_key
            from scored group by no, customer_id
        ),
        nobody as (
            select no, {NOT_ON_FILE} * (1 + pow(2, max(least(home, 60)))) as mass from scored group by no
        ),
        mass as (select *, pow(2, least(same, 60)) as mass from best)
        select m.no, m.customer_id, m.record_key,
            round(m.mass / (sum(m.mass) over (partition by m.no order by m.mass, m.customer_id
                rows between unbounded preceding and unbounded following) + n.mass), 6) as probability
        from mass m join nobody n on n.no = m.no
        """,
    )


def _summarise(con: duckdb.DuckDBPyConnection) -> Matches:
    candidates = read(
        con,
        "select g.item_id, f.customer_id, f.record_key, f.probability from numbered g join found f on f.no = g.no"
        " order by g.item_id, f.probability desc, f.customer_id",
    ).cast(CANDIDATES)
    load(con, "candidates", candidates)
    best = read(
        con,
        f"""
        with placed as (
            select *, row_number() over (partition by item_id order by probability desc, customer_id) as place,
                sum(probability) over (partition by item_id) as on_file
            from candidates
        )
        select g.item_id,
            case when a.probability >= {MATCHED} then 'matched' when a.on_file >= 0.5 then 'doubtful'
                else 'unmatched' end as verdict,
            case when a.on_file >= 0.5 then a.customer_id end as customer_id,
            case when a.on_file >= 0.5 then a.record_key end as record_key,
            coalesce(a.probability, 0.0) as probability,
            b.customer_id as runner_up_id, coalesce(b.probability, 0.0) as runner_up_probability
        from given g
        left join placed a on a.item_id = g.item_id and a.place = 1
        left join placed b on b.item_id = g.item_id and b.place = 2
        order by g.item_id
        """,
    ).cast(FOUND)
    return Matches(best, candidates)


def alternatives(matches: Matches) -> dict[str, Sequence[tuple[str, str, float]]]:
    """By item everybody whom it may mean: customer_id, record_key and probability, the likeliest first."""
    found: dict[str, list[tuple[str, str, float]]] = {}
    columns = (matches.candidates.column(name).to_pylist() for name in CANDIDATES.names)
    for item, customer, record, probability in zip(*columns, strict=True):
        found.setdefault(item, []).append((customer, record, probability))
    return dict(found)
