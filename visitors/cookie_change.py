"""What becomes of our cookie in a browser: set, renewed or deleted; and the header that says so."""

from dataclasses import dataclass

from visitors.cookie import COOKIE_NAME, MAX_AGE_S, Keyring, VisitorCookie, encode_cookie


@dataclass(frozen=True, slots=True)
class CookieChange:
    """The cookie to set (None: delete it). `profile` is whose click this exchange is: after a login the customer's.

    `merged_from`: on login, the browser's anonymous profile whose history joins the customer's.
    """

    value: VisitorCookie | None
    merged_from: str | None = None
    profile: str | None = None


def set_cookie(keyring: Keyring, change: CookieChange, secure: bool) -> str:
    """The Set-Cookie value. `secure` on https. The response that carries it must be private (DESIGN 10)."""
    attributes = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
    if change.value is None:
        return f"{COOKIE_NAME}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; {attributes}"
    return f"{COOKIE_NAME}={encode_cookie(keyring, change.value)}; Max-Age={MAX_AGE_S}; {attributes}"
