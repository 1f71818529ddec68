"""Functions: the record key, and typing of text that cannot raise whatever the text is.

PostgreSQL prints values in the errors of bad casts. So nothing here casts a text that a pattern has
not cut to a few ASCII digits first. Where the cast stands in a case expression, its guard depends on
the same inputs and on nothing else: the planner then never computes the one without the other.

Each typing function is a plain expression, so that the planner puts it in line, for the usual way of
writing a value, and hands the unusual rest (blanks, the 29th to 31st, £ and commas) to a parse_ function.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# One function per number of parts, because only plain expressions are put in line: four times as fast.
# Doubled backslashes make decode(..., 'escape') an immutable way from text to its UTF-8 bytes.
KEY_FUNCTION = r"""
create function audit.record_key(secret bytea, {arguments}) returns text
language sql immutable parallel safe
return encode(
    substring(
        {home}.hmac(decode(replace({message}, '\', '\\'), 'escape'), secret, 'sha256') from 1 for 16
    ),
    'hex'
);
comment on function audit.record_key(bytea, {types}) is
    'Opaque key of a record: the same as scv.keys.record_key(secret, system, table, *primary_key).';
revoke execute on function audit.record_key(bytea, {types}) from public;
grant execute on function audit.record_key(bytea, {types})
to scv_loader, scv_transform, scv_linkage, scv_publisher;
"""

EXTENSION = r"""
create extension if not exists pgcrypto schema extensions;

do $$
begin
    -- an existing server may have the extension in another schema already
    execute (
        select
            format(
                'grant usage on schema %I to scv_loader, scv_transform, scv_linkage, scv_publisher',
                n.nspname
            )
        from pg_extension as e inner join pg_namespace as n on n.oid = e.extnamespace
        where e.extname = 'pgcrypto' and n.nspname not in ('public', 'extensions')
    );
exception when null_value_not_allowed then
    null;  -- it is in a schema that everybody may use
end
$$;
"""

DAYS = r"""
-- The calendar day, or null where there is no such day. All three numbers may be anything.
create function typed.make_day(y integer, m integer, d integer) returns date
language plpgsql immutable parallel safe
as $$
declare
    day date;
begin
    if y between 1 and 9999 and m between 1 and 12 and d between 1 and 31 then
        day := make_date(y, m, 1) + (d - 1);
        if date_part('month', day) = m then
            return day;
        end if;
    end if;
    return null;
end
$$;

create function typed.parse_date(value text, format text) returns date
language plpgsql immutable parallel safe
as $$
declare
    parts text[];
begin
    if octet_length(value) > 40 then
        return null;
    elsif format = 'iso' then
        parts := regexp_match(
            value,
            '^\s*([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?\s*$'
        );
        return typed.make_day(parts[1]::integer, parts[2]::integer, parts[3]::integer);
    elsif format = 'ymd_compact' then
        parts := regexp_match(value, '^\s*([0-9]{4})([0-9]{2})([0-9]{2})\s*$');
        return typed.make_day(parts[1]::integer, parts[2]::integer, parts[3]::integer);
    elsif format = 'dmy_compact' then
        parts := regexp_match(value, '^\s*([0-9]{2})([0-9]{2})([0-9]{4})\s*$');
        return typed.make_day(parts[3]::integer, parts[2]::integer, parts[1]::integer);
    elsif format = 'dmy_slash' then
        parts := regexp_match(value, '^\s*([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\s*$');
        return typed.make_day(parts[3]::integer, parts[2]::integer, parts[1]::integer);
    elsif format = 'dmy' then
        parts := regexp_match(value, '^\s*([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})\s*$');
        return typed.make_day(parts[3]::integer, parts[2]::integer, parts[1]::integer);
    elsif format = 'dmonthy' then
        parts := regexp_match(lower(value), '^\s*([0-9]{1,2})[- ]([a-z]{3})[a-z]{0,6}[- ]([0-9]{4})\s*$');
        return typed.make_day(
            parts[3]::integer,
            array_position(
                array['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
                parts[2]
            ),
            parts[1]::integer
        );
    elsif format = 'excel_serial' then
        return date '1899-12-30' + (substring(value from '^\s*([0-9]{1,6})(?:\.[0-9]+)?\s*$'))::integer;
    end if;
    return null;
end
$$;

create function typed.to_date(value text, format text default 'iso') returns date
language sql immutable parallel safe
return case
    when
        format = 'iso'
        and value ~ '^[1-9][0-9][0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$'
        then make_date(substr(value, 1, 4)::integer, substr(value, 6, 2)::integer, substr(value, 9, 2)::integer)
    when
        format in ('dmy_slash', 'dmy')
        and value ~ '^(0[1-9]|1[0-9]|2[0-8])/(0[1-9]|1[0-2])/[1-9][0-9][0-9][0-9]$'
        then make_date(substr(value, 7, 4)::integer, substr(value, 4, 2)::integer, substr(value, 1, 2)::integer)
    else typed.parse_date(value, format)
end;

comment on function typed.to_date(text, text) is
    'Date or null, never an error. Formats: iso, dmy, dmy_slash, dmy_compact, ymd_compact, dmonthy, excel_serial.';
"""

INSTANTS = r"""
create function typed.parse_timestamp(value text, format text) returns timestamptz
language plpgsql immutable parallel safe
as $$
declare
    parts text[];
    day date;
    seconds_of_day numeric;
    zone_minutes integer;
    local_time timestamp;
begin
    if octet_length(value) > 60 then
        return null;
    end if;
    parts := regexp_match(
        value,
        '^\s*([0-9/.-]{8,10})(?:[T ]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]{1,9})?)?)?\s*(?:([Zz])|([+-])([0-9]{2}):?([0-9]{2})?)?\s*$'
    );
    day := typed.to_date(parts[1], format);
    if
        day is null
        or coalesce(parts[2], '0')::integer > 23
        or coalesce(parts[3], '0')::integer > 59
        or coalesce(parts[4], '0')::integer > 59
        or coalesce(parts[8], '0')::integer > 15
        or coalesce(parts[9], '0')::integer > 59
    then
        return null;
    end if;
    seconds_of_day := coalesce(parts[2], '0')::integer * 3600
        + coalesce(parts[3], '0')::integer * 60
        + (coalesce(parts[4], '0') || coalesce(parts[5], ''))::numeric;
    local_time := day + trunc(seconds_of_day * 1000000)::bigint * interval '1 microsecond';
    if parts[7] is not null then
        zone_minutes := parts[8]::integer * 60 + coalesce(parts[9], '0')::integer;
        local_time := local_time
            - (case when parts[7] = '-' then -zone_minutes else zone_minutes end) * interval '1 minute';
        return local_time at time zone 'UTC';
    elsif parts[6] is not null then
        return local_time at time zone 'UTC';
    end if;
    return local_time at time zone 'Europe/London';
end
$$;

create function typed.to_timestamp(value text, format text default 'iso') returns timestamptz
language sql immutable parallel safe
return case
    when
        format = 'iso'
        and value ~ '^[1-9][0-9][0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?$'
        then
            make_timestamp(
                substr(value, 1, 4)::integer, substr(value, 6, 2)::integer, substr(value, 9, 2)::integer,
                substr(value, 12, 2)::integer, substr(value, 15, 2)::integer, substr(value, 18, 2)::integer
            ) at time zone case when right(value, 1) = 'Z' then 'UTC' else 'Europe/London' end
    else typed.parse_timestamp(value, format)
end;

comment on function typed.to_timestamp(text, text) is
    'Instant or null, never an error. Without Z or an offset it is London time; a bare date is its midnight.';
"""

NUMBERS = r"""
-- A number as people write it: 1,234.50   £12   -£12   (12.50)   12.50-
create function typed.parse_number(value text) returns numeric
language plpgsql immutable parallel safe
as $$
declare
    sign text := '';
    digits text;
begin
    if octet_length(value) > 60 then
        return null;
    end if;
    digits := regexp_replace(value, '^\s+|\s+$', '', 'g');
    if digits ~ '^\(.*\)$' then
        sign := '-';
        digits := substr(digits, 2, length(digits) - 2);
    elsif digits ~ '^[^-]+-$' then
        sign := '-';
        digits := left(digits, -1);
    elsif digits ~ '^[+-]' then
        sign := left(digits, 1);
        digits := substr(digits, 2);
    end if;
    digits := btrim(ltrim(btrim(digits), '£'));
    if digits ~ '^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$' then
        digits := replace(digits, ',', '');
    end if;
    if digits ~ '^([0-9]+\.?[0-9]*|\.[0-9]+)$' then
        return (sign || digits)::numeric;
    end if;
    return null;
end
$$;

create function typed.to_numeric(value text) returns numeric
language sql immutable parallel safe
return case
    when value ~ '^-?[0-9]+(?:\.[0-9]+)?$'
        -- 60 bytes are at most 60 digits: far from where a numeric overflows
        then case when octet_length(value) <= 60 then value::numeric end
    else typed.parse_number(value)
end;

create function typed.fit_numeric(number numeric, precision_digits integer, scale_digits integer)
returns numeric
language plpgsql immutable parallel safe
as $$
begin
    -- compared, not cast: a cast to a numeric type that is too narrow raises
    if abs(round(number, scale_digits)) < power(10::numeric, precision_digits - scale_digits) then
        return round(number, scale_digits);
    end if;
    return null;
end
$$;

create function typed.to_numeric(value text, precision_digits integer, scale_digits integer) returns numeric
language sql immutable parallel safe
return case
    when precision_digits - scale_digits >= 9 and value ~ '^-?[0-9]+(?:\.[0-9]+)?$'
        then
            case
                when octet_length(value) <= 9 then round(value::numeric, scale_digits)
                else typed.fit_numeric(typed.parse_number(value), precision_digits, scale_digits)
            end
    else typed.fit_numeric(typed.parse_number(value), precision_digits, scale_digits)
end;

create function typed.parse_bigint(value text) returns bigint
language sql immutable parallel safe
return substring(value from '^\s*([+-]?[0-9]{1,18})(?:\.0*)?\s*$')::bigint;

create function typed.to_bigint(value text) returns bigint
language sql immutable parallel safe
return case
    when octet_length(value) <= 18 and value ~ '^-?[0-9]+$' then value::bigint
    else typed.parse_bigint(value)
end;

create function typed.parse_integer(value text) returns integer
language plpgsql immutable parallel safe
as $$
declare
    number bigint := typed.parse_bigint(value);
begin
    if number between -2147483648 and 2147483647 then
        return number::integer;
    end if;
    return null;
end
$$;

create function typed.to_integer(value text) returns integer
language sql immutable parallel safe
return case
    when octet_length(value) <= 9 and value ~ '^-?[0-9]+$' then value::integer
    else typed.parse_integer(value)
end;

create function typed.to_boolean(value text) returns boolean
language sql immutable parallel safe
return case
    when lower(btrim(value)) in ('true', 't', 'yes', 'y', '1', 'on') then true
    when lower(btrim(value)) in ('false', 'f', 'no', 'n', '0', 'off') then false
end;

comment on function typed.to_numeric(text) is 'Number or null, never an error; at most 60 characters.';
comment on function typed.to_numeric(text, integer, integer) is
    'Number rounded to the scale, or null where it does not fit the precision; never an error.';
comment on function typed.to_bigint(text) is 'Whole number of at most 18 digits, or null; never an error.';
comment on function typed.to_integer(text) is 'Whole number of 32 bits, or null; never an error.';
comment on function typed.to_boolean(text) is 'true/t/yes/y/1/on, false/f/no/n/0/off, else null; never an error.';
"""


def upgrade() -> None:
    bind = op.get_bind().execution_options(no_parameters=True)
    bind.exec_driver_sql(EXTENSION)
    home = bind.exec_driver_sql(
        "select quote_ident(n.nspname) from pg_extension as e"
        " inner join pg_namespace as n on n.oid = e.extnamespace where e.extname = 'pgcrypto'"
    ).scalar_one()
    for count in range(3, 7):
        names = [f"part_{number}" for number in range(1, count + 1)]
        bind.exec_driver_sql(
            KEY_FUNCTION.format(
                home=home,
                arguments=", ".join(f"{name} text" for name in names),
                types=", ".join(["text"] * count),
                message=" || chr(31) || ".join(names),
            )
        )
    bind.exec_driver_sql(
        KEY_FUNCTION.format(
            home=home,
            arguments="variadic parts text[]",
            types="text[]",
            message="array_to_string(parts, chr(31), '')",
        )
    )
    for statements in (DAYS, INSTANTS, NUMBERS):
        bind.exec_driver_sql(statements)
