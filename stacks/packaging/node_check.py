"""A handler of JavaScript in an unpacked zip → whether Node.js can import it and call what it exports.

Run with this machine's Node.js, which may be another release, and which lacks the AWS SDK of Lambda's runtime: what
fails for either reason is a sentence, not a problem.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LONGEST_IMPORT = 120.0
_PROBE = """
const [file, name] = process.argv.slice(1);
let result = {};
try {
  const loaded = await import("file://" + encodeURI(file));
  const found = loaded[name] ?? loaded.default?.[name];
  if (typeof found !== "function") result = { failure: `it exports no function ${name}` };
} catch (error) {
  result = { failure: `${error?.name ?? "Error"}: ${error?.message ?? error}`.split("\\n")[0] };
}
process.stdout.write("\\n" + JSON.stringify(result) + "\\n", () => process.exit(0));
"""


def probed(task: Path, handler: str, variables: Mapping[str, str]) -> tuple[str, str]:
    """Import ``handler`` (``api/notes.list``) from the folder ``task``: what failed, and what could not be tried.

    Both are empty when it can be imported and called.
    """
    node = shutil.which("node")
    if node is None:
        return "", "node is not on the PATH, so its import was not tried"
    module, _, name = handler.rpartition(".")
    file = next((path for ending in (".js", ".mjs", ".cjs") if (path := task / f"{module}{ending}").is_file()), None)
    if file is None:
        return f"{module}.js is not in the zip", ""
    command = [node, "--input-type=module", "--eval", _PROBE, str(file.resolve()), name]
    return _judged(str(seen_by(command, task, variables).get("failure", "")), task)


def seen_by(command: Sequence[str], task: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    """What a probe saw that runs in the folder ``task``: the JSON object of its last line, or its ``failure``."""
    try:
        done = subprocess.run(
            command,
            cwd=task,
            env=dict(variables),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_LONGEST_IMPORT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"failure": f"the import took longer than {_LONGEST_IMPORT:.0f} s"}
    try:
        seen: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"failure": f"the import ended the process with code {done.returncode}"}
    return seen


def _judged(failure: str, task: Path) -> tuple[str, str]:
    failure = failure.replace(f"{task.resolve()}/", "")
    if "Cannot find" in failure and "'@aws-sdk/" in failure:
        return "", "it imports the AWS SDK of Lambda's runtime, which is missing here, so its import was not tried"
    if failure.startswith("SyntaxError"):
        return "", f"this machine's Node.js cannot read it ({failure}); Lambda's may be newer"
    return failure, ""
