"""A requirements file that names local folders → one text that names their wheels, and means the same in any folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stacks.files import text_of
from stacks.packaging.local_sources import Local, local_of, requirement
from stacks.packaging.requirements import LOCAL, OPTION, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def folders_of(text: str, folder: Path) -> tuple[Path, ...]:
    """The local folders that the lines of a requirements file name, relative to ``folder``."""
    return tuple(local.folder for line in lines_of(text) if (local := local_of(line, folder)))


def flattened(text: str, folder: Path, wheels: Mapping[Path, Path], *, hashed: bool) -> str:
    """The text with ``wheels`` in place of local folders, included files in place of ``-r``, and absolute paths.

    ``folder`` is what its paths are relative to. Wheels that no line names are added: others depend on them.
    """
    flat = _Flat(folder=folder, wheels=wheels, hashed=hashed)
    lines = list(flat.lines(text, folder))
    implied = [Local(folder=wheel) for wheel in wheels if wheel not in flat.named]
    lines += [requirement(local, wheels[local.folder], hashed=hashed) for local in implied]
    return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flat:
    folder: Path
    wheels: Mapping[Path, Path]
    hashed: bool
    named: set[Path] = field(default_factory=set)
    included: set[Path] = field(default_factory=set)

    def lines(self, text: str, folder: Path) -> Iterator[str]:
        """The lines of a file; the paths of its options are relative to ``folder``."""
        for line in lines_of(text):
            option = OPTION.match(line)
            if local := local_of(line, self.folder):
                self.named.add(local.folder)
                yield requirement(local, self.wheels[local.folder], hashed=self.hashed)
            elif option is None:
                yield self._requirement(line)
            elif "://" not in option[2] and option[1] in {"-r", "--requirement"}:
                yield from self._included((folder / option[2]).resolve())
            elif "://" not in option[2] and option[1] in {"-c", "--constraint", "-f", "--find-links"}:
                yield f"{option[1]} {(folder / option[2]).resolve()}"
            else:
                yield line

    def _included(self, file: Path) -> Iterator[str]:
        if file not in self.included:
            self.included.add(file)
            yield from self.lines(text_of(file, encoding="utf-8-sig"), file.parent)

    def _requirement(self, line: str) -> str:
        """A line, with the absolute path of the wheel or archive that it names, if it names one."""
        match = LOCAL.match(line)
        path = self.folder / match[1] if match else None
        is_file = path is not None and path.is_file() and ("/" in line or "\\" in line)
        return line.replace(match[1], str(path.resolve()), 1) if match and path and is_file else line
