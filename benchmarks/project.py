"""A project on disk for ``benchmarks/render.py``: a description of some size, and the bare script for it.

python -m benchmarks.project SIZE FOLDER
"""

from __future__ import annotations

import json
import py_compile
import sys
from pathlib import Path

from benchmarks.application import description
from benchmarks.bare import script
from stacks import render
from stacks.loading import validated


def main(size: int, project: Path) -> None:
    """Make the folder; JSON is YAML."""
    (project / "src").mkdir(parents=True)
    (project / "src/app.py").write_text("def handler(event, context):\n    return {}\n")
    (project / "app.yaml").write_text(json.dumps(description(size), indent=1))
    app = validated(description(1))
    (project / "bare.py").write_text(script(render(app, app.stages["dev"])))
    py_compile.compile(str(project / "bare.py"))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
