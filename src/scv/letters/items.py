"""One outgoing item in our words, and what its body gives away."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from scv.extract.addresses import POSTCODE, contains_other_address
from scv.letters.files import Row, as_text
from scv.letters.profiles import POSTED, Profile
from scv.linkage import text
from scv.names import ParsedName


class Place(NamedTuple):
    """A home as the linkage tells homes apart: standard address, numbers with street, postcode, UPRN."""

    address: str | None
    key: str | None
    postcode: str | None
    uprn: str | None

    def is_same(self, other: "Place") -> bool:
        """Whether both are one home; unknown counts as another."""
        if self.uprn is not None and self.uprn == other.uprn:
            return True
        near = self.postcode is None or other.postcode is None or self.postcode == other.postcode
        return self.key is not None and self.key == other.key and near

    @property
    def is_known(self) -> bool:
        """Whether it can be compared at all."""
        return self.key is not None or self.uprn is not None


def read_place(address: str | None, postcode: str | None, uprn: str | None) -> Place:
    """A home from its parts as written."""
    folded = text.fold_address(address)
    return Place(folded, text.address_key(folded), text.fold_postcode(postcode), text.fold_number(uprn))


@dataclass(frozen=True)
class Item:
    """An item to be judged. `carries_other_address`: whether its body holds an address that is neither its own nor
    the council's; None where nothing says so."""

    item_id: str
    addressee: str
    letter_class: str
    department: str | None
    account_ref: str | None
    template: str | None
    channel: str
    letter_format: str
    place: Place
    postcode: str | None
    address: str | None
    uprn: str | None
    email: str | None
    phone: str | None
    carries_other_address: bool | None
    body: str | None

    @property
    def is_posted(self) -> bool:
        """Whether it goes to a home."""
        return self.channel in POSTED

    def carries(self, places: Collection[Place]) -> bool:
        """Whether the body holds one of these homes, the item's own left out: by postcode, or number and street."""
        if not self.body:
            return False
        others = [place for place in places if place.is_known and not place.is_same(self.place)]
        if not others:
            return False
        shown = {outward + inward for outward, inward in POSTCODE.findall(self.body.upper())}
        shown -= {(self.place.postcode or "").upper()}
        if any(place.postcode and place.postcode.upper() in shown for place in others):
            return True
        words = f" {text.fold_address(self.body) or ''} "
        heads = (" ".join((place.address or "").split()[:3]) for place in others)
        return any(head and any(c.isdigit() for c in head) and f" {head} " in words for head in heads)


def read_item(row: Row, profile: Profile) -> Item:
    """An item from a row of the deliverer's file."""
    given = {name: as_text(row[column]) for name, column in profile.columns.given().items()}
    postcode, address, uprn = given.get("postcode"), given.get("address"), given.get("uprn")
    flag = given.get("carries_other_address")
    if flag is None:
        flag = contains_other_address(profile.rules.own_postcodes, given.get("body"), postcode)
    return Item(
        item_id=given["item_id"] or "",
        addressee=str(row[profile.columns.addressee] or ""),
        letter_class=(given["letter_class"] or "").lower(),
        department=(given.get("department") or "").lower() or None,
        account_ref=given.get("account_ref"),
        template=given.get("template"),
        channel=(given.get("channel") or "letter").lower(),
        letter_format=(given.get("letter_format") or "standard").lower(),
        place=read_place(address, postcode, uprn),
        postcode=postcode,
        address=address,
        uprn=uprn,
        email=given.get("email"),
        phone=given.get("phone"),
        carries_other_address=None if flag is None else flag.lower() in ("true", "t", "1", "yes"),
        body=given.get("body"),
    )


@dataclass(frozen=True)
class Addressee:
    """One person whom an item names: whether found, and whom it may mean (customer_id, record_key, probability)."""

    verdict: str
    candidates: tuple[tuple[str, str, float], ...]

    @property
    def customers(self) -> tuple[str, ...]:
        """Who is meant; of a doubtful one everybody who may be."""
        chosen = self.candidates[:1] if self.verdict == "matched" else self.candidates
        return tuple(customer for customer, _, _ in chosen)


@dataclass(frozen=True)
class Addressed:
    """An item with its name as parsed, the persons it names and the customers of the account it is about."""

    item: Item
    name: ParsedName
    addressees: tuple[Addressee, ...]
    parties: tuple[str, ...]
