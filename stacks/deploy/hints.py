"""Why a resource failed, in AWS's words → what to do about it. Pure.

Resource handlers end their reasons with one of a fixed set of codes:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
What CloudFormation itself says, and older types without a code, is known by its words, seen in its events.
"""

from __future__ import annotations

import re

_CODE = re.compile(r"HandlerErrorCode: (\w+)")
_RIGHTS = (
    "Give the deploying user, or the role it deploys with, the right that is named here ('permissions' lists them all)"
)
_TAKEN = "It exists outside of the stack: bring it in with 'import', or delete or rename it"
_BUSY = "AWS was busy: wait a minute"
_FULL = "Have the quota raised in Service Quotas, or delete what is not used"

_CODES = {
    "AccessDenied": _RIGHTS,
    "UnauthorizedTaggingOperation": _RIGHTS,
    "InvalidCredentials": "Renew the credentials",
    "AlreadyExists": _TAKEN,
    "NotFound": "Something that it needs was deleted by hand: look what with 'drift'",
    "ResourceConflict": _BUSY,
    "Throttling": _BUSY,
    "ServiceLimitExceeded": _FULL,
    "NotStabilized": "It did not become ready in time: look at it in AWS's console",
    "NetworkFailure": _BUSY,
    "ServiceInternalError": _BUSY,
    "InternalFailure": _BUSY,
}
_WORDS = (
    (
        r"UnreservedConcurrentExecution",
        "Lower 'reserved_concurrency' of the functions, or have Lambda's quota raised in Service Quotas",
    ),
    (
        r"custom-named resource requires replacing",
        "Two of a name cannot be: describe a second one under another name, copy the data, then remove this one",
    ),
    (r"denied by stack policy", "Name it with --allow-replacement"),
    (r"not authorized to perform|access ?denied", _RIGHTS),
    (r"CNAMEAlreadyExists|CNAMEs? you provided", "Another distribution has this domain: take it away there first"),
    (r"already exists", _TAKEN),
    (r"is not empty", "Empty it, if its content is not needed"),
    (r"cannot be assumed", "A new role takes some seconds to be known everywhere: wait a minute"),
    (r"throttl|rate exceeded|too many requests", _BUSY),
    (r"limit ?exceeded|quota|maximum number", _FULL),
    (r"certificate", "The certificate must be issued, and for CloudFront be in us-east-1: see 'domain status'"),
    (r"did not stabilize|timed out|exceeded attempts", "It did not become ready in time: look at it in AWS's console"),
)


def hint(reason: str) -> str | None:
    """What to do about a failure, without a full stop; None when nothing better is known than what AWS says."""
    code = _CODE.search(reason)
    if code and code[1] in _CODES:
        return _CODES[code[1]]
    return next((output for words, output in _WORDS if re.search(words, reason, re.IGNORECASE)), None)
