{#
    Names that a system keeps in columns of their own. A name line, with everything in one field, is
    parsed by the loader instead (raw_names).
#}

{% macro death_marker() -%}
    '\s*[-(]*\s*\m(dec''?d|deceased|d''?ced)\M\.?\s*\)?\s*$'
{%- endmacro %}

{% macro executor_title() -%}
    '^\s*(exors?|execs?|executors?|pers(onal)? reps?|p/?r|est(ate)?|the late|late|decd?)\M'
{%- endmacro %}

{#
    One column of a name: letters only in proper case where the system writes capitals, digits typed for
    letters mended, a marker of death taken off. `part` first or rest splits a column of all forenames.
#}
{% macro name_part(column, part='all') -%}
    {%- if part == 'first' -%}
        {%- set text = "split_part(trim(" ~ column ~ "), ' ', 1)" -%}
    {%- elif part == 'rest' -%}
        {%- set text = "substring(trim(" ~ column ~ ") from ' (.*)$')" -%}
    {%- else -%}
        {%- set text = column -%}
    {%- endif -%}
    nullif(
            trim(
                regexp_replace(
                    case
                        when {{ text }} ~ '[[:alpha:]][01]|[01][[:alpha:]]'
                            then initcap(translate(lower({{ text }}), '01', 'ol'))
                        when {{ text }} in (upper({{ text }}), lower({{ text }}))
                            then initcap({{ text }})
                        else {{ text }}
                    end,
                    {{ death_marker() }}, '', 'i'
                )
            ),
            ''
        )
{%- endmacro %}

{# Form of address in proper case without full stop; null where the field holds a marker of death. #}
{% macro title(column) -%}
    case
            when {{ column }} !~* {{ executor_title() }}
                then nullif(initcap(trim(translate({{ column }}, '.', ''))), '')
        end
{%- endmacro %}

{# Whether the name columns themselves say that the person is dead: EXOR in the title, (DECD) after a name. #}
{% macro name_says_deceased(columns) -%}
    coalesce(
            {%- for column in columns %}
            {{ column }} ~* {{ executor_title() if 'title' in column else death_marker() }}
                {{- ' or' if not loop.last }}
            {%- endfor %},
            false
        )
{%- endmacro %}

{# Key of a further person of a joint name line; the first person has the key of the row itself. #}
{% macro person_no_key(record_key, person_no) -%}
    case
            when {{ person_no }} = 1 then {{ record_key }}
            else encode(
                substring(
                    sha256(convert_to({{ record_key }} || '#' || {{ person_no }}, 'UTF8')) from 1 for 16
                ),
                'hex'
            )
        end
{%- endmacro %}

{#
    Name for comparing what two hands wrote: as name_std, and I and L are one letter, because a 1 was typed
    for either and is mended by different rules.
#}
{% macro name_compared(column) -%}
    translate({{ name_std(column) }}, 'I', 'L')
{%- endmacro %}

{# Name for comparison: capitals without accents, blanks and punctuation. #}
{% macro name_std(column) -%}
    nullif(
            regexp_replace(
                translate(
                    upper({{ column }}),
                    'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŸŠŽŁŃŚŹŻĆČĘĄŐŰ',
                    'AAAAAACEEEEIIIINOOOOOOUUUUYYSZLNSZZCCEAOU'
                ),
                '[^[:alpha:]]', '', 'g'
            ),
            ''
        )
{%- endmacro %}
