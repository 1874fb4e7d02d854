"""A force's OpenID Connect provider, asked over HTTP: where it is, its keys, who has signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from app import clock
from app.forces.settings import OfficerSignInSettings

ANSWERS_WITHIN = httpx.Timeout(5.0)
GOOD_FOR = timedelta(hours=1)
"""How long what a provider says of itself is believed without asking again."""
LEEWAY_SECONDS = 60
"""By how much a provider's clock may be wrong."""

# Signatures that only the provider can make: none, and nothing made with the client's secret.
_ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderFails(Exception):
    """The provider cannot be reached or is set up wrongly; the message is for operators."""


class TokenRefused(Exception):
    """The provider's answer proves nothing; `reason` is a code for the record."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way through the provider: three random values that this browser's session keeps."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class _Known:
    metadata: dict[str, Any]
    keys: KeySet
    since: datetime


# By issuer. Every web process asks for itself.
_known: dict[str, _Known] = {}


class Provider:
    """The provider of one force. Every call raises ProviderFails when it is not to be had."""

    def __init__(
        self, settings: OfficerSignInSettings, environ: Mapping[str, str], redirect_uri: str
    ) -> None:
        self._settings = settings
        self._redirect_uri = redirect_uri
        self._secret = environ.get(settings.client_secret_env, "")
        if not self._secret:
            raise ProviderFails(f"{settings.client_secret_env} is not set")

    def address(self, attempt: Attempt) -> str:
        """Where to send the browser."""
        found: str = prepare_grant_uri(
            self._about().metadata["authorization_endpoint"],
            client_id=self._settings.client_id,
            response_type="code",
            redirect_uri=self._redirect_uri,
            scope=self._settings.scope,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return found

    def claims(self, code: str, attempt: Attempt, wanted: tuple[str, ...]) -> dict[str, Any]:
        """What the provider says of the person who came back with this code. What is `wanted`
        and not in the token itself is asked for separately, where the provider offers that.

        Raises:
            TokenRefused: the answer is not from this provider, for us, for this attempt, or now.
        """
        tokens = self._tokens(code, attempt)
        claims = self._checked(tokens, attempt.nonce)
        endpoint = self._about().metadata.get("userinfo_endpoint")
        if endpoint and not set(wanted) <= set(claims):
            return {**self._more(endpoint, tokens, claims["sub"]), **claims}
        return claims

    def _about(self, *, anew: bool = False) -> _Known:
        issuer, now = self._settings.issuer, clock.now()
        found = _known.get(issuer)
        if found is None or anew or now - found.since > GOOD_FOR:
            metadata = self._metadata(issuer)
            found = _Known(metadata, self._keys(metadata["jwks_uri"]), now)
            _known[issuer] = found
        return found

    def _metadata(self, issuer: str) -> dict[str, Any]:
        url = issuer.rstrip("/") + "/.well-known/openid-configuration"
        metadata = _json(_ask("GET", url))
        if metadata.get("issuer") != issuer:
            raise ProviderFails("it calls itself by another name than the forces file does")
        wanted = {name: metadata.get(name) for name in _ENDPOINTS}
        if metadata.get("userinfo_endpoint"):
            wanted["userinfo_endpoint"] = metadata["userinfo_endpoint"]
        for name, address in wanted.items():
            if not isinstance(address, str) or not _is_as_safe(address, issuer):
                raise ProviderFails(f"its {name} is missing or not safe")
        return metadata

    def _keys(self, url: str) -> KeySet:
        try:
            return KeySet.import_key_set(_json(_ask("GET", url)))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):
            raise ProviderFails("its keys cannot be read") from None

    def _tokens(self, code: str, attempt: Attempt) -> dict[str, Any]:
        metadata = self._about().metadata
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": attempt.verifier,
        }
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        login = self._settings.client_id, self._secret
        if "client_secret_basic" in methods:
            response = _ask("POST", metadata["token_endpoint"], data=form, auth=login)
        else:
            form |= {"client_id": login[0], "client_secret": login[1]}
            response = _ask("POST", metadata["token_endpoint"], data=form)
        if response.status_code == 400 and _json_or_none(response).get("error") == "invalid_grant":
            raise TokenRefused("code")
        return _json(response)

    def _checked(self, tokens: dict[str, Any], nonce: str) -> dict[str, Any]:
        raw = tokens.get("id_token")
        if not isinstance(raw, str):
            raise ProviderFails("it gave no id_token")
        try:
            token = self._decoded(raw)
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                    "sub": {"essential": True},
                },
                {
                    "nonce": nonce,
                    "client_id": self._settings.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY_SECONDS)
        except JoseError as error:
            raise TokenRefused(getattr(error, "claim", None) or str(error.error)) from None
        except (ValueError, TypeError, KeyError):
            raise TokenRefused("nonsense") from None
        if not isinstance(claims["sub"], str):
            raise TokenRefused("sub")
        return dict(claims)

    def _decoded(self, raw: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(raw, self._about().keys, registry=registry)
        except InvalidKeyIdError:
            # The provider has changed its keys since we asked.
            return jwt.decode(raw, self._about(anew=True).keys, registry=registry)

    def _more(self, endpoint: str, tokens: dict[str, Any], subject: str) -> dict[str, Any]:
        bearer = {"Authorization": f"Bearer {tokens.get('access_token', '')}"}
        more = _json(_ask("GET", endpoint, headers=bearer))
        if more.get("sub") != subject:
            raise TokenRefused("userinfo")
        return more


def forget_providers() -> None:
    """Ask every provider anew: for tests, where providers come and go."""
    _known.clear()


def _ask(method: str, url: str, **more: Any) -> httpx.Response:
    try:
        return httpx.request(method, url, timeout=ANSWERS_WITHIN, **more)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderFails(f"it does not answer ({type(error).__name__})") from None


def _json(response: httpx.Response) -> dict[str, Any]:
    found = _json_or_none(response)
    if response.status_code != 200 or not found:
        path = response.url.path
        raise ProviderFails(f"it answers {response.status_code} at {path}")
    return found


def _json_or_none(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_as_safe(address: str, issuer: str) -> bool:
    """Whether an address is at least as safe on its way as the issuer's own."""
    scheme = urlsplit(address).scheme
    return scheme == "https" or (scheme == "http" and urlsplit(issuer).scheme == "http")
