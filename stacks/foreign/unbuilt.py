"""Code of a template that its framework has not built yet: it would be deployed without what it imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.files import text_of
from stacks.foreign.artifacts import local_artifacts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.json_types import TemplateData

_BUILD = "Run 'sam build', and name .aws-sam/build/template.yaml"
_FIXES = {
    "requirements.txt": "Install them there: 'uv pip install -r requirements.txt --target FOLDER'",
    "package.json": "Install them there: 'npm ci --omit dev'",
}


def unbuilt(root: Path, template: TemplateData) -> Iterator[tuple[str, str]]:
    """What is wrong with folders of code that ask for packages and hold none, and the fix."""
    for artifact in local_artifacts(template):
        folder = root / artifact.path if artifact.path else None
        if folder is None or not artifact.zipped or not folder.is_dir():
            continue
        kind = str(template["Resources"].get(artifact.resource, {}).get("Type", "AWS::Serverless::"))
        needs_sam = kind.startswith("AWS::Serverless::")
        for file, is_built in (("requirements.txt", _has_packages), ("package.json", _has_modules)):
            if _asks(folder / file) and not is_built(folder):
                place = f"{artifact.resource}.{artifact.name} is {artifact.path}, which has a {file}"
                yield f"{place} and none of the packages that it asks for", _BUILD if needs_sam else _FIXES[file]


def _asks(file: Path) -> bool:
    """Whether a file asks for packages."""
    try:
        text = text_of(file, errors="replace")
    except OSError:
        return False
    if file.name == "package.json":
        return '"dependencies"' in text and '"dependencies": {}' not in text
    return any(line.strip() and not line.strip().startswith(("#", "-")) for line in text.splitlines())


def _has_packages(folder: Path) -> bool:
    """Whether packages are installed in a folder of code, or in the ``python`` folder of a layer.

    https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
    """
    patterns = ("*.dist-info", "*.egg-info", "python/*.dist-info", "python/lib/*/site-packages/*.dist-info")
    return any(next(folder.glob(pattern), None) for pattern in patterns)


def _has_modules(folder: Path) -> bool:
    return any((folder / place).is_dir() for place in ("node_modules", "nodejs/node_modules"))
