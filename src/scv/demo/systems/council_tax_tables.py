"""The tables of council tax, in the shape of NEC/Capita Academy."""

from scv.demo.tables import TableSpec

_FORWARD = {f"for_addr{n}": "text" for n in range(1, 5)}


def _table(
    name: str, key: tuple[str, ...], columns: dict[str, str], hidden: tuple[str, ...] = ()
) -> TableSpec:
    return TableSpec("council_tax", name, key, columns, hidden)


TABLES = (
    _table(
        "ctaccount",
        ("account_ref",),
        {
            "account_ref": "int",
            "account_cd": "text",
            "lead_liab_name": "text",
            "lead_liab_title": "text",
            "lead_liab_forename": "text",
            "lead_liab_surname": "text",
            "lead_liab_pos": "int",
            **_FORWARD,
            "for_postcode": "text",
            "for_addr_last_updated": "ts",
            "paymeth_code": "text",
            "employee_ind": "text",
            "employee_no": "text",
            "person_status": "text",
            "bank_note": "text",
        },
        ("bank_note",),
    ),
    _table(
        "ctliab_person",
        ("account_ref", "liab_pers_occ"),
        {"account_ref": "int", "liab_pers_occ": "int", "liab_name": "text", "liab_pos": "int"},
    ),
    _table(
        "ctoccupation",
        ("account_ref", "property_ref", "occupation_date"),
        {
            "account_ref": "int",
            "property_ref": "text",
            "occupation_date": "date",
            "vacation_date": "date",
            "live_ind": "text",
        },
    ),
    _table(
        "ctproperty",
        ("property_ref",),
        {
            "property_ref": "text",
            **{f"addr{n}": "text" for n in range(1, 5)},
            "postcode": "text",
            "uprn": "text",
            "wardcode": "text",
            "band": "text",
            "deleted_ind": "text",
        },
    ),
    _table(
        "ctdiscount",
        ("account_ref", "discount_code", "start_date"),
        {"account_ref": "int", "discount_code": "text", "start_date": "date", "end_date": "date"},
    ),
    _table(
        "cttransaction",
        ("transaction_ref",),
        {
            "transaction_ref": "big",
            "account_ref": "int",
            "process_date": "date",
            "tran_amount": "num",
            "tran_code": "text",
            "posted_at": "ts",
            "cardholder": "text",
        },
        ("cardholder",),
    ),
    _table("cttrancode", ("tran_code",), {"tran_code": "text", "tran_desc": "text"}),
    _table(
        "ctrecovery",
        ("account_ref", "stage_seq"),
        {
            "account_ref": "int",
            "stage_seq": "int",
            "stage_code": "text",
            "stage_date": "date",
            "balance": "num",
        },
    ),
    _table("syphone", ("ref",), {"ref": "int", "phonenum1": "text", "phonenum2": "text"}),
    _table("syemail", ("reference_id",), {"reference_id": "int", "email_addr": "text"}),
)
