"""Everything sent: the departments' mailbags become the print house's and the gateway's rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scv.demo.book import Book
from scv.demo.calendar import OPEN, instants
from scv.demo.mailbag import CHANNELS, CLASSES, Mailbag, MailLine
from scv.demo.places import OFFICE_POSTCODE
from scv.demo.tables import TableSpec, encode

PRINT = TableSpec(
    "correspondence",
    "print_items",
    ("job_ref",),
    {
        "job_ref": "text",
        "department": "text",
        "account_ref": "text",
        "template": "text",
        "class": "text",
        "addressee_block": "text",
        "address": "text",
        "postcode": "text",
        "uprn": "text",
        "created_on": "iso",
        "handover_date": "iso",
        "returned_date": "iso",
        "return_reason": "text",
        "pages": "int",
        "body": "text",
    },
    ("pages", "body"),
)
NOTIFY = TableSpec(
    "correspondence",
    "notify_items",
    ("id",),
    {
        "id": "text",
        "type": "text",
        "department": "text",
        "account_ref": "text",
        "template": "text",
        "class": "text",
        "email_address": "text",
        "phone_number": "text",
        "recipient_name": "text",
        "address": "text",
        "postcode": "text",
        "status": "text",
        "created_at": "iso_ts",
        "sent_at": "iso_ts",
        "completed_at": "iso_ts",
        "body": "text",
        "postage": "text",
    },
    ("body", "postage"),
)
HIGH = 4_000_000
BODY = (
    "Dear customer, we write about your account. If you have questions, please contact us. "
    "Westmere Council, Civic Centre, " + OFFICE_POSTCODE
)


@dataclass(frozen=True)
class Items:
    """All items of a block, one entry each: line printed, days, and whether the reference can be used.

    `lines` indexes `mail_lines`; `day` is the London day of the item time (handed over, else created);
    `posted` says whether it went to an address, from the print house or through the gateway.
    """

    table: NDArray
    ref: pa.Array
    department: NDArray
    departments: list[str]
    lines: NDArray
    mail_lines: list[MailLine]
    account_refs: list[str]
    day: NDArray
    shown: NDArray
    reference_fault: NDArray
    posted: NDArray


class Correspondence:
    """Turns the mailbags of one block into rows and into the items that the truth is worked out on."""

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.rates = book.world.rates.section("letters")
        self.print_rows, self.notify_rows = book.open((PRINT, NOTIFY))
        self.random = np.random.default_rng([self.world.seed, self.world.block, 99])

    def fill(self, bags: list[Mailbag]) -> Items:
        """Write both tables."""
        parts = [self._resolve(bag, place) for place, bag in enumerate(bags)]
        self.lines: list[MailLine] = []
        refs: list[str] = []
        columns: dict[str, list[NDArray]] = {}
        templates: list[str] = []
        for bag, (order, part) in zip(bags, parts, strict=True):
            part["line"] += len(self.lines)
            part["template"] += len(templates)
            self.lines += [bag.lines[n] for n in order]
            refs += [bag.refs[bag.lines[n].account] for n in order]
            templates += [sent.template for sent in bag.sent]
            for name, values in part.items():
                columns.setdefault(name, []).append(values)
        merged = {name: np.concatenate(values) for name, values in columns.items()}
        order = np.lexsort((merged["line"], merged["template"], merged["day"]))
        merged = {name: values[order] for name, values in merged.items()}
        return self._write(merged, refs, templates, [bag.department for bag in bags])

    def _resolve(self, bag: Mailbag, place: int) -> tuple[NDArray, dict[str, NDArray]]:
        """For each item the line that its account shows on that day; items without one are dropped."""
        keys = np.array([line.account * HIGH + line.start for line in bag.lines], dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        if not bag.sent or not len(order):
            names = ("line", "day", "channel", "class", "template", "department")
            return order, {name: np.zeros(0, dtype=np.int64) for name in names}
        keys = keys[order]
        ends = np.array([bag.lines[n].end for n in order])
        kind = np.array([2 if bag.lines[n].mute else 1 if bag.lines[n].estate else 0 for n in order])
        accounts, days, channels = (
            np.concatenate([getattr(sent, name) for sent in bag.sent])
            for name in ("accounts", "days", "channels")
        )
        sizes = [len(sent.days) for sent in bag.sent]
        classes = np.repeat([sent.mail_class for sent in bag.sent], sizes)
        template = np.repeat(np.arange(len(bag.sent)), sizes)
        line = np.searchsorted(keys, accounts * HIGH + days, side="right") - 1
        same = (
            (line >= 0) & (keys[np.maximum(line, 0)] // HIGH == accounts) & (days < ends[np.maximum(line, 0)])
        )
        same &= (days >= self.world.span.start) & (days < self.world.span.end)
        roll = self.random.random(len(line))
        kinds = kind[np.maximum(line, 0)]
        same &= (kinds == 0) | ((kinds == 1) & (roll < self.rates["estate_items"]) & (channels == 0))
        classes = np.where(kinds == 1, CLASSES.index("estate"), classes)
        part = {"line": line, "day": days, "channel": channels, "class": classes, "template": template}
        part = {name: values[same].astype(np.int64) for name, values in part.items()}
        part["department"] = np.full(len(part["line"]), place, dtype=np.int64)
        return order, part

    def _write(
        self, items: dict[str, NDArray], refs: list[str], templates: list[str], departments: list[str]
    ) -> Items:
        count, rnd = len(items["line"]), self.random
        names = pa.array([line.name for line in self.lines])
        addresses = pa.array([line.address.one_line for line in self.lines])
        postcodes = pa.array([line.address.postcode or None for line in self.lines])
        uprns = pa.array([line.address.uprn or None for line in self.lines])
        roll = rnd.random(count)
        fault = np.where(roll < self.rates["reference_empty"], 1, 0)
        wrong = self.rates["reference_empty"] + self.rates["reference_wrong"]
        fault = np.where((roll >= self.rates["reference_empty"]) & (roll < wrong), 2, fault)
        ref = pa.array(refs).take(pa.array(items["line"]))
        ref = pc.if_else(pa.array(fault == 2), pc.binary_join_element_wise(ref, pa.scalar("9"), ""), ref)
        ref = pc.if_else(pa.array(fault == 1), pa.scalar(None, pa.string()), ref)
        handed = items["day"] + rnd.choice([0, 1, 1, 2, 3], count)
        no_handover = rnd.random(count) < self.rates["not_handed_over"]
        by_print = items["channel"] == 0
        shown = np.where(by_print & ~no_handover, handed, items["day"])
        other = np.flatnonzero(rnd.random(count) < self.rates["other_address_in_body"])
        body = np.full(count, BODY, dtype=object)
        for place in other:
            dwelling = self.world.dwellings[int(rnd.integers(len(self.world.dwellings)))]
            body[place] = (
                f"{BODY} Your other address: {dwelling.house} {dwelling.street}, {dwelling.postcode}."
            )
        common = {
            "department": pa.array(departments).take(pa.array(items["department"])),
            "account_ref": ref,
            "template": pa.array(templates).take(pa.array(items["template"])) if templates else None,
            "class": pa.array(list(CLASSES)).take(pa.array(items["class"])),
            "address": addresses.take(pa.array(items["line"])),
            "postcode": postcodes.take(pa.array(items["line"])),
            "body": pa.array(body, type=pa.string()),
        }
        name = names.take(pa.array(items["line"]))
        where = np.flatnonzero(by_print)
        job = self._numbers("J", len(where))
        values = common | {
            "addressee_block": name,
            "uprn": uprns.take(pa.array(items["line"])),
            "created_on": encode("iso", items["day"], count),
            "handover_date": encode("iso", pa.array(handed, mask=no_handover), count),
            "pages": rnd.integers(1, 4, count),
        }
        self._add_print(where, job, values, items, shown)
        rest = np.flatnonzero(~by_print)
        ids = self._numbers("N", len(rest))
        self._add_notify(rest, ids, common | {"recipient_name": name}, items)
        ref_column = pa.concat_arrays([job, ids]) if len(rest) else job
        both = np.concatenate([where, rest])
        return Items(
            np.where(by_print, 0, 1)[both],
            ref_column,
            items["department"][both],
            departments,
            items["line"][both],
            self.lines,
            refs,
            shown[both],
            shown[both],
            fault[both],
            np.isin(items["channel"][both], [CHANNELS.index("print"), CHANNELS.index("letter")]),
        )

    def _numbers(self, letter: str, count: int) -> pa.Array:
        texts = pc.utf8_lpad(pa.array(np.arange(1, count + 1)).cast(pa.string()), 8, "0")
        return pc.binary_join_element_wise(pa.scalar(f"{letter}{self.world.block:03d}"), texts, "")

    def _add_print(
        self, where: NDArray, job: pa.Array, values: dict[str, Any], items: dict[str, NDArray], shown: NDArray
    ) -> None:
        """Print items; those that come back get a second version on the day of their return."""
        rnd, count = self.random, len(where)
        rows = {name: pa.array(v).take(pa.array(where)) for name, v in values.items() if v is not None}
        rows["job_ref"] = job
        days, lines = shown[where], items["line"][where]
        gone, died = self._absent()
        roll = rnd.random(count)
        to_gone = (days >= gone[lines]) & (roll < self.rates["returned_after_move"])
        to_dead = (days >= died[lines]) & (roll < self.rates["returned_after_death"])
        back = days + 6 + rnd.integers(0, 20, count)
        returned = to_gone | to_dead
        end = np.where(returned, back, OPEN)
        self.print_rows.add_bulk(days, rows, end)
        again = np.flatnonzero(returned)
        second = {name: v.take(pa.array(again)) for name, v in rows.items()}
        second["returned_date"] = encode("iso", back[again], len(again))
        reason = np.where(to_dead[again], "deceased", "gone away").astype(object)
        second["return_reason"] = pa.array(reason, type=pa.string())
        self.print_rows.add_bulk(back[again], second)

    def _absent(self) -> tuple[NDArray, NDArray]:
        """By line: from which day the first addressee no longer lives at its address, or is dead."""
        gone = np.full(len(self.lines), OPEN, dtype=np.int64)
        died = np.full(len(self.lines), OPEN, dtype=np.int64)
        for place, line in enumerate(self.lines):
            if line.living:
                person = line.living[0]
                died[place] = person.died
                ends = [s.end for s in person.stays if s.occupancy.dwelling == line.address.dwelling]
                gone[place] = max(ends) if ends and max(ends) < person.died else OPEN
        return gone, died

    def _add_notify(
        self, where: NDArray, ids: pa.Array, values: dict[str, Any], items: dict[str, NDArray]
    ) -> None:
        rnd, count = self.random, len(where)
        if not count:
            return
        rows = {name: pa.array(v).take(pa.array(where)) for name, v in values.items() if v is not None}
        channel, days, lines = items["channel"][where], items["day"][where], items["line"][where]
        is_letter = pa.array(channel == CHANNELS.index("letter"))
        nothing = pa.scalar(None, pa.string())
        rows["address"] = pc.if_else(is_letter, rows["address"], nothing)
        rows["postcode"] = pc.if_else(is_letter, rows["postcode"], nothing)
        emails = pa.array([line.email or None for line in self.lines], type=pa.string())
        phones = pa.array([line.phone or None for line in self.lines], type=pa.string())
        of_line = pa.array(lines)
        rows["email_address"] = pc.if_else(pa.array(channel == 1), emails.take(of_line), nothing)
        rows["phone_number"] = pc.if_else(pa.array(channel == 2), phones.take(of_line), nothing)
        rows["type"] = pa.array(list(CHANNELS)).take(pa.array(channel))
        roll = rnd.random(count)
        status = np.where(
            roll < 0.93, "delivered", np.where(roll < 0.985, "permanent-failure", "technical-failure")
        )
        created = instants(days, rnd.integers(28_800, 64_800, count))
        failed = roll >= 0.985
        rows["status"] = pa.array(status.astype(object), type=pa.string())
        rows["created_at"] = encode("iso_ts", created, count)
        rows["sent_at"] = encode(
            "iso_ts", pa.array(created + rnd.integers(1, 600, count), mask=failed), count
        )
        rows["completed_at"] = encode(
            "iso_ts", pa.array(created + rnd.integers(600, 6_000, count), mask=failed), count
        )
        rows["postage"] = pc.if_else(is_letter, pa.scalar("second"), nothing)
        rows["id"] = ids
        self.notify_rows.add_bulk(days, rows)
