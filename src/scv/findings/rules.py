"""The entry of each review rule: what a finding under it means, who answers it and by when."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from scv.data_files import read_yaml
from scv.errors import SettingsError

RuleSeverity = Literal["critical", "high", "medium", "low"]
RULE_SEVERITIES: tuple[RuleSeverity, ...] = get_args(RuleSeverity)

_KEYS = {
    "rule_code", "title", "severity", "owner", "deadline_days", "about_death", "evidence_systems", "jump",
    "meaning", "first_steps",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A review rule; deadlines count in calendar days from the first night that shows the finding."""

    rule_code: str
    title: str
    severity: RuleSeverity
    owner: str
    deadline_days: int
    # Whether a finding rests on evidence of a death, and so may close because that was taken back.
    about_death: bool
    # Systems that every finding rests on, beside those that its evidence keys name.
    evidence_systems: tuple[str, ...]
    # Warn above ratio times last night's open findings, and never below the floor.
    jump_ratio: float
    jump_floor: int
    meaning: str
    first_steps: tuple[str, ...]


def load_rules(project_root: Path) -> dict[str, Rule]:
    """All entries under expectations/rules, by rule code; SettingsError names the file that is wrong."""
    paths = sorted((project_root / "expectations" / "rules").glob("*.yml"))
    rules = [_read_rule(path) for path in paths]
    return {rule.rule_code: rule for rule in rules}


def _read_rule(path: Path) -> Rule:
    data = read_yaml(path, _KEYS)
    if data["rule_code"] != path.stem:
        raise SettingsError(f"{path} says rule_code: {data['rule_code']}; it must be the file's name.")
    if data["severity"] not in RULE_SEVERITIES:
        raise SettingsError(f"{path}: severity must be one of {', '.join(RULE_SEVERITIES)}.")
    days, jump = data["deadline_days"], data["jump"]
    if not isinstance(days, int) or days < 0:
        raise SettingsError(f"{path}: deadline_days must be a whole number of days, 0 or more.")
    if not isinstance(jump, dict) or set(jump) != {"ratio", "floor"}:
        raise SettingsError(f"{path}: jump must be {{ratio: ..., floor: ...}}.")
    if not data["first_steps"]:
        raise SettingsError(f"{path}: first_steps must say what to do first.")
    return Rule(
        rule_code=data["rule_code"],
        title=data["title"],
        severity=data["severity"],
        owner=data["owner"],
        deadline_days=days,
        about_death=bool(data["about_death"]),
        evidence_systems=tuple(data["evidence_systems"]),
        jump_ratio=float(jump["ratio"]),
        jump_floor=int(jump["floor"]),
        meaning=str(data["meaning"]).strip(),
        first_steps=tuple(data["first_steps"]),
    )
