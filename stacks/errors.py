"""Every error this library raises on purpose. Each says where, what, and how to correct it.

    StacksError                exit 1   something the user can fix
    ├── DescriptionError       exit 2   app.yaml, .env or the App built in Python is wrong; holds every problem found
    │   └── DescriptionMissingError     there is no app.yaml; says how to create one
    ├── UsageError             exit 2   the command line asks for something that does not exist
    ├── PackagingError         exit 1   Lambda code cannot be packaged
    ├── CheckError             exit 1   lint or another check has findings that fail
    ├── DeployError            exit 1   AWS refused, or a stack failed
    └── LocalError             exit 1   the local AWS cannot be started or reached

Anything else that escapes is a bug and keeps its traceback.
"""

from __future__ import annotations

from stacks.values import value

TYPE_CHECKING = False  # typing takes as long to import as Python to start
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@value
class Problem:
    """One mistake: ``where: what. fix``, with its file and line when they are known.

    ``where`` is a dotted path of the description (``backend.functions.web.timeout``), a file or an
    AWS resource; ``what`` and ``fix`` carry no closing full stop of their own
    (a question mark may close ``fix``).

    >>> print(Problem(where="backend.functions.web.timeout", what="40 exceeds the 29 seconds of an API", fix="Use 29"))
    backend.functions.web.timeout: 40 exceeds the 29 seconds of an API. Use 29.
    """

    where: str
    what: str
    fix: str
    file: str | None = None
    line: int | None = None
    rule: str = ""
    """What AWS refuses here, by its id in ``lint --rules``; empty where only this project does."""

    def __str__(self) -> str:
        place = self.where if self.file is None else f"{self.file}:{self.line or 1}: {self.where}"
        rule = f" [{self.rule}]" if self.rule else ""
        return f"{place}: {self.what}. {self.fix}{'' if self.fix.endswith('?') else '.'}{rule}"


class StacksError(Exception):
    """Something the user can fix; ``exit_code`` is what the command line ends with.

    >>> print(StacksError("app.yaml", "cannot be read", "Check its permissions"))
    app.yaml: cannot be read. Check its permissions.
    """

    exit_code = 1

    def __init__(self, where: str, what: str, fix: str) -> None:
        super().__init__(where, what, fix)
        self.problems: tuple[Problem, ...] = (Problem(where=where, what=what, fix=fix),)

    @classmethod
    def of(cls, problems: tuple[Problem, ...]) -> StacksError:
        """One error with all of ``problems`` (at least one)."""
        error = cls(problems[0].where, problems[0].what, problems[0].fix)
        error.problems = problems
        return error

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class DescriptionError(StacksError):
    """The description of the application is wrong.

    >>> from stacks import App
    >>> try:
    ...     App(name="shop", stages={})
    ... except ValueError as error:
    ...     print(error)
    has no stages. Add one, as 'stages: {dev: {region: eu-west-1}}'.
    """

    exit_code = 2


_LISTED = 10
"""Descriptions that a message names."""


class DescriptionMissingError(DescriptionError):
    """The description does not exist.

    ``detected`` says what the folder holds instead; ``below`` are descriptions further down.
    """

    def __init__(self, file: str, detected: str = "", program: str = "stacks", below: Sequence[str] = ()) -> None:
        fix = f"Run '{program} init' to create one, or pass --app FILE"
        if below:
            fix = f"Name one of those below this folder with --app: {shortened(below, _LISTED)}"
        super().__init__(file, "not found", fix)
        self.file, self.detected = file, "" if below else detected

    def __str__(self) -> str:
        (problem,) = self.problems
        result = f" Found {self.detected}." if self.detected else ""
        return f"{problem.where} not found. {problem.fix}.{result}"


class UsageError(StacksError):
    """The command line is wrong."""

    exit_code = 2


class PackagingError(StacksError):
    """Lambda code cannot be packaged."""


class CheckError(StacksError):
    """A check of the rendered templates has findings that fail."""


class DeployError(StacksError):
    """AWS refused a call, or a stack did not reach the wanted state."""


class LocalError(StacksError):
    """The local AWS cannot be started, reached or stopped."""


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 stack``, ``2,000 stacks``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def shortened(names: Sequence[str], most: int, separator: str = ", ") -> str:
    """The first names, ``most`` of them, and how many are left: ``a, b and 3 more``."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return separator.join(names[:most]) + more


def nearest(word: str, known: Iterable[str]) -> str:
    """The fix for a name that is not known: the one that was probably meant, or all there are."""
    from difflib import get_close_matches  # noqa: PLC0415 - only mistakes need it

    names = sorted(known)
    close = get_close_matches(word, names, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(names)}" if names else "Describe one, or leave it out"
