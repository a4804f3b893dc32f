"""text: a message in place of a placement's content, or beside or inside it."""

from collections.abc import Iterator, Sequence

from config.errors import Problem
from config.settings import Experience, Settings
from decisions.decision import Choice
from transforms.complaints import problem
from transforms.message import PERSONAL_FIELDS, filled, message_problems, missing, names_in, profile_values
from transforms.page.edits import Edit, Text
from transforms.targets import Where, insertion, replacement, where, where_problem
from transforms.transform import Dependence, NotShown, PageInput

DEFAULT: Where = "replace"


class MessageText:
    """`text = "Hola, {first_name}"`, with `insert` (replace unless said otherwise). It can never become markup."""

    key = "text"
    keys = ("text", "insert")

    def depends_on(self, experience: Experience, settings: Settings) -> Dependence:
        """The names in the message."""
        return names_in(str(experience.settings["text"]))

    def claim(self, experience: Experience) -> str | None:
        """Replacing content is for one experience; inserts get along."""
        return "content" if where(experience, DEFAULT) == "replace" else None

    def problems(self, experience: Experience, settings: Settings) -> Sequence[Problem]:
        """A message that is no text, unknown placeholders, an `insert` that the placement has no room for."""
        return [problem(experience, settings, key, message) for key, message in self._found(experience, settings)]

    def _found(self, experience: Experience, settings: Settings) -> Iterator[tuple[str, str]]:
        text = experience.settings["text"]
        if not isinstance(text, str) or not text.strip():
            yield "text", f"found {text!r}; a message is expected"
        else:
            for message in message_problems(text, PERSONAL_FIELDS):
                yield "text", message
        wrong = where_problem(experience, settings, DEFAULT)
        if wrong is not None:
            yield "insert", wrong

    def edits(self, choice: Choice, given: PageInput) -> Sequence[Edit] | NotShown:
        """One edit with the filled message; not shown when a value is missing."""
        experience = choice.experience
        message = str(experience.settings["text"])
        values = profile_values(given.profile)
        text = filled(message, values)
        if text is None:
            return NotShown("NOT_TARGETED", f"no value for {missing(message, values)}")
        position = where(experience, DEFAULT)
        if position == "replace":
            return [replacement(choice, text)]
        return [insertion(choice, given, position, Text(text))]
