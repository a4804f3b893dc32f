"""E-mail addresses at rest: sealed before they enter a click, so that neither spool, streams, profiles nor a backup
of them shows one without the keys of the installation.

AES-SIV (RFC 5297): authenticated and deterministic, so no randomness is needed and the same address seals alike under
the same key. The text is `s1.KEY.BASE64`; the AES key is derived from the signing key by HMAC-SHA512, so one key file
is all there is.
"""

import base64
import binascii
import functools
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from visitors.cookie import Keyring

_PREFIX = "s1"
_PURPOSE = b"vitrina sealed e-mail"


def seal(keyring: Keyring, text: str) -> str:
    """`text` sealed under the first key of the ring."""
    key_id, key = keyring.keys[0]
    sealed = _cipher(key).encrypt(text.encode("utf-8"), [_PURPOSE])
    return f"{_PREFIX}.{key_id}.{base64.urlsafe_b64encode(sealed).decode('ascii')}"


def unseal(keyring: Keyring, sealed: str) -> str | None:
    """What was sealed; None when it is no sealed text or its key is gone."""
    prefix, _, rest = sealed.partition(".")
    key_id, _, text = rest.partition(".")
    key = keyring.key(key_id)
    if prefix != _PREFIX or key is None:
        return None
    try:
        return _cipher(key).decrypt(base64.urlsafe_b64decode(text), [_PURPOSE]).decode("utf-8")
    except (InvalidTag, binascii.Error, ValueError):
        return None


@functools.lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESSIV:
    return AESSIV(hmac.new(key, _PURPOSE, hashlib.sha512).digest())
