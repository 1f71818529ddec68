"""What hangs on a link: services, letters, money and deaths, as last published.

Of a night that is still being linked nothing is published yet, and its own tables exist only once it is
built; so what is read here is yesterday's. Counts, keys and amounts only.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

import psycopg
from psycopg.rows import class_row

from scv.db.warehouse import connect, translate_db_errors


@dataclass(frozen=True)
class Service:
    """Episodes of one service that stand on the records looked at."""

    service_code: str
    source_system: str
    open_episodes: int
    ended_episodes: int


@dataclass(frozen=True)
class Debt:
    """The newest balance of one account on which one of the records stands."""

    account_key: str
    service_code: str
    balance_gbp: Decimal
    recovery_stage_code: str | None
    is_joint: bool


@dataclass(frozen=True)
class Stakes:
    """What stands on some records: services, debts, and the keys of letters that found their person by them.

    All empty, with `is_published` false, where nothing has been published yet.
    """

    is_published: bool
    services: tuple[Service, ...] = ()
    debts: tuple[Debt, ...] = ()
    letters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """What one customer has to lose by a wrong link."""

    open_services: int
    debt_gbp: Decimal
    has_died: bool


def read_stakes(records: Collection[str]) -> Stakes:
    """What stands on these records. DatabaseError where the warehouse refuses."""
    keys = sorted(records)
    with translate_db_errors("reading what hangs on a link", "marts.fct_service_engagement"):
        with connect("reader") as reader:
            if not _has_table(reader, "marts.fct_service_engagement"):
                return Stakes(is_published=False)
            services = _read_services(reader, keys)
        with connect("linkage") as linkage:
            accounts = linkage.execute(
                "select distinct account_key, customer_id from intermediate.int_account_customers__liable"
                " where record_key = any(%s)",
                [keys],
            ).fetchall()
            letters = linkage.execute(
                "select distinct item_key from intermediate.int_correspondence__addressee_customers"
                " where record_key = any(%s) order by 1",
                [keys],
            ).fetchall()
        with connect("reader") as reader:
            debts = _read_debts(reader, accounts)
    return Stakes(True, tuple(services), tuple(debts), tuple(row[0] for row in letters))


def _read_services(connection: psycopg.Connection, keys: list[str]) -> list[Service]:
    with connection.cursor(row_factory=class_row(Service)) as cursor:
        return cursor.execute(
            """
            select
                service_code, source_system,
                count(distinct episode_key) filter (where is_open) as open_episodes,
                count(distinct episode_key) filter (where not is_open) as ended_episodes
            from marts.fct_service_engagement
            where record_key = any(%s)
            group by service_code, source_system
            order by service_code, source_system
            """,
            [keys],
        ).fetchall()


def _read_debts(connection: psycopg.Connection, accounts: list[tuple[str, str]]) -> list[Debt]:
    with connection.cursor(row_factory=class_row(Debt)) as cursor:
        return cursor.execute(
            """
            select distinct on (debt.account_key)
                debt.account_key, debt.service_code, debt.balance_gbp, debt.recovery_stage_code, debt.is_joint
            from marts.fct_debt as debt
            inner join unnest(%s::text[], %s::text[]) as held (account_key, customer_id)
                on debt.account_key = held.account_key and debt.customer_id = held.customer_id
            where debt.is_latest and debt.balance_gbp <> 0
            order by debt.account_key, debt.change_date desc
            """,
            [[account for account, _ in accounts], [customer for _, customer in accounts]],
        ).fetchall()


def read_standings(records: Collection[str]) -> dict[str, Standing]:
    """By record what its customer, as published, has to lose; empty before the first publication."""
    with (
        translate_db_errors("reading what hangs on links", "marts.dim_customer"),
        connect("reader") as connection,
    ):
        if not _has_table(connection, "marts.bridge_customer_source_record"):
            return {}
        rows = connection.execute(
            """
            with wanted as (
                select bridge.record_key, bridge.customer_id
                from marts.bridge_customer_source_record as bridge
                inner join unnest(%s::text[]) as asked (record_key) on bridge.record_key = asked.record_key
            ),
            customers as (select distinct customer_id from wanted),
            services as (
                select engagement.customer_id, count(*) as open_services
                from marts.fct_service_engagement as engagement
                inner join customers on engagement.customer_id = customers.customer_id
                where engagement.is_open
                group by engagement.customer_id
            ),
            debts as (
                select debt.customer_id, sum(debt.balance_gbp) as debt_gbp
                from marts.fct_debt as debt
                inner join customers on debt.customer_id = customers.customer_id
                where debt.is_latest and debt.balance_gbp > 0
                group by debt.customer_id
            )
            select
                wanted.record_key, coalesce(services.open_services, 0), coalesce(debts.debt_gbp, 0),
                coalesce(death.death_status in ('reported', 'verified'), false)
            from wanted
            left join services on wanted.customer_id = services.customer_id
            left join debts on wanted.customer_id = debts.customer_id
            left join marts.dim_death as death on wanted.customer_id = death.customer_id
            """,
            [sorted(records)],
        ).fetchall()
    return {key: Standing(int(services), debt, died) for key, services, debt, died in rows}


def _has_table(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", [name]).fetchone()
    return bool(row and row[0])
