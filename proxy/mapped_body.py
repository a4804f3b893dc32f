"""A text body that streams with the origin's URLs under the public name.

Invariant: what is not of its coding at all goes out as it came; one that breaks later breaks the exchange off.
"""

from proxy.codings import CodingError, StreamDecoder, is_decodable
from proxy.exchange_state import ExchangeState, FieldList
from proxy.framing.body_framing import UNTIL_CLOSE, BodyFraming, NoBody
from proxy.framing.head import ResponseHead
from proxy.public_urls import PublicUrls

_OF_THE_BYTES = frozenset(
    b"""content-length content-encoding accept-ranges content-md5 digest content-digest repr-digest""".split()
)


def of_other_bytes(fields: FieldList) -> FieldList:
    """The fields without those of the origin's very bytes: only URLs were mapped, so validators stay."""
    return [field for field in fields if field[0].lower() not in _OF_THE_BYTES]


class MappedBody:
    """Streams a text body with the origin's URLs under the public name."""

    __slots__ = ("_decoder", "_exchange", "_fields", "_is_raw", "_stream", "is_held")

    def __init__(self, exchange: ExchangeState, coding: bytes | None, urls: PublicUrls) -> None:
        self.is_held = False
        self._exchange = exchange
        self._decoder = StreamDecoder(coding)
        self._stream = urls.stream()
        self._is_raw = False
        self._fields: FieldList = []

    @classmethod
    def of(cls, exchange: ExchangeState, head: ResponseHead, urls: PublicUrls) -> "MappedBody | None":
        """None when the coding is not known here."""
        coding = head.index.get(b"content-encoding")
        return cls(exchange, coding, urls) if is_decodable(coding) else None

    def described(self, fields: FieldList) -> FieldList:
        """The fields of what goes out."""
        self._fields = fields
        return of_other_bytes(fields)

    def feed(self, parts: list[bytes]) -> list[bytes]:
        """What is certain so far.

        What is not of its coding at all goes out as it came; one that breaks later breaks the exchange off, as a
        truncated body does.
        """
        if self._is_raw:
            return parts
        try:
            pieces = self._decoder.feed(parts)
        except CodingError:
            if self._exchange.out_framing is not None:
                raise
            self._is_raw = True
            self._exchange.fields = self._fields
            return parts
        mapped = [self._stream.feed(piece) for piece in pieces]
        return [piece for piece in mapped if piece]

    def end(self, parts: list[bytes]) -> None:
        """The rest."""
        try:
            rest = self.feed(parts)
            if not self._is_raw:
                self._decoder.end()
        except CodingError as error:
            self._exchange.break_off(str(error))
            return
        last = b"" if self._is_raw else self._stream.end()
        self._exchange.conclude([*rest, last] if last else rest)

    def framing_of(self, framing: BodyFraming) -> BodyFraming:
        """Of unknown length, unless it goes out as it came."""
        return framing if self._is_raw or isinstance(framing, NoBody) else UNTIL_CLOSE
