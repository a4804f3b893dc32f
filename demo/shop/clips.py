"""A record's sound clip: six seconds of mono 16-bit WAV at 11,025 Hz, notes and drums in the manner of its genre.

The same record gives the same bytes at every start.
"""

import math
import random
import struct
from array import array
from dataclasses import dataclass

from demo.shop.record import Record

RATE = 11_025
SECONDS = 6
_LENGTH = RATE * SECONDS
_TABLE = 1024


@dataclass(frozen=True, slots=True)
class Manner:
    """How a genre sounds: beats per minute, scale in semitones, overtones of the voice, seconds that notes ring, drums.

    The pattern is sixteen steps: `k` kick, `s` snare, `h` hat, `.` nothing.
    """

    tempo: int
    scale: tuple[int, ...]
    overtones: tuple[float, ...]
    ring: float
    pattern: str
    root: float


_MANNERS: dict[str, Manner] = {
    "hip-hop": Manner(90, (0, 3, 5, 7, 10), (1.0, 0.5, 0.1), 0.22, "k.h.s.hkh.k.s.hh", 110.0),
    "flamenco": Manner(116, (0, 1, 4, 5, 7, 8, 10), (1.0, 0.6, 0.4, 0.3, 0.2), 0.30, "..s...s..s.s..s.", 164.8),
    "jazz": Manner(132, (0, 2, 3, 5, 7, 9, 10), (1.0, 0.2, 0.5, 0.1, 0.2), 0.38, "h.....h.h.....hh", 130.8),
    "rock": Manner(138, (0, 3, 5, 6, 7, 10), (1.0, 0.8, 0.7, 0.6, 0.5, 0.4), 0.34, "k.h.s.h.k.k.s.h.", 82.4),
    "electronica": Manner(124, (0, 2, 3, 7, 8), (1.0, 0.0, 0.33, 0.0, 0.2, 0.0, 0.14), 0.18, "k.h.k.h.k.h.k.hh", 98.0),
    "bolero-y-salsa": Manner(104, (0, 2, 4, 5, 7, 9, 11), (1.0, 0.35, 0.2, 0.1), 0.36, "h.khh.k.h.khs.k.", 146.8),
}


def _voice(overtones: tuple[float, ...]) -> list[float]:
    weight = sum(overtones)
    return [
        sum(share * math.sin(2 * math.pi * (place + 1) * step / _TABLE) for place, share in enumerate(overtones))
        / weight
        for step in range(_TABLE)
    ]


def _play(mix: list[float], start: int, voice: list[float], pitch: float, ring: float, volume: float) -> None:
    length = min(int(RATE * ring * 3), _LENGTH - start)
    step = pitch * _TABLE / RATE
    fall = math.exp(-1.0 / (RATE * ring))
    phase, loud = 0.0, volume
    for place in range(start, start + length):
        mix[place] += voice[int(phase) & (_TABLE - 1)] * loud
        phase += step
        loud *= fall


def _drum(mix: list[float], start: int, kind: str, dice: random.Random) -> None:
    length = min({"k": 1500, "s": 1200, "h": 320}[kind], _LENGTH - start)
    for place in range(length):
        share = 1.0 - place / length
        if kind == "k":
            mix[start + place] += 0.55 * share * math.sin(2 * math.pi * 95.0 * (place / RATE) * (0.45 + 0.55 * share))
        elif kind == "s":
            mix[start + place] += 0.26 * share * share * (dice.random() * 2 - 1)
        else:
            mix[start + place] += 0.12 * share * (dice.random() * 2 - 1)


def synthesise(record: Record) -> bytes:
    """The clip as a WAV file."""
    manner = _MANNERS[record.genre.slug]
    dice = random.Random(record.id * 104_729)
    tempo = manner.tempo + dice.randint(-8, 8)
    step = RATE * 60 / tempo / 4
    root = manner.root * 2 ** (dice.randint(-3, 4) / 12)
    melody, low = _voice(manner.overtones), _voice((1.0, 0.4, 0.15))
    phrase = [dice.randrange(len(manner.scale) + 3) for _ in range(8)]
    rhythm = [dice.random() < 0.62 for _ in range(16)]
    rhythm[0] = True
    mix = [0.0] * _LENGTH
    for beat in range(int(_LENGTH / step)):
        start = int(beat * step)
        kind = manner.pattern[beat % 16]
        if kind != ".":
            _drum(mix, start, kind, dice)
        if rhythm[beat % 16]:
            degree = phrase[(beat // 2 + beat // 16) % 8]
            octave, place = divmod(degree, len(manner.scale))
            pitch = root * 2 ** (1 + octave + manner.scale[place] / 12)
            _play(mix, start, melody, pitch, manner.ring, 0.30)
        if beat % 4 == 0:
            bass = manner.scale[(beat // 16 * 2) % len(manner.scale)] if beat % 8 else 0
            _play(mix, start, low, root * 2 ** (bass / 12), 0.3, 0.34)
    return _wav(mix)


def _wav(mix: list[float]) -> bytes:
    fade = RATE // 2
    loudest = max(map(abs, mix)) or 1.0
    scale = 28_000 / loudest
    samples = array("h", (int(value * scale) for value in mix))
    for place in range(fade):
        samples[_LENGTH - 1 - place] = samples[_LENGTH - 1 - place] * place // fade
    data = struct.pack(f"<{_LENGTH}h", *samples)
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(data),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        RATE,
        RATE * 2,
        2,
        16,
        b"data",
        len(data),
    )
    return head + data
