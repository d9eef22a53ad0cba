"""``schema``: the JSON Schema of descriptions, for editors."""

from __future__ import annotations

import json
from argparse import Namespace

from stacks.schema import json_schema


def run(_: Namespace) -> int:
    """Print the schema."""
    print(json.dumps(json_schema(), indent=2))
    return 0
