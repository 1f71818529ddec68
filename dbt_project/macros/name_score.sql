{#
    How well a name on a letter fits a name of a customer: null where it cannot be the same person. 40 for
    the same forename, 20 where one of them is an initial of the other, 10 where one has none; middle names
    and suffix add or take a little, a surname that was cut short takes a little more. `letter` and `customer` are aliases of rows with
    forename_std, middle_std, suffix_std; the letter's title_sex is compared with the customer's sex.
#}
{% macro name_score(letter, customer) -%}
    case
            when {{ letter }}.suffix_std <> {{ customer }}.suffix_std
                then null
            -- what stands in the forename's place is the surname, which a wife or husband has too
            when
                {{ customer }}.handicap = {{ initial_as_surname_handicap() }}
                and {{ letter }}.title_sex <> {{ customer }}.sex
                then null
            when
                length({{ letter }}.forename_std) > 1
                and {{ letter }}.forename_std = {{ customer }}.forename_std
                then 40
            -- a form of address of the other sex: only the whole forename outweighs it
            when {{ letter }}.title_sex <> {{ customer }}.sex
                then null
            when
                {{ letter }}.forename_std = {{ customer }}.forename_std
                or (length({{ letter }}.forename_std) = 1 and starts_with({{ customer }}.forename_std, {{ letter }}.forename_std))
                or (length({{ customer }}.forename_std) = 1 and starts_with({{ letter }}.forename_std, {{ customer }}.forename_std))
                then 20
            when {{ letter }}.forename_std is null or {{ customer }}.forename_std is null
                then 10
        end
        + case
            when {{ letter }}.middle_std is null or {{ customer }}.middle_std is null then 0
            when {{ letter }}.middle_std = {{ customer }}.middle_std then 3
            when left({{ letter }}.middle_std, 1) = left({{ customer }}.middle_std, 1) then 2
            else -3
        end
        + case when {{ letter }}.suffix_std = {{ customer }}.suffix_std then 3 else 0 end
        - case when {{ letter }}.surname_std = {{ customer }}.surname_std then 0 else 7 end
        - {{ customer }}.handicap
{%- endmacro %}

{# What a name is worth less that has the initial of the forename in the surname's place. #}
{% macro initial_as_surname_handicap() -%}
    9
{%- endmacro %}

{# Condition: the same surname, or one that was cut at the end of a field. #}
{% macro surname_fits(letter, customer) -%}
    (
                {{ letter }}.surname_std = {{ customer }}.surname_std
                or (
                    length({{ letter }}.surname_std) > 3
                    and length({{ customer }}.surname_std) > 3
                    and (
                        starts_with({{ letter }}.surname_std, {{ customer }}.surname_std)
                        or starts_with({{ customer }}.surname_std, {{ letter }}.surname_std)
                    )
                )
            )
{%- endmacro %}

{# Least score of a match on a whole forename. #}
{% macro whole_forename_score() -%}
    25
{%- endmacro %}

{# Least score of a match on an initial. #}
{% macro forename_score() -%}
    14
{%- endmacro %}
