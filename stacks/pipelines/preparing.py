"""The code that a build packaged → the artifact bucket, as the deployer brings it, by the build's role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.deploy.cloud import Headers
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stacks.deploy.cloud import Cloud
    from stacks.rendering import Rendered

_OUTPUT = "ArtifactBucketName"


def bring_up(one: Rendered, keys: Mapping[str, str], built: Path, cloud: Cloud, say: Callable[[str], None]) -> None:
    """Put the code that ``one`` runs into the artifact bucket; ``keys`` are the values of its parameters.

    Raises:
        DeployError: when base is not deployed, or the code is not packaged.
    """
    bucket = ""
    for key in sorted(set(keys.values())):
        bucket = bucket or _bucket(one, cloud)
        file = built / key
        if not file.is_file():
            raise DeployError(str(file), "the packaged code is not there", "Run 'package' before 'pipeline prepare'")
        fresh = not cloud.has(bucket, key)
        if fresh:
            cloud.put(bucket, key, file, Headers(content_type="application/zip"))
        say(f"{key}: {'put' if fresh else 'is there'}")


def _bucket(one: Rendered, cloud: Cloud) -> str:
    base = f"{one.name.removesuffix(one.stack)}base"
    state = cloud.stack(base, one.region)
    if state is None or _OUTPUT not in state.outputs:
        raise DeployError(base, f"the stack is not there, or has no output {_OUTPUT}", "Deploy base first")
    return state.outputs[_OUTPUT]
