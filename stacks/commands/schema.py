"""``schema``: the JSON Schema of descriptions, for editors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stacks.description.schema import json_schema

if TYPE_CHECKING:
    from argparse import Namespace


def run(_: Namespace) -> int:
    """Print the schema."""
    print(json.dumps(json_schema(), indent=2))
    return 0
