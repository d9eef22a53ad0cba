"""Deploy roles that are derived from the templates they deploy.

    template → needs (registry and properties, corrected) → places (ARN, tag, region) → policies → IAM resources

Other tools give CloudFormation every right there is. Here a stack's role can do what that stack's resources need, on
that stack's resources. It may not be given rights by hand: what is wrong with a role is wrong with ``corrections``.
"""

from __future__ import annotations

from stacks.roles.resources import deploy_role
from stacks.roles.rights import DeployRights, RightsRow, derive, explain

__all__ = ["DeployRights", "RightsRow", "deploy_role", "derive", "explain"]
