"""What to do next, in words: for the engineers on duty and for the data stewards, the most pressing first."""

from collections.abc import Iterator

from scv.report.facts import Advice, NightReport, People, RuleFindings
from scv.report.words import count, plural

RUNBOOK = "docs/runbooks/failed_night.md"
# A step this much slower than last night, and at least this long, is worth a look.
SLOWER, LONG_SECONDS = 2.0, 60.0
NAMED_TABLES = 3
ENGINEERS_RULE = "system_stale"
PRESSING = ("critical", "high")


def advise(report: NightReport) -> tuple[Advice, ...]:
    """The advice of a night; each audience gets at least one line, be it that there is nothing to do."""
    engineers = tuple(_advise_engineers(report)) or (
        Advice(
            "engineers",
            "Nothing needs you: every system arrived, every check passed, the night is published.",
        ),
    )
    stewards = tuple(_advise_stewards(report)) or (
        Advice("stewards", "Nothing is waiting for you: there is no open finding and no pair to decide."),
    )
    return engineers + stewards


def _advise_engineers(report: NightReport) -> Iterator[Advice]:
    again = f"scv night --date {report.night}"
    yield from _advise_on_status(report, again)
    for system in report.systems:
        if system.status != "whole":
            since = (
                f"since night {system.last_whole_night}" if system.last_whole_night else "since it was added"
            )
            yield Advice(
                "engineers",
                f"{system.system} is not of tonight ({system.status}), {since}. Ask {system.owner}; when it is back, "
                f"run the night again or leave it to the next one.",
                command=again,
            )
    yield from _advise_on_quarantine(report)
    warnings = [check for check in report.checks.failed if check.severity != "critical"]
    if warnings:
        yield Advice(
            "engineers",
            f"Look at {plural(len(warnings), 'check')} that warned, under Checks below. Nothing was stopped by them.",
        )
    for step in report.steps:
        before = step.seconds_before
        if step.seconds and before and step.seconds > max(LONG_SECONDS, SLOWER * before):
            yield Advice(
                "engineers",
                f"The step '{step.words}' took {step.seconds:.0f} s, after {before:.0f} s last night. Look for a full "
                f"reload or a lost index before it grows.",
            )


def _advise_on_status(report: NightReport, again: str) -> Iterator[Advice]:
    blocking = [check for check in report.checks.failed if check.severity == "critical"]
    failed = [step for step in report.steps if step.status == "failed"]
    if report.held:
        yield Advice(
            "engineers",
            "The night is held, because it changes more than usual. Look whether that is right; if it is, release it.",
            report.held,
            command=f"{again} --release",
        )
    elif blocking:
        yield Advice(
            "engineers",
            f"Mend what {plural(len(blocking), 'blocking check')} found (under Checks below), then run the night "
            f"again. Readers see the last published night until then. Runbook: {RUNBOOK}.",
            command=again,
        )
    elif failed:
        problem = failed[0].problem or report.problem or "no reason was kept"
        yield Advice(
            "engineers",
            f"The step '{failed[0].words}' failed: {problem} Runbook: {RUNBOOK}.",
            command=again,
        )
    elif report.status in ("failed", "blocked"):
        yield Advice("engineers", f"The night is {report.status}. Runbook: {RUNBOOK}.", command=again)


def _advise_on_quarantine(report: NightReport) -> Iterator[Advice]:
    for system in report.systems:
        if not system.quarantined:
            continue
        tables = sorted(
            (table for table in system.tables if table.quarantined), key=lambda table: -table.quarantined
        )
        named = ", ".join(f"{table.table} {count(table.quarantined)}" for table in tables[:NAMED_TABLES])
        more = " and others" if len(tables) > NAMED_TABLES else ""
        yield Advice(
            "engineers",
            f"{plural(system.quarantined, 'row')} of {system.system} could not be interpreted ({named}{more}). Tell "
            f"{system.owner}, or mend the manifest; the rows are kept and can be replayed.",
            command=f"scv sources replay {system.system}",
        )


def _advise_stewards(report: NightReport) -> Iterator[Advice]:
    # A system that is not of tonight is the engineers' affair, and among their advice already.
    rules = [rule for rule in report.findings if rule.rule_code != ENGINEERS_RULE]
    yield from _list_rules(rules, "overdue", "{} overdue: start here.")
    yield from _list_rules(rules, "due_today", "{} due today.")
    pressing = [rule for rule in rules if rule.severity in PRESSING and rule.fresh]
    if pressing:
        yield Advice(
            "stewards",
            "New under the pressing rules, and what to do first:",
            tuple(f"{rule.title}, {count(rule.fresh)} new. {rule.first_steps[0]}" for rule in pressing),
        )
    rest = sum(rule.fresh for rule in rules if rule.severity not in PRESSING)
    if rest:
        yield Advice(
            "stewards", f"{plural(rest, 'new finding')} under other rules can wait for their deadlines."
        )
    doubtful = sum(rule.doubtful for rule in rules)
    if doubtful:
        yield Advice(
            "stewards",
            f"{plural(doubtful, 'doubtful finding')} may mean either of two persons. Tell the persons apart before "
            f"you tell a department anything.",
        )
    yield from _advise_on_doubts(report.people)


def _advise_on_doubts(people: People) -> Iterator[Advice]:
    if people.decision_conflicts:
        yield Advice(
            "stewards",
            f"{plural(people.decision_conflicts, 'pair')} of records stands decided as two persons while other "
            "decisions join it. Not the same wins until the wrong ones are withdrawn.",
            command="scv link decisions --conflicts",
        )
    if people.pairs_to_review:
        rest = people.doubtful_links - people.pairs_to_review
        waiting = f"; {count(rest)} more can wait" if rest > 0 else ""
        yield Advice(
            "stewards",
            f"{plural(people.pairs_to_review, 'doubtful link')} to decide, the most useful first{waiting}. A decision "
            "outranks the linkage until it is withdrawn.",
            command="scv link review",
        )


def _list_rules(rules: list[RuleFindings], what: str, words: str) -> Iterator[Advice]:
    found = [(rule, getattr(rule, what)) for rule in rules if getattr(rule, what)]
    if found:
        total = plural(sum(number for _, number in found), "finding")
        items = tuple(f"{rule.title}: {count(number)}, answered by {rule.owner}" for rule, number in found)
        yield Advice("stewards", words.format(total), items)
