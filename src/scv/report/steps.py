"""How long the steps of a night took, beside those of the night before."""

from datetime import date

import psycopg

from scv.report.facts import Step

# The steps in the order in which they run, and what they are called for people.
WORDS = {
    "extract": "Load the systems",
    "list_changes": "List what changed",
    "stage": "Standardise the records",
    "link": "Link records to people",
    "build": "Build marts and findings",
    "check": "Check",
    "publish": "Publish",
    "report": "Write the report",
}

# Systems load side by side, so their step lasts from the first start to the last end.
_STEPS = """
    select step,
           case when bool_or(status = 'failed') then 'failed'
                when bool_or(status = 'running') then 'running' else 'done' end,
           case when count(*) > 1
                then extract(epoch from max(finished_at) - min(started_at))::double precision
                else max(seconds) end,
           max(peak_mb)::integer, min(started_at),
           string_agg(detail ->> 'problem', '; ' order by system)
    from audit.step where night = %s group by step order by 5
"""


def collect_steps(connection: psycopg.Connection, night: date, previous: date | None) -> tuple[Step, ...]:
    """The steps of the night, in the order in which they run; as role publisher."""
    before = {row[0]: row[2] for row in connection.execute(_STEPS, [previous]).fetchall()}
    rows = connection.execute(_STEPS, [night]).fetchall()
    order = {step: place for place, step in enumerate(WORDS)}
    steps = [
        Step(
            step=step,
            words=WORDS.get(step, step.replace("_", " ").capitalize()),
            status=status,
            seconds=seconds,
            seconds_before=before.get(step),
            peak_mb=peak_mb,
            problem=problem,
        )
        for step, status, seconds, peak_mb, _, problem in rows
    ]
    return tuple(sorted(steps, key=lambda step: order.get(step.step, len(order))))
