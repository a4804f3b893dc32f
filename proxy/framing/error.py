"""The one error of this package."""


class FramingError(Exception):
    """A message that must not be understood.

    `status` answers it: 400, 405, 414, 431, 501 or 505 for a request (then close the connection), 502 for a response.
    `reason` says what was found, in words that are safe to log: it never quotes the message.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason
