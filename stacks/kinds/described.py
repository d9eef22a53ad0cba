"""The fields that kinds add to the description, put together: to its sections, to functions, and to their events."""

from __future__ import annotations

from stacks.model.described import Described


class OfBackend(Described):
    """What kinds add to the section ``backend``."""


class OfFunction(Described):
    """What kinds add to a function: what it uses, and how."""


class OfEvents(Described):
    """What kinds add to the events of a function: what starts it."""
