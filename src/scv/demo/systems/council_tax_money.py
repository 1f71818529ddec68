"""Council tax: charges, instalments, recovery, and the letters that go with them."""

import numpy as np
from numpy.typing import NDArray

from scv.demo.calendar import OPEN, instants, to_date
from scv.demo.systems.council_tax import CouncilTax

BAND_CHARGE = {"A": 1420, "B": 1660, "C": 1895, "D": 2130, "E": 2605, "F": 3080, "G": 3550, "H": 4260}
CODES = (
    ("BILL", "Charge raised"),
    ("PAY", "Payment received"),
    ("REF", "Refund or credit"),
    ("COST", "Costs of recovery"),
    ("WOFF", "Written off"),
)
STAGES = (("REM1", 75), ("REM2", 135), ("FIN", 165), ("SUM", 190), ("LO", 225), ("EA1", 275))
MOST_TRANSACTIONS = 20_000_000
"""Room for the transactions of one block in the numbering."""


class CouncilTaxMoney:
    """Bills, payments and recovery of one block's accounts, and all council tax mail."""

    def __init__(self, tax: CouncilTax) -> None:
        self.tax, self.world = tax, tax.world
        self.random = np.random.default_rng([tax.world.seed, tax.world.block, 21])
        self.parts: list[tuple[NDArray, NDArray, NDArray, str]] = []
        self.stages: dict[int, list[tuple[int, str, float]]] = {}

    def fill(self) -> None:
        """Write every table and send every item."""
        for code, text in CODES if self.world.block == 0 else ():
            self.tax.rows["cttrancode"].add(0, OPEN, {"tran_code": code, "tran_desc": text})
        accounts = self.tax.accounts
        self.numbers = np.array([a.number for a in accounts], dtype=np.int64)
        self.opened = np.array([a.opened for a in accounts], dtype=np.int64)
        self.closed = np.array([a.closed for a in accounts], dtype=np.int64)
        self.stopped = np.array(
            [min(a.occupancy.end, a.lead_paid_until if len(a.parties) == 1 else OPEN) for a in accounts]
        )
        bands = [self.world.dwelling(a.occupancy.dwelling).band for a in accounts]
        single = np.array([len(a.parties) == 1 for a in accounts])
        self.charge = np.array([BAND_CHARGE[b] for b in bands]) * np.where(single, 0.75, 1.0)
        roll, rates = self.random.random(len(accounts)), self.tax.rates
        self.payer = np.where(
            roll < rates["bad_payer"], 2, np.where(roll < rates["bad_payer"] + rates["late_payer"], 1, 0)
        )
        self.pay_day = self.random.choice([0, 14, 27], len(accounts))
        first = to_date(self.world.span.start).year - 1
        for year in range(first, to_date(self.world.span.end).year + 1):
            self._run_year(year)
        self._write_transactions()
        self._send_general()

    def _run_year(self, year: int) -> None:
        """One financial year, April to March: the annual bill or an opening bill, ten instalments, recovery."""
        span, count = self.world.span, len(self.numbers)
        start, end = to_day_of(year, 4, 1), to_day_of(year + 1, 4, 1)
        from_day = np.maximum(self.opened, start)
        active = (from_day < np.minimum(self.closed, end)) & (from_day < span.end)
        annual = to_day_of(year, 3, 9) + self.random.integers(0, 5, count)
        billed = np.where(self.opened < annual, annual, self.opened + 1)
        due = np.round(self.charge * (end - np.maximum(self.opened, start)) / 365.0, 2)
        bill = active & (billed >= span.start - 365) & (billed < np.minimum(self.closed, span.end))
        self._add(bill, billed, due, "BILL")
        letters = np.flatnonzero(bill & (billed >= span.start))
        self.tax.mail.send(letters, billed[letters], "bill", "CT-ANNUAL")
        left = (self.closed < end) & (self.closed >= start) & bill
        self._add(left, self.closed, -np.round(due * np.clip((end - self.closed) / 365.0, 0, 1), 2), "REF")
        share = np.choose(self.payer, [0.985, 0.80, 0.25])
        for month in range(10):
            day = to_day_of(year + (4 + month - 1) // 12, (3 + month) % 12 + 1, 1) + self.pay_day
            day = day + self.random.integers(0, 3, count) + np.where(self.payer == 1, 9, 0)
            pays = bill & (day > billed) & (day < self.stopped) & (day < self.closed)
            pays &= (self.random.random(count) < share) & (day >= span.start - 200) & (day < span.end)
            self._add(pays, day, -np.round(due / 10.0, 2), "PAY")
        self._recover(bill, billed, due)

    def _recover(self, bill: NDArray, billed: NDArray, due: NDArray) -> None:
        """Those who do not pay, and the estates of those whose death nobody told, are chased."""
        span = self.world.span
        died = np.array([a.lead_paid_until for a in self.tax.accounts])
        unpaid_from = np.where(died < OPEN, died - 40, OPEN)
        owes = bill & ((self.payer > 0) | (unpaid_from < billed + 330))
        for place in np.flatnonzero(owes):
            account, payer = self.tax.accounts[place], self.payer[place]
            base = int(billed[place]) if payer else max(int(billed[place]), int(unpaid_from[place]))
            depth = 6 if payer == 2 else 2 if payer == 0 else 1
            for stage, delay in STAGES[:depth]:
                day = base + delay + int(place) % 9
                if not max(span.start - 200, account.opened) <= day < min(span.end, account.closed):
                    continue
                self.stages.setdefault(int(place), []).append((day, stage, float(due[place]) * 0.6))
                self.tax.mail.send(
                    [place], [day + 1], "reminder" if stage[:2] == "RE" else "recovery", f"CT-{stage}"
                )
                if stage in ("SUM", "LO"):
                    self.parts.append((np.array([place]), np.array([day]), np.array([60.0]), "COST"))

    def _add(self, mask: NDArray, days: NDArray, amounts: NDArray, code: str) -> None:
        chosen = np.flatnonzero(mask)
        if len(chosen):
            self.parts.append((chosen, days[chosen], amounts[chosen], code))

    def _write_transactions(self) -> None:
        for place, stages in self.stages.items():
            for number, (day, stage, balance) in enumerate(sorted(stages), start=1):
                values = {"account_ref": int(self.numbers[place]), "stage_seq": number, "stage_code": stage}
                values |= {"stage_date": day, "balance": round(balance, 2)}
                self.tax.rows["ctrecovery"].add(day, OPEN, values)
        which = np.concatenate([p[0] for p in self.parts])
        days = np.concatenate([p[1] for p in self.parts]).astype(np.int64)
        amounts = np.concatenate([p[2] for p in self.parts])
        codes = np.concatenate([np.full(len(p[0]), n) for n, p in enumerate(self.parts)])
        order = np.lexsort((codes, which, days))
        which, days, amounts, codes = which[order], days[order], amounts[order], codes[order]
        names = np.array([p[3] for p in self.parts], dtype=object)[codes]
        seconds = 66_600 + np.arange(len(days)) % 18_000
        self.tax.rows["cttransaction"].add_bulk(
            days,
            {
                "transaction_ref": np.arange(len(days)) + 1 + self.world.block * MOST_TRANSACTIONS,
                "account_ref": self.numbers[which],
                "process_date": days,
                "tran_amount": amounts,
                "tran_code": names,
                "posted_at": instants(days, seconds),
            },
        )

    def _send_general(self) -> None:
        tax, letters = self.tax, self.world.rates.section("letters.council_tax")
        single = [a.mail for a in tax.accounts if len(a.parties) == 1]
        with_email = [a.mail for a in tax.accounts if a.parties and a.parties[0].email]
        opened = [(a.mail, a.opened + 2) for a in tax.accounts if a.opened > self.world.span.start]
        if opened:
            tax.mail.send([m for m, _ in opened], [d for _, d in opened], "general", "CT-WELCOME")
        tax.mail.schedule(letters["general"], "general", "CT-ADJUST")
        tax.mail.schedule(letters["review"], "renewal", "CT-SPDREV", only=single)
        tax.mail.schedule(letters["notify"], "bill", "CT-EBILL", "email", only=with_email)


def to_day_of(year: int, month: int, day: int) -> int:
    """Day number of a date given in parts."""
    return int((np.datetime64(f"{year:04d}-{month:02d}-{day:02d}") - np.datetime64("1970-01-01")).astype(int))
