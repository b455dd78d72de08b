"""What the site signs: cookies, form tokens, and the state of a sign-in elsewhere. All of it expires."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

SESSION_COOKIE = "auditor_session"
VISITOR_COOKIE = "auditor_visitor"
OPENID_COOKIE = "auditor_openid"


class Signer:
    """Signs with the store's key (`auditor.store.site_key`)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, value: Any, *, what: str) -> str:
        """A value as text that only this site can have made."""
        return str(self._serializer(what).dumps(value))

    def unseal(self, text: str | None, *, what: str, max_age_s: float) -> Any | None:
        """What was sealed; None: not by this site, changed, for something else, or too old."""
        if not text or len(text) > 4096:
            return None
        try:
            return self._serializer(what).loads(text, max_age=int(max_age_s))
        except BadData:
            return None

    def form_token(self, token: str) -> str:
        """What forms of this session (or of this visitor before he signs in) have to send along."""
        return hmac.new(self._key, b"form\n" + token.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, given: str, *, token: str) -> bool:
        """Whether a form came from one of this session's pages."""
        return hmac.compare_digest(
            given.encode("utf-8", "surrogateescape"), self.form_token(token).encode("ascii")
        )

    def _serializer(self, what: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._key, salt=f"auditor {what}")


def new_token() -> str:
    """A token nobody guesses."""
    return secrets.token_urlsafe(32)
