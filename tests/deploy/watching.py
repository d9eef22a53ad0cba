"""Watchers of deploys, for tests that are about something else."""

from __future__ import annotations


def ignore(_: object) -> None:
    """Watch nothing."""
