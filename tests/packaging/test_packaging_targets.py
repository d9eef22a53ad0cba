"""Which Python and platform a bundle is packaged for."""

from __future__ import annotations

import sys

import pytest

from stacks.errors import PackagingError
from stacks.packaging import Bundle, PythonTarget, host_target, lambda_target


@pytest.mark.parametrize(
    ("runtime", "architecture", "expected"),
    [
        ("python3.14", "arm64", PythonTarget(python="3.14", platform="aarch64-manylinux_2_34")),
        ("python3.12", "x86_64", PythonTarget(python="3.12", platform="x86_64-manylinux_2_34")),
        ("python3.11", "x86_64", PythonTarget(python="3.11", platform="x86_64-manylinux2014")),
    ],
)
def test_lambdas_platform_follows_from_runtime_and_architecture(
    runtime: str, architecture: str, expected: PythonTarget
) -> None:
    assert lambda_target(Bundle(name="b", source="s", runtime=runtime, architecture=architecture)) == expected


def test_a_runtime_that_is_no_python_is_refused() -> None:
    with pytest.raises(PackagingError, match=r"^b: runtime 'nodejs24.x' is not a Python\. "):
        lambda_target(Bundle(name="b", source="s", runtime="nodejs24.x"))


def test_an_unknown_architecture_is_refused() -> None:
    with pytest.raises(PackagingError, match=r"^b: Lambda has no architecture 'mips'\. "):
        lambda_target(Bundle(name="b", source="s", architecture="mips"))


def test_the_hosts_target_is_the_running_python() -> None:
    assert host_target() == PythonTarget(python=f"3.{sys.version_info.minor}", platform=None)
