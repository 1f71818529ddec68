"""The tables of housing benefit, in the shape of NEC/Capita Academy: most dates are text."""

from scv.demo.tables import TableSpec


def _table(
    name: str, key: tuple[str, ...], columns: dict[str, str], hidden: tuple[str, ...] = ()
) -> TableSpec:
    return TableSpec("housing_benefit", name, key, columns, hidden)


TABLES = (
    _table(
        "hbclaim",
        ("claim_id",),
        {
            "claim_id": "int",
            "check_digit": "text",
            "name": "text",
            "status_ind": "text",
            "application_date": "iso",
            "cancel_date": "iso",
            "review_date": "iso",
            "unsafe_addr_ind": "text",
            "suspend_pay_ind": "text",
            "updated_at": "ts",
            "pot_violent": "text",
            "risk_score": "int",
        },
        ("pot_violent", "risk_score"),
    ),
    _table("hbctaxclaim", ("claim_id", "ctax_ref"), {"claim_id": "int", "ctax_ref": "text"}),
    _table(
        "hbhousehold",
        ("claim_id", "house_id"),
        {
            "claim_id": "int",
            "house_id": "int",
            "from_date": "iso",
            "to_date": "iso",
            **{f"addr{n}": "text" for n in range(1, 5)},
            "post_code": "text",
            "uprn": "text",
            "bereavement_override": "text",
        },
        ("bereavement_override",),
    ),
    _table(
        "hbmember",
        ("claim_id", "house_id", "member_id"),
        {
            "claim_id": "int",
            "house_id": "int",
            "member_id": "int",
            "title": "text",
            "forename": "text",
            "surname": "text",
            "birth_date": "iso",
            "gender": "int",
            "nino": "text",
            "type": "int",
            "student_ind": "text",
            "deceased_date": "iso",
            "deceased_recorded_at": "ts",
            "disable_ind": "text",
            "severely_mentally_impaired_ind": "text",
        },
        ("disable_ind", "severely_mentally_impaired_ind"),
    ),
    _table(
        "hbincome",
        ("claim_id", "house_id", "income_id"),
        {
            "claim_id": "int",
            "house_id": "int",
            "income_id": "int",
            "member_id": "int",
            "inc_code": "text",
            "inc_amt": "num",
            "freq_len": "int",
            "freq_period": "text",
            "from_date": "text",
            "to_date": "iso",
        },
    ),
    _table("hbinccode", ("inc_code",), {"inc_code": "text", "inc_desc": "text"}),
    _table(
        "hbrentass",
        ("claim_id", "award_id"),
        {
            "claim_id": "int",
            "award_id": "int",
            "from_date": "iso",
            "to_date": "iso",
            "model_amt": "num",
            "type_ind": "text",
        },
    ),
    _table(
        "hbevidence",
        ("request_id",),
        {
            "request_id": "int",
            "claim_id": "int",
            "member_id": "int",
            "evidence_type": "text",
            "requested_on": "date",
            "received_on": "date",
            "status": "text",
        },
    ),
)
