"""Lambda code in folders → zips whose bytes depend on nothing but the code and its requirements."""

from stacks.packaging.bundle import Artifact, Bundle, PythonTarget, host_target, lambda_target
from stacks.packaging.package import package

__all__ = ["Artifact", "Bundle", "PythonTarget", "host_target", "lambda_target", "package"]
