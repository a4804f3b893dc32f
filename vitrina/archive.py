"""A backup as one file: a tar of what was taken and, at its end, a manifest with the checksum of each member.

Invariants: an archive appears under its name only when it is whole, and is readable by its owner alone (it holds the
keys). Nothing is taken out of one before all of it has been read and matches its manifest.
"""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import zstandard

from vitrina.failures import ANSWER_NO, BAD_CONFIG, Failure

VERSION: Final = 1
"""Of the archive's layout; docs/reference/formats.md."""
SUFFIXES: Final = (".tar.zst", ".tar.gz")
KEYS, REDIS, MANIFEST = "keys", "redis.msgpack", "manifest.json"
_SEGMENT = re.compile(r"spool/([0-9a-f]{32})/[0-9]{20}\.seg")
_BLOCK: Final = 1 << 20
_PACKED_BLOCK: Final = 1 << 16
_MOST_MANIFEST_BYTES: Final = 16 << 20


@dataclass(slots=True)
class Manifest:
    """What is in the archive. `format` is that of the data folder, `files` name → [bytes, SHA-256]."""

    backup: int
    program: str
    format: int
    created: float
    is_on: bool
    has_keys: bool
    profiles: int
    files: dict[str, list[Any]] = field(default_factory=dict)


class Writer:
    """Adds members; the manifest comes last."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar = tar
        self.manifest = manifest

    def add(self, name: str, content: IO[bytes]) -> int:
        """The rest of `content` as it is now (a file that grows is cut there); its size."""
        start = content.tell()
        size = content.seek(0, os.SEEK_END) - start
        content.seek(start)
        digest = hashlib.sha256()
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, _Hashing(content, digest))
        self.manifest.files[name] = [size, digest.hexdigest()]
        return size


class _Hashing(io.RawIOBase):
    def __init__(self, source: IO[bytes], digest: Any) -> None:
        self._source = source
        self._digest = digest

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._digest.update(data)
        return data


@contextmanager
def written(path: Path, manifest: Manifest) -> Iterator[Writer]:
    """An archive that is there under `path` when the block ends well, and not at all otherwise."""
    _check_name(path)
    if path.exists():
        raise Failure(f"{path}: exists already, and is not overwritten", BAD_CONFIG)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with _packing(path, file) as packing, tarfile.open(fileobj=packing, mode="w|") as tar:
                writer = Writer(tar, manifest)
                yield writer
                said = json.dumps(asdict(manifest), indent=1).encode()
                member = tarfile.TarInfo(MANIFEST)
                member.size, member.mode = len(said), 0o600
                tar.addfile(member, io.BytesIO(said))
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # refuses to overwrite, whatever came there meanwhile
    except FileExistsError:
        raise Failure(f"{path}: exists already, and is not overwritten", BAD_CONFIG) from None
    finally:
        part.unlink(missing_ok=True)


def verified(path: Path) -> Manifest:
    """Read all of it. Failure in one line when it is no backup, damaged, cut short or of a newer version."""
    _check_name(path)
    found: dict[str, list[Any]] = {}
    manifest: Manifest | None = None
    with _damage_told(path):
        for member, content in members(path):
            if member == MANIFEST:
                manifest = _manifest(path, content.read(_MOST_MANIFEST_BYTES))
                continue
            digest, size = hashlib.sha256(), 0
            while block := content.read(_BLOCK):
                digest.update(block)
                size += len(block)
            found[member] = [size, digest.hexdigest()]
    if manifest is None:
        raise _damaged(path, "its manifest is missing: it was cut short, or is no backup of Vitrina")
    if manifest.files != found:
        wrong = sorted(name for name in manifest.files.keys() | found if manifest.files.get(name) != found.get(name))
        raise _damaged(path, f"{wrong[0]} is not what the manifest says")
    return manifest


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each member, in order; a name that no backup has is a Failure."""
    with path.open("rb") as file, _unpacking(path, file) as unpacking:
        with tarfile.open(fileobj=unpacking, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or not (member.name in (KEYS, REDIS, MANIFEST) or _SEGMENT.fullmatch(member.name)):
                    raise _damaged(path, f"has {member.name[:80]!r}, which is no part of a backup")
                yield member.name, content
        while unpacking.read(_BLOCK):  # up to the checksum of gzip or zstd itself
            pass


def spool_of(member: str) -> str | None:
    """The spool's id, when the member is a segment."""
    found = _SEGMENT.fullmatch(member)
    return found[1] if found else None


def _manifest(path: Path, data: bytes) -> Manifest:
    try:
        fields = json.loads(data)
        version = fields["backup"]
        if version > VERSION:
            raise Failure(
                f"{path}: a backup of layout {version}, made by Vitrina {fields.get('program')}; this one knows up to "
                f"{VERSION}: restore it with a newer Vitrina",
                ANSWER_NO,
            )
        known = {name: fields[name] for name in Manifest.__dataclass_fields__}
        return Manifest(**known)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, f"its manifest cannot be read ({error})") from None


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise Failure(f"{path}: no such file", BAD_CONFIG) from None
    except (tarfile.TarError, zstandard.ZstdError, zlib.error, gzip.BadGzipFile, EOFError) as error:
        raise _damaged(path, " ".join(str(error).split()) or type(error).__name__) from None


def _damaged(path: Path, why: str) -> Failure:
    return Failure(f"{path}: damaged, nothing was restored: {why}", ANSWER_NO)


def _check_name(path: Path) -> None:
    if not path.name.endswith(SUFFIXES):
        raise Failure(f"{path}: name it …{' or …'.join(SUFFIXES)}", BAD_CONFIG)


def _packing(path: Path, file: IO[bytes]) -> Any:
    if path.name.endswith(".gz"):
        return gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, filename="")
    return zstandard.ZstdCompressor(level=6, write_checksum=True).stream_writer(file, closefd=False)


def _unpacking(path: Path, file: IO[bytes]) -> Any:
    if path.name.endswith(".gz"):
        return gzip.GzipFile(fileobj=file, mode="rb")
    return _Frame(file)


class _Frame:
    """The content of a zstd frame. One that is cut short is an error: to the library's own reader it is just an end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._content = b""
        self._at = 0

    def __enter__(self) -> "_Frame":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end of the frame. EOFError where the file ends before that."""
        while self._at == len(self._content) and not self._frame.eof:
            packed = self._file.read(_PACKED_BLOCK)
            if not packed:
                raise EOFError("it ends in the middle")
            self._content, self._at = self._frame.decompress(packed), 0
        taken = self._content[self._at : self._at + size]
        self._at += len(taken)
        return taken
