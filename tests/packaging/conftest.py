"""A project folder to package from, and a folder of tiny wheels to install from without a network."""

from __future__ import annotations

import sys
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pytest

from stacks.packaging import Artifact, Bundle, PythonTarget, package

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ANOTHER_PYTHON = PythonTarget(
    python="3.13" if sys.version_info[:2] == (3, 14) else "3.14", platform="aarch64-manylinux_2_34"
)
"""A runtime for which the Python that runs the tests compiles nothing."""


@dataclass
class Project:
    """A project on disk with one bundle, ``web``, whose code is in ``src``; ``messages`` are those of packaging."""

    root: Path
    wheels: Path
    cache: Path
    messages: list[str] = field(default_factory=list)

    def write(self, name: str, text: str = "") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def require(self, *lines: str) -> None:
        """Let the bundle require ``lines`` from the folder of tiny wheels and from nowhere else."""
        self.write("src/requirements.txt", "\n".join(("--no-index", f"--find-links {self.wheels}", *lines)))

    def wheel(self, name: str, version: str, files: Mapping[str, str], tag: str = "py3-none-any") -> None:
        self.wheels.mkdir(exist_ok=True)
        info = f"{name}-{version}.dist-info"
        notes = {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
            f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
        }
        notes[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in {**files, **notes, f"{info}/RECORD": ""})
        with zipfile.ZipFile(self.wheels / f"{name}-{version}-{tag}.whl", "w") as wheel:
            for path, text in {**files, **notes}.items():
                wheel.writestr(path, text)

    def package(
        self,
        *,
        target: PythonTarget | None = None,
        application: Literal["wsgi", "asgi"] | None = None,
        architecture: str = "arm64",
    ) -> Artifact:
        file = "src/requirements.txt"
        bundle = Bundle(
            name="web",
            source="src",
            requirements=file if (self.root / file).exists() else None,
            application=application,
            architecture=architecture,
        )
        return package([bundle], root=self.root, out=self.root / ".build", target=target, say=self.messages.append)[0]

    def names(self) -> list[str]:
        """The names in the bundle's zip, in the zip's order, without bytecode of its own."""
        with zipfile.ZipFile(self.package(target=ANOTHER_PYTHON).path) as zipped:
            return zipped.namelist()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose bundle holds one module, ``app.py``, and requires nothing; its bytecode is nobody else's."""
    monkeypatch.setenv("STACKS_CACHE_DIR", str(tmp_path / "cache"))
    result = Project(root=tmp_path / "project", wheels=tmp_path / "wheels", cache=tmp_path / "cache")
    result.write("src/app.py", "x = 1\n")
    return result
