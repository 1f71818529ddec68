"""Housing: applications to the waiting list, and requests for evidence of tenants and applicants."""

from typing import Any

from scv.demo.calendar import OPEN
from scv.demo.clients import follow, mail_pictures
from scv.demo.evidence_requests import ask_for_evidence
from scv.demo.people import Occupancy
from scv.demo.recording import DEFAULT_BIRTH, Clerk
from scv.demo.systems.housing import Housing


class WaitingList:
    """Fills wlapp, wlmember and evidence of one block; its mail goes out with housing's."""

    def __init__(self, housing: Housing) -> None:
        self.housing, self.world, self.book = housing, housing.world, housing.book
        self.clerk = Clerk(housing.world, "waiting_list")
        self.applications: list[int] = []
        self.requests = 0

    def fill(self) -> None:
        """Applications of households that rent; then evidence and mail."""
        share = self.world.rates["housing.waiting_list"]
        for occupancy in self.world.occupancies:
            fits = 0.3 if occupancy.tenure == "own" else 1.7
            if self.clerk.chance(share * fits):
                self._apply(occupancy)
        self.housing.mail.schedule(
            self.world.rates["letters.waiting_list.general"], "renewal", "WL-RENEW", only=self.applications
        )
        for tag_ref, account, opened, ended, _ in self.housing.tenancies:
            for request in ask_for_evidence(self.clerk, 0.12, opened, ended):
                values = {"house_ref": tag_ref.split("/")[0], "app_ref": None, "person_no": 1}
                self._write_request(request, values, account)

    def _apply(self, occupancy: Occupancy) -> None:
        clerk, rows = self.clerk, self.housing.rows
        heads = [s.person for s in occupancy.stays if s.start <= occupancy.start and not s.person.child]
        high = min(occupancy.end, self.world.span.end)
        low = max(occupancy.start, self.world.span.start - 1_200)
        if not heads or low >= high - 10:
            return
        applied = clerk.rnd.randrange(low, high - 5)
        person = heads[0]
        if applied >= person.died or person.age(applied) < 18 or person.stay_on(applied) is None:
            return
        reference = f"WL{self.world.block:02d}{len(self.applications) + 1:06d}"
        news = follow(clerk, person, applied)
        stopped = next((h.day for h in news if h.kind in ("death", "gone")), OPEN)
        housed = applied + clerk.rnd.randrange(200, 1_500) if clerk.chance(0.35) else OPEN
        address = clerk.address(occupancy.dwelling)
        values: dict[str, Any] = {
            "app_ref": reference,
            "app_date": applied,
            "app_band": clerk.rnd.choice("ABCD"),
            "wl_status": "ACTIVE",
            "corr_addr": address.one_line,
            "corr_postcode": address.postcode or None,
        }
        ending = (housed, "HOUSED") if housed < stopped else (stopped, "CANCELLED")
        changes: list[tuple[int, dict[str, Any]]] = [(ending[0], {"wl_status": ending[1]})]
        written = clerk.write(person, applied)
        pictures = mail_pictures(clerk, written, address, applied, news, 0, after_death="stop")
        for day, fields in pictures[1:]:
            now = fields["address"]
            changes.append((day, {"corr_addr": now.one_line, "corr_postcode": now.postcode or None}))
        rows["wlapp"].add_history(applied, OPEN, values, changes)
        account = self.housing.mail.open_account(reference)
        self.applications.append(account)
        self.housing.mail.add_lines(account, min(housed, stopped), pictures)
        family = [s.person for s in occupancy.stays if s.start <= applied < s.end and s.person is not person]
        for number, member in enumerate([person, *family], start=1):
            record = written if member is person else clerk.write(member, applied)
            rows["wlmember"].add(
                applied,
                OPEN,
                {
                    "app_ref": reference,
                    "person_no": number,
                    "title": record.title,
                    "forename": record.forename,
                    "surname": record.surname,
                    "dob": DEFAULT_BIRTH if record.born is None else record.born,
                    "ni_no": record.nino or None if member.age(applied) >= 16 else None,
                },
            )
            self.book.record(rows["wlmember"], (reference, number), member, applied, OPEN, reference)
        for request in ask_for_evidence(clerk, 0.5, applied, min(housed, stopped)):
            self._write_request(request, {"house_ref": None, "app_ref": reference, "person_no": 1}, account)

    def _write_request(self, request: Any, values: dict[str, Any], account: int) -> None:
        self.requests += 1
        number = self.world.block * 100_000 + self.requests
        request.write(self.housing.rows["evidence"], values | {"request_id": number})
        self.housing.mail.send([account], [request.asked + 1], "evidence_request", "HSG-EVID")
