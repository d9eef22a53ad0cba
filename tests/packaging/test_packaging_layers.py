"""Requirements that functions share: what goes into the layer, and what stays in a function's own zip."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from stacks.errors import PackagingError
from stacks.packaging import Bundle, host_target, package
from stacks.packaging.check import PackagedHandler, check
from stacks.packaging.shared import left_to

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project  # type: ignore[import-not-found]

    from stacks.packaging import Artifact

LAYER = Bundle(name="shared", source="shared.txt", requirements="shared.txt", is_layer=True)
CODE = Bundle(name="web", source="src", requirements="src/requirements.txt", layer="shared")


@pytest.fixture
def sharing(project: Project) -> Project:
    """A project with wheels of ``base`` in two versions and ``top``, which needs it; ``base`` is shared."""
    project.wheel("base", "1.0", {"base/__init__.py": "version = 1\n", "base/page.html": "<p>"})
    project.wheel("base", "2.0", {"base/__init__.py": "version = 2\n"})
    project.wheel("top", "1.0", {"top.py": "import base\n"})
    _share(project, "base==1.0")
    project.require("top", "base")
    return project


def _share(project: Project, *lines: str) -> None:
    project.write("shared.txt", "\n".join(("--no-index", f"--find-links {project.wheels}", *lines)))


def _packaged(project: Project) -> tuple[Artifact, Artifact]:
    out = project.root / ".build"
    layer, code = package([LAYER, CODE], root=project.root, out=out, target=host_target(), say=project.messages.append)
    return layer, code


def _names(artifact: Artifact) -> list[str]:
    with zipfile.ZipFile(artifact.path) as zipped:
        return [name for name in zipped.namelist() if "__pycache__" not in name]


def test_the_layer_holds_its_requirements_where_lambda_looks_for_them(sharing: Project) -> None:
    layer, _ = _packaged(sharing)
    info = "python/base-1.0.dist-info"
    assert _names(layer) == [
        f"{info}/METADATA",
        f"{info}/entry_points.txt",
        "python/base/__init__.py",
        "python/base/page.html",
    ]


def test_a_function_leaves_to_its_layer_what_is_in_it_in_the_layers_version(sharing: Project) -> None:
    layer, code = _packaged(sharing)
    assert _names(code) == ["app.py", "top-1.0.dist-info/METADATA", "top-1.0.dist-info/entry_points.txt", "top.py"]
    assert code.layer == layer.key


def test_a_layers_bytecode_says_where_the_layer_is(sharing: Project) -> None:
    with zipfile.ZipFile(_packaged(sharing)[0].path) as zipped:
        (compiled,) = (zipped.read(name) for name in zipped.namelist() if name.endswith(".pyc"))
    assert b"/opt/python/base/__init__.py" in compiled


def test_another_shared_version_builds_both_again(sharing: Project) -> None:
    before = [artifact.key for artifact in _packaged(sharing)]
    _share(sharing, "base==2.0")
    after = [artifact.key for artifact in _packaged(sharing)]
    assert before[0] != after[0]
    assert before[1] == after[1]  # top is the same, and the function's zip holds nothing else
    assert [artifact.key for artifact in _packaged(sharing)] == after


def test_versions_that_cannot_go_together_are_reported(sharing: Project) -> None:
    sharing.require("base==2.0")
    with pytest.raises(PackagingError, match=r"src/requirements.txt: .*base==2.0"):
        _packaged(sharing)


def test_a_layer_of_nothing_is_reported_once(sharing: Project) -> None:
    _share(sharing)
    with pytest.raises(PackagingError) as caught:
        _packaged(sharing)
    assert str(caught.value).startswith("shared.txt: asks for nothing. ")


def test_a_function_and_its_layer_together_stay_below_the_limit(
    sharing: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stacks.packaging.archive.UNZIPPED_LIMIT", 2_000)
    sharing.wheel("base", "1.0", {"base/__init__.py": "#" * 900})
    sharing.write("src/app.py", "#" * 1_200)
    with pytest.raises(PackagingError, match=r"unzipped exceed .* the shared layer 0\.0 MB"):
        _packaged(sharing)


def test_the_check_imports_a_handler_with_its_layer(sharing: Project) -> None:
    sharing.write("src/app.py", "import top, base\nassert base.version == 1\ndef go(event, context): ...\n")
    layer, code = _packaged(sharing)
    assert (
        check([PackagedHandler(name="web", handler="app.go", environment={}, key=code.key)], [layer, code]).words == ()
    )


def test_a_package_in_two_versions_is_refused(tmp_path: Path) -> None:
    for name, version in {"layer": "1.0", "function": "2.0"}.items():
        (tmp_path / name / f"base-{version}.dist-info").mkdir(parents=True)
    with pytest.raises(PackagingError) as caught:
        left_to(tmp_path / "layer", tmp_path / "function", where="src/requirements.txt")
    message = "asks for base 2.0, and the shared requirements have 1.0. Pin the same version in both."
    assert str(caught.value) == f"src/requirements.txt: {message}"
