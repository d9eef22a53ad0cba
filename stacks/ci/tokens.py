"""``base.ci`` → which tokens of its CI service the roles of a stage accept. Pure.

AWS evaluates ``aud`` and ``sub`` of every issuer, and for GitHub some more claims. IAM refuses trust in an issuer that
many organizations share, such as GitHub and GitLab, unless it asks for ``sub``.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
https://aws.amazon.com/about-aws/whats-new/2026/01/aws-sts-supports-validation-identity-provider-claims/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.model.ci import Ci

Claims = dict[str, str]
GITHUB, GITLAB = "token.actions.githubusercontent.com", "gitlab.com"
_BITBUCKET = "api.bitbucket.org/2.0/workspaces/{}/pipelines-config/identity/oidc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The tokens that a role accepts: claims that must be equal, and those that must match a pattern."""

    issuer: str
    """Without ``https://``, as condition keys and the ARN of the identity provider have it."""
    equal: Claims
    like: Claims

    @property
    def conditions(self) -> Mapping[str, Mapping[str, str]]:
        """The same as IAM's operators and condition keys."""
        operators = {"StringEquals": self.equal, "StringLike": self.like}
        return {
            operator: {f"{self.issuer}:{claim}": value for claim, value in claims.items()}
            for operator, claims in operators.items()
            if claims
        }


def issuer(ci: Ci) -> str:
    """The issuer of the tokens, without ``https://``."""
    if ci.bitbucket:
        return _BITBUCKET.format(ci.bitbucket.repository.partition("/")[0])
    return GITHUB if ci.github else GITLAB


def audience(ci: Ci) -> str:
    """What ``aud`` of the tokens must be.

    https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
    https://docs.gitlab.com/ci/cloud_services/aws/
    https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/
    """
    if ci.bitbucket:
        return f"ari:cloud:bitbucket::workspace/{ci.bitbucket.workspace_id}"
    return "sts.amazonaws.com" if ci.github else f"https://{GITLAB}"


def deploying(ci: Ci) -> Accepted:
    """The tokens that may deploy: one repository, and its branch or environment."""
    match ci.service:
        case "github":
            subject = f"environment:{ci.environment}" if ci.environment else f"ref:refs/heads/{ci.branch}"
            return _github(ci, subject, {"ref": f"refs/heads/{ci.branch}"})
        case "gitlab":
            return _accepted(ci, {"sub": f"project_path:{ci.gitlab}:ref_type:branch:ref:{ci.branch}"}, {})
        case "bitbucket":
            return _accepted(ci, {}, {"sub": f"{_bitbucket(ci, 'repository')}:{_bitbucket(ci, 'environment')}:*"})
        case _:
            assert_never(ci.service)


def planning(ci: Ci) -> Accepted:
    """The tokens that may read and plan: pull requests inside the repository.

    Tokens of GitLab and Bitbucket do not distinguish a merge request from a branch, so any branch of the repository
    may.
    """
    match ci.service:
        case "github":
            return _github(ci, "pull_request", {})
        case "gitlab":
            return _accepted(ci, {}, {"sub": f"project_path:{ci.gitlab}:ref_type:branch:ref:*"})
        case "bitbucket":
            return _accepted(ci, {}, {"sub": f"{_bitbucket(ci, 'repository')}:*"})
        case _:
            assert_never(ci.service)


def _accepted(ci: Ci, equal: Claims, like: Claims) -> Accepted:
    return Accepted(issuer=issuer(ci), equal={"aud": audience(ci), **equal}, like=like)


def _github(ci: Ci, subject: str, more: Claims) -> Accepted:
    """The subject, and the claims that a customized subject cannot hide.

    An environment's subject does not name the branch; the claim ``ref`` does.
    https://docs.github.com/en/actions/reference/security/oidc
    """
    owner, _, name = str(ci.github).partition("/")
    name, _, number = name.partition("@")
    claims = {"repository": f"{owner.partition('@')[0]}/{name}", **({"repository_id": number} if number else {})}
    return _accepted(ci, {"sub": f"repo:{ci.github}:{subject}", **claims, **more}, {})


def _bitbucket(ci: Ci, what: str) -> str:
    """A UUID as subjects have it, in braces. They end with the UUID of the step, which is new in each run.

    https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/
    """
    return f"{{{getattr(ci.bitbucket, f'{what}_id')}}}"
