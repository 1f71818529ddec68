"""Customer ids in the warehouse: what they were before tonight, and what the night makes of them."""

from collections.abc import Collection
from datetime import date

import psycopg

from scv.linkage.customers import Assignment, Before
from scv.linkage.transfer import copy_in


def read_before(connection: psycopg.Connection) -> tuple[Before, set[str]]:
    """Ids before tonight of the affected and of the deleted records, once the night has been taken back;
    and those of their former ids that somebody else has."""
    current: dict[str, str] = dict(
        connection.execute(
            """
            select membership.record_key, membership.customer_id from link.membership
            inner join pg_temp.affected on membership.record_key = affected.record_key
            where membership.valid_to is null
            union all
            select membership.record_key, membership.customer_id from link.membership
            where
                membership.valid_to is null
                and not exists (select from link.record where record.record_key = membership.record_key)
            """
        ).fetchall()
    )
    former: dict[str, str] = dict(
        connection.execute(
            """
            select distinct on (membership.record_key) membership.record_key, membership.customer_id
            from link.membership
            inner join pg_temp.affected on membership.record_key = affected.record_key
            where membership.valid_to is not null and not exists (
                select from link.membership as now
                where now.record_key = membership.record_key and now.valid_to is null
            )
            order by membership.record_key asc, membership.valid_from desc
            """
        ).fetchall()
    )
    known = sorted({*current.values(), *former.values()})
    since: dict[str, date] = dict(
        connection.execute(
            "select customer_id, min(valid_from) from link.membership where customer_id = any(%s) group by 1",
            [known],
        ).fetchall()
    )
    taken = connection.execute(
        "select distinct customer_id from link.membership where valid_to is null and customer_id = any(%s)",
        [sorted(set(former.values()))],
    ).fetchall()
    return Before(current, since, former), {row[0] for row in taken} - set(current.values())


def write_customers(
    connection: psycopg.Connection, before: Before, assignment: Assignment, night: date
) -> None:
    """Write tonight's memberships and events."""
    new = assignment.customer
    left = sorted(key for key, old in before.current.items() if new.get(key) != old)
    connection.execute(
        "update link.membership set valid_to = %s where valid_to is null and record_key = any(%s)",
        [night, left],
    )
    entered = sorted(key for key, customer in new.items() if before.current.get(key) != customer)
    copy_in(
        connection,
        "link.membership",
        ("record_key", "customer_id", "valid_from"),
        ((key, new[key], night) for key in entered),
    )
    copy_in(
        connection,
        "link.customer_event",
        (
            "night",
            "run",
            "cause",
            "old_customer_id",
            "new_customer_id",
            "record_key",
            "because",
            "because_key",
        ),
        ((night, f"night {night}", *event) for event in assignment.events),
    )


def write_giants(
    connection: psycopg.Connection, night: date, giants: Collection[tuple[str, int, str]]
) -> None:
    """Replace what is known of persons past the bound among the affected: smallest record, records, bound."""
    connection.execute(
        "delete from link.giant where label in (select record_key from pg_temp.affected)"
        " or not exists (select from link.record where record.record_key = giant.label)"
    )
    copy_in(
        connection,
        "link.giant",
        ("night", "label", "records", "reason"),
        ((night, label, records, reason) for label, records, reason in sorted(giants)),
    )
