"""The orders of the first forms, under the names that they know: see the modules by matter."""

from desktop.use_cases.directives import issue_directive
from desktop.use_cases.re_supervisions import launch_re_supervision
from desktop.use_cases.tickets import acknowledge_warning

__all__ = ["acknowledge_warning", "issue_directive", "launch_re_supervision"]
