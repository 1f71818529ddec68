"""The review models that dbt built tonight: review.rpt_<rule code>, all of one shape."""

from dataclasses import dataclass

import psycopg

from scv.errors import CheckFailed
from scv.findings.rules import Rule

PREFIX = "rpt_"
COLUMNS = frozenset(
    {
        "finding_subject_keys", "rule_code", "customer_id", "other_customer_id", "evidence_keys", "system",
        "is_doubtful", "facts",
    }
)  # fmt: skip


@dataclass(frozen=True)
class ReviewModel:
    """One model of the review schema."""

    name: str
    rule_code: str


def list_review_models(connection: psycopg.Connection, rules: dict[str, Rule]) -> list[ReviewModel]:
    """The review models, by name; CheckFailed where one has no entry or not the agreed columns."""
    rows = connection.execute(
        """
        select relations.relname, array_agg(attributes.attname::text)
        from pg_catalog.pg_class as relations
        join pg_catalog.pg_attribute as attributes
            on attributes.attrelid = relations.oid and attributes.attnum > 0 and not attributes.attisdropped
        where relations.relnamespace = to_regnamespace('review') and relations.relkind in ('r', 'v', 'm')
          and starts_with(relations.relname, %s)
        group by relations.relname order by relations.relname
        """,
        [PREFIX],
    ).fetchall()
    models = []
    for name, columns in rows:
        model = ReviewModel(name, name.removeprefix(PREFIX))
        if model.rule_code not in rules:
            raise CheckFailed(
                f"review.{name} has no entry. Write expectations/rules/{model.rule_code}.yml after its "
                f"neighbours: severity, owner, deadline, what it means, first steps. Nothing was published."
            )
        missing = sorted(COLUMNS - set(columns))
        if missing:
            raise CheckFailed(
                f"review.{name} lacks the column {', '.join(missing)} that every review model has. "
                f"Put it into dbt_project/models/review/{name}.sql; nothing was published."
            )
        models.append(model)
    return models
