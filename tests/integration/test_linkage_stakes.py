"""What hangs on a link: read from the published tables, by record."""

from decimal import Decimal

import pytest

from scv.db.warehouse import connect
from scv.linkage.review import rate
from scv.linkage.stakes import Standing, read_stakes, read_standings
from scv.settings import Settings

pytestmark = pytest.mark.postgres

PUBLISHED = """
create table marts.bridge_customer_source_record (record_key text, customer_id text);
insert into marts.bridge_customer_source_record values ('a', 'ann'), ('b', 'bob');
create table marts.fct_service_engagement
    (customer_id text, record_key text, episode_key text, service_code text, source_system text, is_open boolean);
insert into marts.fct_service_engagement values
    ('ann', 'a', 'e1', 'tenancy', 'housing', true), ('ann', 'a', 'e2', 'tenancy', 'housing', false),
    ('bob', 'b', 'e1', 'tenancy', 'housing', true);
create table marts.fct_debt (
    customer_id text, account_key text, change_date date, service_code text, balance_gbp numeric(12, 2),
    is_latest boolean, is_joint boolean, recovery_stage_code text
);
insert into marts.fct_debt values
    ('ann', 'x', '2026-01-01', 'tenancy', 900, false, true, null), ('ann', 'x', '2026-02-01', 'tenancy', 120.50, true, true, 'R1'),
    ('bob', 'x', '2026-02-01', 'tenancy', 120.50, true, true, 'R1'), ('ann', 'y', '2026-02-01', 'council_tax', 0, true, false, null);
create table marts.dim_death (customer_id text, death_status text);
insert into marts.dim_death values ('ann', 'reported'), ('bob', 'reversed');
"""
BUILT = """
create table intermediate.int_account_customers__liable (account_key text, record_key text, customer_id text);
insert into intermediate.int_account_customers__liable values ('x', 'a', 'ann'), ('x', 'b', 'bob'), ('y', 'a', 'ann');
create table intermediate.int_correspondence__addressee_customers (item_key text, record_key text);
insert into intermediate.int_correspondence__addressee_customers values ('l2', 'a'), ('l1', 'a'), ('l1', 'b'), ('l3', 'c');
"""


def test_what_hangs_on_a_link_is_known_once_it_is_published(warehouse: Settings) -> None:
    assert not read_stakes(["a"]).is_published
    assert read_standings(["a"]) == {}
    with connect("publisher", warehouse) as publisher:
        publisher.execute(PUBLISHED)
    with connect("transform", warehouse) as transform:
        transform.execute(BUILT)
    found = read_stakes(["a"])
    assert found.is_published
    (service,) = found.services
    assert (service.service_code, service.open_episodes, service.ended_episodes) == ("tenancy", 1, 1)
    (debt,) = found.debts
    assert (debt.account_key, debt.balance_gbp, debt.is_joint) == ("x", Decimal("120.50"), True)
    assert found.letters == ("l1", "l2")
    assert len(read_stakes(["a", "b"]).debts) == 1, "a joint balance is told once"
    assert read_standings(["a", "b", "c"]) == {
        "a": Standing(1, Decimal("120.50"), True),
        "b": Standing(1, Decimal("120.50"), False),
    }


def test_an_answer_is_the_more_useful_the_less_is_known_and_the_more_hangs_on_it() -> None:
    nothing, service = Standing(0, Decimal(0), False), Standing(1, Decimal(0), False)
    death, debt = Standing(0, Decimal(0), True), Standing(0, Decimal(5000), False)
    ranks = [rate(0.5, {"a": each}, ("a", "b")) for each in (nothing, debt, service, death)]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 4
    assert rate(0.5, {}, ("a", "b")) == 1.0
    assert rate(0.5, {"a": service}, ("a", "b")) > rate(0.95, {"a": service}, ("a", "b"))
    assert rate(0.5, {"a": death, "b": service}, ("a", "b")) > rate(0.5, {"a": death}, ("a", "b"))
