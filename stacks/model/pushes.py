"""What is said of a repository by whatever deploys on a push: pipelines and CI services."""

from __future__ import annotations

from typing import Annotated

from stacks.model.texts import Text

BranchName = Annotated[
    str,
    Text(
        r"(?![-/])(?!.*(?:\.\.|//))[A-Za-z0-9._/+#@-]*[A-Za-z0-9_+#@-]",
        "is not a branch",
        "Write its name as git shows it, without spaces",
        255,
    ),
]
CommandLine = Annotated[str, Text(r"[^\n]+", "is not a command", "Write it in one line")]
