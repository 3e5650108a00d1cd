"""Loading the register's files: read, then plan, then apply.

`read_register` checks every file in every place before anything is planned, `plan_load` compares it with what is
published, and `apply_load` writes all of it or nothing; `apply_in_batches` writes very much of it bit by bit. The
package of a whole register goes the same way: `plan_package` reads and plans it, `restore_package` applies it. The
command `load_register` calls them.
"""

from tracker.importing.applying import RefusedMeanwhile, apply_in_batches, apply_load
from tracker.importing.checks import Problem
from tracker.importing.packages import NotAPackage, PackagePlan, plan_package
from tracker.importing.planning import ORDER, Plan, plan_load
from tracker.importing.reading import RegisterFiles, read_register
from tracker.importing.restoring import CannotBeLoaded, restore_package

__all__ = [
    "ORDER",
    "CannotBeLoaded",
    "NotAPackage",
    "PackagePlan",
    "Plan",
    "Problem",
    "RefusedMeanwhile",
    "RegisterFiles",
    "apply_in_batches",
    "apply_load",
    "plan_load",
    "plan_package",
    "read_register",
    "restore_package",
]
