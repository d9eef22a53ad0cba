"""What AWS or its client refused, as an error the user can act on.

Pure, and by names instead of classes: botocore's exceptions are distinguished by the name of their class
and, when AWS answered, by the error code in the answer, so that this table needs no AWS client.
"""

from __future__ import annotations

from stacks.errors import DeployError
from stacks.invocation import program

NO_CHANGES = (
    "The submitted information didn't contain changes",
    "No updates are to be performed",
)
"""How CloudFormation begins the reason of a change set that would change nothing (seen in its answers;
the API reference names no code for it)."""

_LOGIN = "Log in with `aws sso login` (or `aws login`), or renew the keys with `aws configure`"
_SET_UP = "Set them up with `aws configure`, log in with `aws sso login`, or name a profile in AWS_PROFILE"

_CLASSES = {
    "NoCredentialsError": ("no AWS credentials found", _SET_UP),
    "PartialCredentialsError": ("the AWS credentials are incomplete", _SET_UP),
    "CredentialRetrievalError": ("the AWS credentials cannot be read", _SET_UP),
    "ProfileNotFound": (
        "no such AWS profile",
        "Correct AWS_PROFILE, or make it with `aws configure --profile`",
    ),
    "SSOTokenLoadError": ("the AWS login is missing or has ended", _LOGIN),
    "UnauthorizedSSOTokenError": ("the AWS login has ended", _LOGIN),
    "TokenRetrievalError": ("the AWS login has ended", _LOGIN),
    "LoginRefreshRequired": ("the AWS login has ended", _LOGIN),
    "LoginTokenLoadError": ("the AWS login is missing or has ended", _LOGIN),
    "NoRegionError": ("no AWS region is known", "Give the stage a region in app.yaml"),
    "InvalidRegionError": ("this is not an AWS region", "Correct the stage's region in app.yaml"),
    "EndpointConnectionError": ("AWS cannot be reached", "Check the network, and the stage's region in app.yaml"),
    "ConnectionClosedError": ("the connection to AWS broke", "Check the network, then deploy again"),
    "ConnectTimeoutError": ("AWS cannot be reached", "Check the network, then deploy again"),
    "ReadTimeoutError": ("AWS does not answer", "Check the network, then deploy again"),
    "SSLError": ("the connection to AWS is not trusted", "Check the proxy's certificate and AWS_CA_BUNDLE"),
    "ProxyConnectionError": ("the proxy cannot be reached", "Check HTTPS_PROXY"),
}

_DENIED = "Use credentials that may do this, or have the permission named here added to them"
_KEYS = "Check the access key and its secret with `aws configure`"
_CODES = {
    "ExpiredToken": ("the AWS session has ended", _LOGIN),
    "ExpiredTokenException": ("the AWS session has ended", _LOGIN),
    "RequestExpired": ("the AWS session has ended, or the clock is wrong", f"{_LOGIN}; check the date and time"),
    "InvalidClientTokenId": ("AWS does not know these credentials", _KEYS),
    "UnrecognizedClientException": ("AWS does not know these credentials", _KEYS),
    "InvalidAccessKeyId": ("AWS does not know these credentials", _KEYS),
    "SignatureDoesNotMatch": ("AWS does not accept these credentials", _KEYS),
    "AccessDenied": ("AWS denies this", _DENIED),
    "AccessDeniedException": ("AWS denies this", _DENIED),
    "403": ("AWS denies this", _DENIED),
    "OptInRequired": ("the account may not use this service or region", "Enable the region in the account's settings"),
    "NoSuchBucket": ("the bucket does not exist", "Deploy the stack that makes it first"),
    "404": ("it does not exist", "Deploy the stack that makes it first"),
    "Throttling": ("AWS throttles the calls and went on doing so", "Wait a minute, then deploy again"),
    "LimitExceededException": (
        "a limit of the account is reached",
        "Have the quota raised, or delete what is not used",
    ),
}


def cloud_refusal(where: str, kind: str, code: str | None, message: str) -> DeployError:
    """Return the error for an exception of class ``kind``; ``code`` is AWS's, ``None`` when it never answered.

    AWS's own words are kept: they name the permission, the parameter or the profile in question.
    """
    known = _CODES.get(code) if code else _CLASSES.get(kind)
    if kind == "EndpointConnectionError" and "://" in message and "amazonaws." not in message:
        known = "nothing answers at the endpoint", f"Start it, as with `{program()} local`, or correct --endpoint-url"
    what, fix = known or (f"AWS refused with {code}" if code else kind, "Correct what AWS names, then try again")
    words = " ".join(message.split()).rstrip(".")
    return DeployError(where, f"{what} ({words})" if words else what, fix)
