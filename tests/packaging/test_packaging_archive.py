"""The same files give the same zip; what is too big is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.errors import PackagingError
from stacks.packaging import Bundle
from stacks.packaging.archive import UNZIPPED_LIMIT, archive, unzipped_size
from stacks.packaging.as_is import content
from stacks.packaging.sources import ZipEntry, read_sources

ROOT = Path(__file__).parents[2]
FILES = st.dictionaries(st.text("abcdxyz_", min_size=1, max_size=6), st.tuples(st.binary(max_size=40), st.booleans()))


def _written(files: list[tuple[str, tuple[bytes, bool]]], umask: int, mtime: int) -> bytes:
    """The zip of ``files``, written in this order into a new folder under this umask, with this modification time."""
    before = os.umask(umask)
    try:
        with tempfile.TemporaryDirectory() as result:
            folder = Path(result)
            (folder / "main.py").touch()
            for name, (content, executable) in files:
                path = folder / f"{name}.txt"
                path.write_bytes(content)
                path.chmod(path.stat().st_mode | (0o100 if executable else 0))
                os.utime(path, (mtime, mtime))
            return archive(read_sources(folder, where="x").entries)
    finally:
        os.umask(before)


@given(FILES, st.randoms(), st.sampled_from([0o000, 0o022, 0o027, 0o077]), st.integers(0, 2**32))
def test_a_zip_depends_on_nothing_but_names_contents_and_executable_bits(
    files: dict[str, tuple[bytes, bool]], random: object, umask: int, mtime: int
) -> None:
    shuffled = list(files.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _written(shuffled, umask, mtime) == _written(sorted(files.items()), 0o022, 0)


def test_files_are_readable_by_all_and_programs_executable_whatever_their_mode_was(tmp_path: Path) -> None:
    for name, mode in (("app.py", 0o600), ("run.sh", 0o700)):
        (tmp_path / name).touch(mode=mode)
    (tmp_path / "zip").write_bytes(archive(read_sources(tmp_path, where="x").entries))
    with zipfile.ZipFile(tmp_path / "zip") as zipped:
        result = {info.filename: oct(info.external_attr >> 16) for info in zipped.infolist()}
    assert result == {"app.py": "0o100644", "run.sh": "0o100755"}


_SCRIPT = """
import hashlib, sys
from pathlib import Path
from stacks.packaging import Bundle, PythonTarget, package
root = Path(sys.argv[1])
other = PythonTarget(python="3.0", platform="aarch64-manylinux_2_34")  # no Python here compiles for that one
print(package([Bundle(name="b", source="src")], root=root, out=root / "out", target=other, say=len)[0].key)
"""


@pytest.mark.parametrize(("zone", "seed"), [("UTC", "0"), ("Asia/Tokyo", "1"), ("America/New_York", "4711")])
def test_a_key_does_not_depend_on_time_zone_hash_seed_or_checkout_path(tmp_path: Path, zone: str, seed: str) -> None:
    for name in ("app.py", "b.py", "c/d.py", "ä.txt"):
        path = tmp_path / zone / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _SCRIPT, str(tmp_path / zone)]
    key = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    assert key == "code/b/fd68963e09d5bad6a6b7e9cd77403ca5939c11d95dd3f51079fc9aae60daee28.zip"


def test_files_above_lambdas_limit_are_refused_and_the_biggest_parts_named(tmp_path: Path) -> None:
    entries = [_sparse(tmp_path, "numpy/core.so", UNZIPPED_LIMIT - 2**20), _sparse(tmp_path, "data.bin", 2 * 2**20)]
    with pytest.raises(PackagingError, match=r"251.0 MB .* limit of 250.0 MB; biggest: numpy 249.0 MB, data.bin 2.0"):
        unzipped_size(entries, where="src")


def test_files_that_just_fit_are_accepted(tmp_path: Path) -> None:
    assert unzipped_size([_sparse(tmp_path, "x", UNZIPPED_LIMIT)], where="src") == UNZIPPED_LIMIT


def _sparse(folder: Path, name: str, size: int) -> ZipEntry:
    path = folder / name.replace("/", "-")
    path.touch()
    os.truncate(path, size)
    return ZipEntry(name=name, path=path)


def test_what_another_framework_built_is_judged_before_it_is_uploaded(tmp_path: Path) -> None:
    (tmp_path / "built").mkdir()
    with zipfile.ZipFile(tmp_path / "large.zip", "w") as zipped:
        zipped.writestr("web.py", "x")
        zipped.infolist()[0].file_size = UNZIPPED_LIMIT + 1
    with pytest.raises(PackagingError, match=r"^built: is not a file\. Name the file itself\.$"):
        content(Bundle(name="a", source="built", as_is="file"), tmp_path, tmp_path / "out", say=print)
    what = r"262,144,001 bytes unzipped exceed Lambda's limit of 262,144,000\. Remove what the function does not need"
    with pytest.raises(PackagingError, match=rf"^large\.zip: {what}"):
        content(Bundle(name="b", source="large.zip", as_is="zip"), tmp_path, tmp_path / "out", say=print)
