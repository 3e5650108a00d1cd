"""Loading the register's files: read, then plan, then apply.

`read_register` checks every file in every place before anything is planned, `plan_load` compares it with what is
published, and `apply_load` writes all of it or nothing. The command `load_register` calls the three.
"""

from tracker.importing.applying import apply_load
from tracker.importing.checks import Problem
from tracker.importing.planning import Plan, plan_load
from tracker.importing.reading import RegisterFiles, read_register

__all__ = ["Plan", "Problem", "RegisterFiles", "apply_load", "plan_load", "read_register"]
