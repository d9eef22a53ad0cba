"""Packages of native code without a wheel for Lambda: refused by what the index says, before any compiler runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.errors import PackagingError
from stacks.packaging.building import building
from stacks.packaging.bundle import PythonTarget
from stacks.packaging.index import native_wheels, platforms_of
from stacks.packaging.uv_errors import uv_refusal
from stacks.packaging.wheels import refuse_by_index

if TYPE_CHECKING:
    from conftest import Project  # type: ignore[import-not-found]

TARGET = PythonTarget(python="3.14", platform="aarch64-manylinux_2_34")
TAGS = ("cp311-cp311-manylinux_2_17_x86_64", "cp312-cp312-win_amd64", "cp312-cp312-macosx_11_0_arm64")


@pytest.fixture(autouse=True)
def index(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index without a network: native wheels, wheels for every Python, and both."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(project.wheels))
    for tag in TAGS:
        project.wheel("zz_fast", "1.0", {"zz_fast.so": ""}, tag=tag)
        project.wheel("zz_both", "1.0", {"zz_both.so": ""}, tag=tag)
    for name in ("zz_both", "zz_plain"):
        project.wheel(name, "1.0", {f"{name}.py": ""})


@pytest.mark.parametrize(("name", "count"), [("zz-fast", 3), ("zz-fast==1.0", 3), ("zz-both", 0), ("zz-plain", 0)])
def test_the_index_is_asked_for_the_wheels_of_a_package(name: str, count: int) -> None:
    assert len(native_wheels(name)) == count


def test_a_package_that_the_index_does_not_have_is_nothing_to_speak_of() -> None:
    assert native_wheels("zz-none") == ()


def test_a_native_package_is_refused_with_the_pythons_that_have_wheels() -> None:
    errors = "Because zz-fast==1.0 has no usable wheels and you require zz-fast==1.0, …"
    with pytest.raises(PackagingError) as raised:
        refuse_by_index("zz-fast", errors, "src/requirements.txt", TARGET)
    assert str(raised.value).startswith(
        "src/requirements.txt: zz-fast is native code, and its index has wheels for Python 3.11, 3.12 on Linux, "
        "Windows, macOS, none for Python 3.14 on aarch64-manylinux_2_34. "
    )


def test_a_package_of_plain_python_is_left_to_the_question_whether_it_may_be_built() -> None:
    refuse_by_index("zz-plain", "", "src/requirements.txt", TARGET)


@pytest.mark.parametrize(
    ("wheels", "text"),
    [
        (["a-1-cp39.cp310-abi3-musllinux_1_2_aarch64.whl"], "Python 3.9, 3.10 on Linux"),
        (["a-1-py3-none-win32.whl"], "Python other versions on Windows"),
        ([], "Python other versions on other systems"),
    ],
)
def test_where_wheels_are_is_reported_in_words(wheels: list[str], text: str) -> None:
    assert platforms_of(wheels) == text


def test_a_build_for_lambda_has_no_compiler_and_one_for_this_machine_has() -> None:
    assert building({"PATH": "/bin", "CC": "gcc"}, "/h")["CC"] == "false"
    assert "CC" not in building({"PATH": "/bin"}, "/h", compiles=True)


@pytest.mark.parametrize(
    "last", ["error: command 'false' failed with exit code 1", "error: command '/bin/false' failed"]
)
def test_a_build_that_needed_a_compiler_is_refused_as_native(last: str) -> None:
    errors = f"  Failed to build `psycopg2==2.9.13`\n{last}\n"
    assert "psycopg2==2.9.13 has no wheel for" in str(uv_refusal(errors, "r.txt", TARGET))
    assert "needs a compiler, which makes native code. Ask for psycopg2-binary" in str(
        uv_refusal(errors, "r.txt", TARGET)
    )
