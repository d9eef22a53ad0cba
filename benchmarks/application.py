"""An application of any size, as plain data: every function has a route, a role and a table to read."""

from __future__ import annotations

from typing import Any


def description(functions: int) -> dict[str, Any]:
    """One stage in us-east-1 with all four stacks, and ``functions`` functions of one folder."""
    options = {
        "handler": "src/app.py:handler",
        "auth": "users",
        "tables": {"items": "read"},
    }
    return {
        "name": "bench",
        "stages": {"dev": {"region": "us-east-1"}},
        "data": {"tables": {"items": {"partition_key": "owner"}}, "users": True},
        "backend": {
            "stacks": max(1, functions // 50),
            "functions": {f"f{i}": {**options, "routes": [f"GET /f{i}"]} for i in range(functions)},
        },
        "frontend": {"site": {"folder": "site", "path": "/app"}},
    }
