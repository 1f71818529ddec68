"""The tables of housing, in the shape of Universal Housing; the hidden columns must never be read."""

from scv.demo.tables import TableSpec


def _table(
    name: str, key: tuple[str, ...], columns: dict[str, str], hidden: tuple[str, ...] = ()
) -> TableSpec:
    return TableSpec("housing", name, key, columns, hidden)


SPECIAL = ("hiv_positive", "crim_rec", "pregnant", "sex_orient", "transgender", "religion_belief")
TABLES = (
    _table(
        "tenagree",
        ("tag_ref",),
        {
            "tag_ref": "text",
            "prop_ref": "text",
            "house_ref": "text",
            "cot": "iso",
            "eot": "iso",
            "tenure": "text",
            "cur_bal": "num",
            "rent": "num",
            "u_saff_rentacc": "text",
            "terminated": "int",
            "evict_date": "iso",
        },
        ("evict_date",),
    ),
    _table(
        "property",
        ("prop_ref",),
        {"prop_ref": "text", "short_address": "text", "post_code": "text", "uprn": "text"},
    ),
    _table(
        "member",
        ("house_ref", "person_no"),
        {
            "house_ref": "text",
            "person_no": "int",
            "title": "text",
            "forename": "text",
            "surname": "text",
            "dob": "iso",
            "gender": "text",
            "ni_no": "text",
            "responsible": "int",
            "at_risk": "int",
            **dict.fromkeys(SPECIAL, "text"),
        },
        SPECIAL,
    ),
    _table(
        "contacts",
        ("con_key",),
        {
            "con_key": "text",
            "con_name": "text",
            "con_phone1": "text",
            "con_phone2": "text",
            "con_email": "text",
            "con_address": "text",
        },
        ("con_address",),
    ),
    _table(
        "rtrans",
        ("trans_id",),
        {
            "trans_id": "big",
            "tag_ref": "text",
            "trans_type": "text",
            "post_date": "iso",
            "real_value": "num",
            "posted_at": "iso_ts",
        },
    ),
    _table(
        "araction",
        ("tag_ref", "action_no"),
        {
            "tag_ref": "text",
            "action_no": "int",
            "action_code": "text",
            "action_date": "iso",
            "action_balance": "num",
            "action_comment": "text",
        },
        ("action_comment",),
    ),
    _table(
        "wlapp",
        ("app_ref",),
        {
            "app_ref": "text",
            "app_date": "iso",
            "app_band": "text",
            "wl_status": "text",
            "corr_addr": "text",
            "corr_postcode": "text",
        },
    ),
    _table(
        "wlmember",
        ("app_ref", "person_no"),
        {
            "app_ref": "text",
            "person_no": "int",
            "title": "text",
            "forename": "text",
            "surname": "text",
            "dob": "iso",
            "ni_no": "text",
        },
    ),
    _table(
        "evidence",
        ("request_id",),
        {
            "request_id": "int",
            "house_ref": "text",
            "app_ref": "text",
            "person_no": "int",
            "evidence_type": "text",
            "requested_on": "iso",
            "received_on": "iso",
            "status": "text",
        },
    ),
)
