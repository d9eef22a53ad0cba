"""Bad input of ``base.pipelines``: one clear error each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.errors import DescriptionError
from stacks.loading import validated
from tests.pipelines.conftest import ACCOUNT, CONNECTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.app import App

MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    (
        {"source": "subversion"},
        "source",
        "'subversion' is not allowed. Use 'github', 'gitlab', 'bitbucket' or 'codecommit'",
    ),
    ({"branch": "my branch"}, "branch", "'my branch' is not a branch. Write its name as git shows it, without spaces"),
    ({"branch": "a..b"}, "branch", "is not a branch"),
    ({"repository": "notes"}, "repository", "'notes' is not a repository of github. Write owner/name"),
    ({"repository": "a/b/c"}, "repository", "'a/b/c' is not a repository of github"),
    ({"repository": "someone/my notes"}, "repository", "is not a repository. Write owner/name"),
    ({"source": "codecommit"}, "repository", "a CodeCommit repository has no owner. Write its name alone"),
    ({"source": "codecommit", "repository": "notes", "connection": CONNECTION}, "connection", "without a connection"),
    ({"source": "codecommit", "repository": "notes", "paths": {"data": ["x"]}}, "paths", "does not report which files"),
    ({"connection": "arn:aws:iam::1:role/x"}, "connection", "is not an ARN of a connection"),
    (
        {"connection": CONNECTION.replace(ACCOUNT, "2" * 12)},
        "connection",
        f"account {'2' * 12}, the stage to account {ACCOUNT}",
    ),
    (
        {"connection": CONNECTION.replace("eu-west-1", "us-west-2")},
        "connection",
        "is in us-west-2, the stage in eu-west-1",
    ),
    (
        {"stacks": ["bakcend"]},
        "stacks[0]",
        "there is no pipeline for 'bakcend', as there is no such stack. Did you mean 'backend'?",
    ),
    ({"stacks": ["base"]}, "stacks[0]", "base has no pipeline: it is deployed before pipelines can run. Leave it out"),
    ({"stacks": ["data"], "paths": {"backend": ["x"]}}, "paths.backend", "there is no pipeline for 'backend'"),
    ({"paths": {"data": ["/absolute"]}}, "paths.data[0]", "is not a pattern of paths"),
    ({"paths": {"data": [f"{item}/**" for item in "abcdefghi"]}}, "paths.data", "9 patterns, 8 are allowed"),
    ({"notify": "nobody"}, "notify", "'nobody' is not an e-mail address"),
    ({"tests": "a\nb"}, "tests", "is not a command"),
    ({"aproval": False}, "aproval", "is an unknown key. Did you mean 'approval'?"),
]


@pytest.mark.parametrize(
    ("pipelines", "where", "message"), MISTAKES, ids=[f"{where} {message[:20]}" for _, where, message in MISTAKES]
)
def test_a_mistake_is_reported_once_with_its_fix(
    piped: Callable[..., App], pipelines: dict[str, Any], where: str, message: str
) -> None:
    with pytest.raises(DescriptionError) as raised:
        piped(**pipelines)
    (problem,) = raised.value.problems
    assert problem.where.endswith(f"base.pipelines.{where}")
    assert message in str(problem)


def test_pipelines_need_a_stack_to_deploy() -> None:

    base = {"pipelines": {"repository": "someone/notes"}}
    with pytest.raises(DescriptionError, match="no stack that a pipeline could deploy"):
        validated({"name": "notes", "stages": {"dev": {"region": "eu-west-1", "base": base}}})
