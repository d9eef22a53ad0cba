"""What the rules of descriptions say: a place, what is wrong there, and the fix."""

from __future__ import annotations

from stacks.intrinsics.paths import KeyPath, dotted, parted

__all__ = ["Finding", "KeyPath", "dotted", "parted"]

Finding = tuple[KeyPath, str, str] | tuple[KeyPath, str, str, str]
"""Where, what, fix, as the parts of a ``Problem``; and, where AWS refuses it, the id of the rule that says so."""
