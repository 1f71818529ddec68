"""The purpose register: which department may use which class of data for which purpose; the rest is denied.

    register = load_register(settings.project_root)
    register.is_allowed("housing", "corrections", "death", on=night).allowed
    register.identifier_systems("nino", on=night)

`on` is the night's date (or the date on which a model is trained); nothing here reads the clock.
"""

from scv.purposes.checking import Problem, check_register
from scv.purposes.entries import Allowance, DataClass, Department, Purpose
from scv.purposes.register import LINKAGE, Cell, Register, Verdict, load_register

__all__ = [
    "LINKAGE",
    "Allowance",
    "Cell",
    "DataClass",
    "Department",
    "Problem",
    "Purpose",
    "Register",
    "Verdict",
    "check_register",
    "load_register",
]
