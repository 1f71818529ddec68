"""One block of the council from seed to tables: life, the departments' records of it, and the truth."""

from dataclasses import dataclass

import pyarrow as pa

from scv.demo.book import Book
from scv.demo.parameters import Parameters
from scv.demo.systems.correspondence import Correspondence
from scv.demo.systems.council_tax import CouncilTax
from scv.demo.systems.council_tax_money import CouncilTaxMoney
from scv.demo.systems.deaths import Deaths
from scv.demo.systems.housing_benefit import HousingBenefit
from scv.demo.truth import TruthTables
from scv.demo.world import Life, Span


@dataclass(frozen=True)
class Block:
    """Tables of one block by 'system.table', and its truth by name; all with `_from` and `_to`."""

    tables: dict[str, pa.Table]
    truth: dict[str, pa.Table]


def build_block(seed: int, block: int, residents: int, span: Span, rates: Parameters) -> Block:
    """Simulate one block; a pure function of its arguments."""
    world = Life(seed, block, residents, span, rates).run()
    book = Book(world)
    tax = CouncilTax(book)
    tax.fill()
    tax.note_account_moves()
    CouncilTaxMoney(tax).fill()
    benefit = HousingBenefit(book, tax)
    benefit.fill()
    Deaths(book).fill()
    items = Correspondence(book).fill([tax.mail, benefit.mail])
    truth = TruthTables(book, items).build()
    return Block({name: rows.table() for name, rows in book.rows.items()}, truth)
