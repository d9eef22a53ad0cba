"""How functions may use what holds data."""

from __future__ import annotations

from typing import Literal

Access = Literal["read", "write", "read-write"]
"""``write`` alone does not read."""
