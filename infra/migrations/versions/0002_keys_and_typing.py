"""Functions: the record key, and typing of text that cannot raise whatever the text is.

PostgreSQL prints values in the errors of bad casts. So nothing here casts a text that a pattern has
not cut to a few ASCII digits first, and a pattern that does not match gives null, which casts to null.
No case distinction guards a cast, because the planner may compute a constant cast ahead of its guard.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEYS = r"""
create extension if not exists pgcrypto schema extensions;

do $$
declare
    -- an existing server may have the extension in another schema already
    home text := (
        select n.nspname from pg_extension as e inner join pg_namespace as n on n.oid = e.extnamespace
        where e.extname = 'pgcrypto'
    );
begin
    execute format(
        $body$
        create function audit.record_key(secret bytea, variadic parts text[]) returns text
        language sql immutable parallel safe
        return encode(
            substring(
                %I.hmac(convert_to(array_to_string(parts, chr(31), ''), 'UTF8'), secret, 'sha256')
                from 1 for 16
            ),
            'hex'
        )
        $body$,
        home
    );
    execute format('grant usage on schema %I to scv_loader, scv_transform, scv_linkage, scv_publisher', home);
end
$$;

comment on function audit.record_key(bytea, text[]) is
    'Opaque key of a record: the same as scv.keys.record_key(secret, system, table, *primary_key).';
revoke execute on function audit.record_key(bytea, text[]) from public;
grant execute on function audit.record_key(bytea, text[]) to scv_loader, scv_transform, scv_linkage, scv_publisher;
"""

DATES = r"""
-- The calendar day, or null where there is no such day. All three numbers may be anything.
create function typed.make_day(y integer, m integer, d integer) returns date
language sql immutable parallel safe
return case
    when
        y between 1 and 9999 and m between 1 and 12 and d between 1 and 31
        and extract(
            month from make_date(least(greatest(y, 1), 9999), least(greatest(m, 1), 12), 1)
            + (least(greatest(d, 1), 31) - 1)
        ) = m
        then
            make_date(least(greatest(y, 1), 9999), least(greatest(m, 1), 12), 1)
            + (least(greatest(d, 1), 31) - 1)
end;

create function typed.to_date(value text, format text default 'iso') returns date
language plpgsql immutable parallel safe
as $$
declare
    parts text[];
begin
    if format = 'iso' then
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

comment on function typed.to_date(text, text) is
    'Date or null, never an error. Formats: iso, dmy, dmy_slash, dmy_compact, ymd_compact, dmonthy, excel_serial.';

create function typed.to_timestamp(value text, format text default 'iso') returns timestamptz
language plpgsql immutable parallel safe
as $$
declare
    parts text[] := regexp_match(
        value,
        '^\s*([0-9/.-]{8,10})(?:[T ]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]{1,9})?)?)?\s*(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?\s*$'
    );
    day date := typed.to_date(parts[1], format);
    hours integer := coalesce(parts[2], '0')::integer;
    minutes integer := coalesce(parts[3], '0')::integer;
    seconds numeric := (coalesce(parts[4], '0') || coalesce(parts[5], ''))::numeric;
    zone_hours integer := substring(parts[6] from '^[+-]([0-9]{2})')::integer;
    zone_minutes integer := coalesce(substring(parts[6] from '^[+-][0-9]{2}:?([0-9]{2})$')::integer, 0);
    local_time timestamp;
begin
    if day is null or hours > 23 or minutes > 59 or seconds >= 60 or zone_hours > 15 or zone_minutes > 59 then
        return null;
    end if;
    local_time := day + (hours * 3600 + minutes * 60) * interval '1 second'
        + (seconds * 1000000)::bigint * interval '1 microsecond';
    if parts[6] is null then
        return local_time at time zone 'Europe/London';
    end if;
    if zone_hours is not null then
        local_time := local_time
            - (case when left(parts[6], 1) = '-' then -1 else 1 end)
            * (zone_hours * 60 + zone_minutes) * interval '1 minute';
    end if;
    return local_time at time zone 'UTC';
end
$$;

comment on function typed.to_timestamp(text, text) is
    'Instant or null, never an error. Without Z or an offset it is London time; a bare date is its midnight.';
"""

NUMBERS = r"""
-- The digits of a number as departments write it, or null: 1,234.50  -12.5  £12  (12.50)  12.50-
create function typed.number_text(value text) returns text
language sql immutable parallel safe
return substring(
    replace(regexp_replace(value, '^\s*\((.*)\)\s*$|^\s*([^-]*)-\s*$', '-\1\2'), ' ', '')
    from '^\s*([+-]?£?[+-]?(?:[0-9]{1,3}(?:,[0-9]{3}){1,8}|[0-9]{1,28})?(?:\.[0-9]{0,28})?)\s*$'
);

create function typed.to_numeric(value text) returns numeric
language sql immutable parallel safe
return substring(
    translate(typed.number_text(value), '£,', '')
    from '^(?=.*[0-9])([+-]?[0-9]*\.?[0-9]*)$'
)::numeric;

create function typed.to_numeric(value text, precision_digits integer, scale_digits integer) returns numeric
language plpgsql immutable parallel safe
as $$
declare
    number numeric := round(typed.to_numeric(value), scale_digits);
begin
    -- compared, not cast: a cast to a numeric type that is too narrow raises
    if abs(number) < power(10::numeric, precision_digits - scale_digits) then
        return number;
    end if;
    return null;
end
$$;

create function typed.to_bigint(value text) returns bigint
language sql immutable parallel safe
return substring(value from '^\s*([+-]?[0-9]{1,18})(?:\.0*)?\s*$')::bigint;

create function typed.to_integer(value text) returns integer
language plpgsql immutable parallel safe
as $$
declare
    number bigint := typed.to_bigint(value);
begin
    if number between -2147483648 and 2147483647 then
        return number::integer;
    end if;
    return null;
end
$$;

create function typed.to_boolean(value text) returns boolean
language sql immutable parallel safe
return case
    when lower(btrim(value)) in ('true', 't', 'yes', 'y', '1', 'on') then true
    when lower(btrim(value)) in ('false', 'f', 'no', 'n', '0', 'off') then false
end;

comment on function typed.to_numeric(text) is 'Number or null, never an error; at most 28 digits each side.';
comment on function typed.to_numeric(text, integer, integer) is
    'Number rounded to the scale, or null where it does not fit the precision; never an error.';
comment on function typed.to_bigint(text) is 'Whole number of at most 18 digits, or null; never an error.';
comment on function typed.to_integer(text) is 'Whole number of 32 bits, or null; never an error.';
comment on function typed.to_boolean(text) is 'true/t/yes/y/1/on, false/f/no/n/0/off, else null; never an error.';
"""


def upgrade() -> None:
    bind = op.get_bind().execution_options(no_parameters=True)
    for statements in (KEYS, DATES, NUMBERS):
        bind.exec_driver_sql(statements)
