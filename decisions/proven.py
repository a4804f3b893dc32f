"""Names and addresses are for the person who proved in this very session that they are theirs (DESIGN 6).

Invariant: nothing downstream of `proven` can show or test a name of a visitor who has not signed in, whatever the
configuration says.
"""

from visitors.profile import Profile
from visitors.visitor import Visitor

PERSONAL = ("first_name", "last_name", "email")
"""Fields of a profile that say who somebody is."""


def proven(profile: Profile | None, visitor: Visitor) -> Profile | None:
    """The profile as far as this visitor may see it: without `PERSONAL` fields unless it is theirs, signed in."""
    if profile is None or (visitor.logged_in and profile.id == visitor.profile):
        return profile
    if profile.first_name is None and profile.last_name is None and profile.email is None:
        return profile
    return profile._replace(first_name=None, last_name=None, email=None)
