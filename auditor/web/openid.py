"""Signing in through an OpenID Connect provider: the authorization code flow with PKCE (RFC 6749, RFC 7636).

The provider only vouches for who somebody is. What he may do says his account here, which an administrator
made (`auditor users add NAME --openid`); it is bound to the provider's subject at the first sign-in, so that
a name that is given to somebody else later opens nothing.
"""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.web.signing import new_token

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

    from auditor.web.options import OpenIdOptions

_TIMEOUT_S = 10.0
_KEPT_S = 600.0
_LEEWAY_S = 60
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_SCOPE = "openid profile email"


class OpenIdError(Exception):
    """The sign-in through the provider did not work; the message is a sentence for the page."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for: its own word for him, and the claim that names his account."""

    subject: str
    name: str


class Provider:
    """One OpenID provider; what it says about itself is asked for when it is needed, and kept a while."""

    def __init__(self, options: OpenIdOptions) -> None:
        self.options = options
        self._said: tuple[float, dict[str, Any]] | None = None

    def begin(self, *, back: str) -> tuple[str, dict[str, str]]:
        """The address to send the browser to, and what must come back with it.

        Args:
            back: the address of this site that the provider sends the browser to afterwards.

        Raises:
            OpenIdError: the provider does not answer.
        """
        kept = {"state": new_token(), "nonce": new_token(), "verifier": new_token() + new_token()}
        with self._client(back) as client:
            address, _ = client.create_authorization_url(
                self._about()["authorization_endpoint"],
                state=kept["state"],
                nonce=kept["nonce"],
                code_verifier=kept["verifier"],
            )
        return str(address), kept

    def end(self, *, code: str, state: str, kept: dict[str, str], back: str) -> Vouched:
        """Whom the provider vouches for.

        Args:
            code: what the provider sent with the browser.
            state: the same.
            kept: what `begin` gave.
            back: as it was told to `begin`.

        Raises:
            OpenIdError: nobody, or not for this browser.
        """
        if not hmac.compare_digest(state.encode(), kept["state"].encode()):
            raise OpenIdError("登录已经过期或不是从本页开始的，请重新登录。")
        from authlib.integrations.base_client import OAuthError  # noqa: PLC0415

        about = self._about()
        try:
            with self._client(back) as client:
                token = client.fetch_token(about["token_endpoint"], code=code, code_verifier=kept["verifier"])
        except OAuthError:
            raise OpenIdError("统一认证没有接受这次登录，请重新登录。") from None
        except OpenIdError:
            raise
        except Exception:
            raise OpenIdError("统一认证暂时没有应答，请稍后再试。") from None
        return self._vouched(str(token.get("id_token", "")), nonce=kept["nonce"])

    def _vouched(self, id_token: str, *, nonce: str) -> Vouched:
        """What a token says that is the provider's, for this site, now, and for this sign-in."""
        from joserfc import jwt  # noqa: PLC0415
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415

        try:
            keys = KeySet.import_key_set(self._ask(self._about()["jwks_uri"]))  # type: ignore[arg-type]
            claims = jwt.decode(id_token, keys, algorithms=list(_ALGORITHMS)).claims
            jwt.JWTClaimsRegistry(
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": self.options.issuer},
                aud={"essential": True, "value": self.options.client_id},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise OpenIdError("统一认证的应答不能核实，登录没有成功。") from None
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1:
            raise OpenIdError("统一认证的应答不是只给本站的，登录没有成功。")
        name = claims.get(self.options.claim)
        if self.options.claim == "email" and claims.get("email_verified") is not True:
            name = None
        if not isinstance(name, str) or not name.strip():
            raise OpenIdError(f"统一认证没有给出账号名（{self.options.claim}），请联系管理员。")
        return Vouched(subject=str(claims["sub"]), name=name)

    def _about(self) -> dict[str, Any]:
        """What the provider says about itself."""
        now = time.monotonic()
        if self._said is None or now - self._said[0] > _KEPT_S:
            said = self._ask(f"{self.options.issuer}/.well-known/openid-configuration")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if said.get("issuer") != self.options.issuer or any(not said.get(each) for each in wanted):
                raise OpenIdError("统一认证的设置与本站不符，请联系管理员。")
            self._said = (now, said)
        return self._said[1]

    def _ask(self, address: str) -> dict[str, Any]:
        import httpx2  # noqa: PLC0415

        try:
            answer = httpx2.get(address, timeout=_TIMEOUT_S)
            answer.raise_for_status()
            said = answer.json()
        except (httpx2.HTTPError, ValueError):
            raise OpenIdError("统一认证暂时没有应答，请稍后再试。") from None
        if not isinstance(said, dict):
            raise OpenIdError("统一认证的应答看不懂，请联系管理员。")
        return said

    def _client(self, back: str) -> OAuth2Client:
        from authlib.integrations.httpx_client import OAuth2Client  # noqa: PLC0415

        return OAuth2Client(
            client_id=self.options.client_id,
            client_secret=self.options.client_secret or None,
            token_endpoint_auth_method="client_secret_basic" if self.options.client_secret else "none",
            scope=_SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
        )
