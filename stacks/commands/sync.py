"""``sync``: put the code of single functions into a stage that people develop on, without CloudFormation."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stacks.commands.aws import connected, endpoint
from stacks.commands.common import described, root, stage
from stacks.commands.secrecy import keep_secret, secrets_of
from stacks.deploy.code import bring
from stacks.deploy.execute import check_account, deployed_artifact_bucket
from stacks.deploy.sync import note, refuse_changed, targets
from stacks.errors import DeployError
from stacks.packaging import package
from stacks.release.code import bundles, code_parameters
from stacks.rendering import render
from stacks.reporting import done

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Package, compare with what is deployed, upload, and update each function."""
    from stacks.aws.functions import BotoFunctions  # noqa: PLC0415 - brings boto3

    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    results = targets(chosen, rendered, arguments.functions)
    folder = root(arguments)
    python = endpoint(arguments).python
    artifacts = package(bundles(chosen, folder), root=folder, out=folder / ".build", target=python, say=print)
    keep_secret(secrets_of(arguments.app, app), artifacts=artifacts)
    keys = code_parameters(chosen, rendered, artifacts)
    target = connected(BotoFunctions, chosen, endpoint(arguments))
    check_account(target, chosen.account)
    bucket = deployed_artifact_bucket(rendered, target)
    if bucket is None:
        raise DeployError(f"stage {chosen.name}", "is not deployed", "Use 'deploy' first")
    refuse_changed(results, keys, target)
    paths = {artifact.key: artifact.path for artifact in artifacts}
    note(results, bucket, target)
    synced = []
    for entry in results:
        began, key = time.monotonic(), keys[entry.rendered.stack][entry.parameter]
        bring(key, paths[key], bucket, target)
        changed = target.update_code(entry.physical, entry.rendered.region, bucket, key)
        seconds = round(time.monotonic() - began, 1)
        print(
            f"{entry.name}: {f'has its new code, after {seconds} s' if changed else 'has this code already'}",
            flush=True,
        )
        synced.append({"name": entry.name, "changed": changed, "seconds": seconds})
    done(functions=synced)
    return 0
