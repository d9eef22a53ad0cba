"""What the tests of migrations share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from stacks.migrating.migration import Migration, MigrationInput, migrated
from stacks.migrating.tree import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping


class Migrate(Protocol):
    """Migrates a configuration that stands beside some files."""

    def __call__(
        self,
        text: str,
        *,
        file: str = "serverless.yml",
        files: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Migration: ...


@pytest.fixture
def migrate() -> Migrate:
    def run(
        text: str,
        *,
        file: str = "serverless.yml",
        files: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Migration:
        others = dict(files or {})
        source = MigrationInput(
            file=file,
            text=text,
            environment=environment or {},
            include=lambda path: others.get(path.removeprefix("./")),
            folder=Folder(frozenset({"handler.py", "app.py", *others})),
        )
        return migrated(source)

    return run
