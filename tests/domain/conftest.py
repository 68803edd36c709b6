"""Hypothesis on a machine that others use too: no time limit for an example, the same examples every time."""

from hypothesis import settings

settings.register_profile("rules", deadline=None, derandomize=True)
settings.load_profile("rules")
