"""``schema``: the JSON Schema of descriptions, for editors, or of what verbs write with ``--format json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stacks.commands.output_schema import output_schema
from stacks.description.schema import json_schema
from stacks.reporting import answer

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Print the schema."""
    schema = output_schema() if arguments.output else json_schema()
    answer(schema, lambda: json.dumps(schema, indent=2))
    return 0
