"""Who was erased, and when: hashes of profile ids in one small file of the data folder, which no backup contains.

Invariants: nothing here names anybody (ids are random or HMACs, and only their hashes are kept); a line is on disk
before anything is erased; what a replay or a restored backup brings of before the mark is refused or blanked.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

_HEX_CHARS = 32


def digest(profile_id: str) -> str:
    """The hash under which an erased profile is remembered: 128 bits as hexadecimal digits."""
    return blake2b(profile_id.encode("utf-8", "surrogatepass"), digest_size=_HEX_CHARS // 2).hexdigest()


@dataclass(slots=True)
class Tombstones:
    """The file, read once and appended to; `look` sees what other processes appended."""

    path: Path
    keep_s: float
    """Marks go after so long: profiles and backups of before are over then."""
    marks: dict[str, float] = field(default_factory=dict)
    """Hash → Unix seconds up to which everything of that visitor is erased."""
    latest: float = 0.0
    _offset: int = 0

    def look(self) -> None:
        """Read what is new; a missing file holds nothing."""
        try:
            with self.path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._offset:  # made smaller by `compact`
                    self._offset = 0
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.decode("ascii", "replace").splitlines():
            name, _, at = line.partition(" ")
            try:
                self._note(name, float(at))
            except ValueError:
                continue  # torn by a power cut

    def add(self, digests: Iterable[str], at: float) -> None:
        """Remember these; on disk when this returns. OSError when the file cannot be written."""
        lines = "".join(f"{name} {at!r}\n" for name in digests if self.marks.get(name, 0.0) < at)
        if not lines:
            return
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, lines.encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.look()

    def refuses(self, profile_id: str | None, at: float) -> bool:
        """What this visitor did at that time is erased."""
        return profile_id is not None and at <= self.latest and at <= self.marks.get(digest(profile_id), 0.0)

    def compact(self, now: float) -> None:
        """Forget marks that are over, in the file too."""
        self.look()
        kept = {name: at for name, at in self.marks.items() if at > now - self.keep_s}
        if len(kept) == len(self.marks):
            return
        fresh = self.path.with_suffix(".new")
        fresh.write_text("".join(f"{name} {at!r}\n" for name, at in kept.items()), "ascii")
        fresh.chmod(0o600)
        fresh.replace(self.path)
        self.marks, self._offset = {}, 0
        self.look()

    def _note(self, name: str, at: float) -> None:
        if len(name) != _HEX_CHARS:
            return
        self.marks[name] = max(at, self.marks.get(name, 0.0))
        self.latest = max(self.latest, at)
