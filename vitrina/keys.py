"""Signing keys: from the environment, or a 0600 file made on the first run.

The format is one `kid:hex` a line (comma-separated in VITRINA_KEYS); the first signs and seals, all verify and open. A
key is rotated by putting a new line on top and removing the old one 13 months later, when cookies and profiles made
under it have expired. The line `customer:hex` makes customers' ids out of their addresses and stays for good. The line
`preview:hex` signs previews: another one ends those under way; without it they follow from the first key.
"""

import os
import secrets
import stat
from pathlib import Path

from visitors.cookie import Keyring
from vitrina.failures import BAD_CONFIG, Failure

ENVIRONMENT_NAME = "VITRINA_KEYS"
_KEY_BYTES = 32
_CUSTOMER = "customer"
_PREVIEW = "preview"


def load_keyring(path: Path) -> Keyring:
    """The keyring of this installation; makes the file when neither it nor the environment variable exists."""
    if text := os.environ.get(ENVIRONMENT_NAME):
        return _parse(text.replace(",", "\n"), ENVIRONMENT_NAME)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise Failure(f"{path}: readable by others (mode {mode:o}); chmod 600 it", BAD_CONFIG) from None
        return _parse(path.read_bytes().decode("ascii", "replace"), str(path))
    with os.fdopen(descriptor, "w") as file:
        for name in ("1", _CUSTOMER, _PREVIEW):
            file.write(f"{name}:{secrets.token_hex(_KEY_BYTES)}\n")
    return _parse(path.read_text("ascii"), str(path))


def _parse(text: str, source: str) -> Keyring:
    keys: list[tuple[str, bytes]] = []
    own: dict[str, bytes] = {}
    for number, line in enumerate(text.split(), 1):
        kid, _, secret = line.partition(":")
        try:
            key = bytes.fromhex(secret)
        except ValueError:
            key = b""
        if not kid.isalnum() or len(key) < _KEY_BYTES // 2:
            raise Failure(f"{source}:{number}: expected `kid:hex` with at least 32 hex digits", BAD_CONFIG)
        if kid in (_CUSTOMER, _PREVIEW):
            own[kid] = key
        else:
            keys.append((kid, key))
    if not keys:
        raise Failure(f"{source}: holds no key; remove it to have one made", BAD_CONFIG)
    try:
        return Keyring(tuple(keys), own.get(_CUSTOMER), own.get(_PREVIEW))
    except ValueError as error:
        raise Failure(f"{source}: {error}", BAD_CONFIG) from None
