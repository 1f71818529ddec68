"""What was held because of a death that was taken back since: items to screen again, and the word that did it."""

from dataclasses import dataclass
from datetime import date

from psycopg.rows import class_row

from scv.db import warehouse
from scv.settings import Settings, get_settings


@dataclass(frozen=True)
class ReleasedItem:
    """An item that was not sent as it was because of a death, all or part of whose evidence was taken back.

    `department` and `reference` name the notice that took it back. `is_held_otherwise` where another rule had
    something to say as well.
    """

    screened_on: date
    screening_id: str
    item_key: str
    action: str
    rule_code: str
    is_held_otherwise: bool
    department: str
    reference: str


_DEATHS_OF_NIGHTS = """
    union
    select words.fact_id, evidence.evidence_key
    from facts.in_force(%(on)s) as words
    inner join intermediate.int_death_evidence__graded as evidence
        on words.customer_id = evidence.customer_id and evidence.known_at <= words.known_at
    where words.kind = 'death_reversed'
"""
_RELEASED = """
with taken_back as (
    select words.fact_id, 'fact:' || deaths.fact_id as evidence_key
    from facts.in_force(%(on)s) as words
    inner join facts.told as deaths
        on words.customer_id = deaths.customer_id and deaths.known_at <= words.known_at
    where words.kind = 'death_reversed' and deaths.kind = 'death'
    union
    select words.fact_id, 'fact:' || deaths.fact_id
    from facts.told as words
    inner join facts.told as deaths on words.refers_to = deaths.fact_id
    where words.kind = 'withdrawal' and deaths.kind = 'death'
    {deaths_of_nights}
),
held as (
    select verdict.*, held_by.evidence_key
    from letters.verdict as verdict
    cross join lateral unnest(verdict.evidence_keys) as held_by (evidence_key)
    where verdict.action <> 'send' and verdict.data_class = 'death'
)
select distinct on (screening.screened_on, held.screening_id, held.item_key)
    screening.screened_on, held.screening_id, held.item_key, held.action, held.rule_code,
    held.other_rules <> '{{}}' as is_held_otherwise,
    word.source_department as department, word.reference
from held
inner join taken_back on held.evidence_key = taken_back.evidence_key
inner join letters.screening as screening on held.screening_id = screening.screening_id
inner join facts.told as word on taken_back.fact_id = word.fact_id
order by screening.screened_on, held.screening_id, held.item_key, word.known_at, word.fact_id
"""


def list_released(on: date, settings: Settings | None = None) -> list[ReleasedItem]:
    """Items of all screenings whose advice rests on a death taken back by a day, in order; as role linkage.

    They are keys and codes. DatabaseError where the warehouse refuses.
    """
    settings = settings or get_settings()
    with (
        warehouse.translate_db_errors("listing what was held because of deaths taken back"),
        warehouse.connect("linkage", settings) as connection,
    ):
        built = connection.execute(
            "select pg_catalog.to_regclass('intermediate.int_death_evidence__graded') is not null"
        ).fetchone()
        statement = _RELEASED.format(deaths_of_nights=_DEATHS_OF_NIGHTS if built and built[0] else "")
        with connection.cursor(row_factory=class_row(ReleasedItem)) as cursor:
            return cursor.execute(statement.encode(), {"on": on}).fetchall()
