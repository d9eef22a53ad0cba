"""Calls that AWS takes without a signature, because their callers have no keys: users who sign in.

botocore's models state them (``authtype: none``), and a test compares.
"""

from __future__ import annotations

_USER_POOLS = """
    AssociateSoftwareToken ChangePassword CompleteWebAuthnRegistration ConfirmDevice ConfirmForgotPassword
    ConfirmSignUp DeleteUser DeleteUserAttributes DeleteWebAuthnCredential ForgetDevice ForgotPassword GetDevice
    GetTokensFromRefreshToken GetUser GetUserAttributeVerificationCode GetUserAuthFactors GlobalSignOut
    InitiateAuth ListDevices ListUserSessions ListWebAuthnCredentials ResendConfirmationCode
    RespondToAuthChallenge RevokeToken RevokeUserSession SetUserMFAPreference SetUserSettings SignUp
    StartWebAuthnRegistration UpdateAuthEventFeedback UpdateDeviceStatus UpdateUserAttributes
    VerifySoftwareToken VerifyUserAttribute
"""
_IDENTITY_POOLS = "GetCredentialsForIdentity GetId GetOpenIdToken UnlinkIdentity"
UNSIGNED_TARGETS = frozenset(
    [f"AWSCognitoIdentityProviderService.{name}" for name in _USER_POOLS.split()]
    + [f"AWSCognitoIdentityService.{name}" for name in _IDENTITY_POOLS.split()]
)
"""Values of ``X-Amz-Target``."""
