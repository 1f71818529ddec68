"""One block of the council from seed to tables: life, the departments' records of it, and the truth."""

from dataclasses import dataclass

import pyarrow as pa

from scv.demo.book import Book
from scv.demo.parameters import Parameters
from scv.demo.systems.adult_social_care import AdultSocialCare
from scv.demo.systems.children_social_care import ChildrenSocialCare
from scv.demo.systems.contacts import Contacts
from scv.demo.systems.correspondence import Correspondence
from scv.demo.systems.council_tax import CouncilTax
from scv.demo.systems.council_tax_money import CouncilTaxMoney
from scv.demo.systems.deaths import Deaths
from scv.demo.systems.education import Education
from scv.demo.systems.grants import Grants
from scv.demo.systems.housing import Housing
from scv.demo.systems.housing_benefit import HousingBenefit
from scv.demo.systems.housing_rents import charge_rents
from scv.demo.systems.hr_payroll import HrPayroll
from scv.demo.systems.permits import Permits
from scv.demo.systems.waiting_list import WaitingList
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
    payroll = HrPayroll(book)
    payroll.fill()
    tax = CouncilTax(book)
    tax.fill()
    tax.note_account_moves()
    CouncilTaxMoney(tax).fill()
    benefit = HousingBenefit(book, tax)
    housing = Housing(book)
    departments = (
        benefit,
        housing,
        AdultSocialCare(book),
        ChildrenSocialCare(book),
        Education(book),
        Grants(book),
        Permits(book),
    )
    for department in departments:
        department.fill()
    charge_rents(housing)
    WaitingList(housing).fill()
    Deaths(book).fill()
    Contacts(book).fill()
    bags = [tax.mail, payroll.mail, *(department.mail for department in departments)]
    items = Correspondence(book).fill(bags)
    truth = TruthTables(book, items).build()
    return Block({name: rows.table() for name, rows in book.rows.items()}, truth)
