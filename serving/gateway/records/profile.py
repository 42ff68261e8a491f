"""What is known of a user, by the names of the dataset's attributes."""

from collections.abc import Mapping

from schemas.profile_text import write_number
from serving.gateway.records.event import MAX_ID_LENGTH

MAX_ATTRIBUTES = 64  # of one user
Profile = Mapping[str, str]


def read_profile(told: Mapping[str, str | float]) -> Profile:
    """Writes values as training wrote them: 35.0 as "35".

    Args:
        told: value by name.

    Raises:
        ValueError: there are too many, a name is empty, too long or holds
            "=", or is the user's id; a value is empty or too long; or one of
            them is not Unicode.
    """
    if len(told) > MAX_ATTRIBUTES:
        raise ValueError(
            f"a profile must have at most {MAX_ATTRIBUTES} attributes. "
            f"Received: {len(told)}."
        )
    profile = {}
    for name, value in told.items():
        text = value if isinstance(value, str) else write_number(value)
        if not 0 < len(name) <= MAX_ID_LENGTH or "=" in name:
            raise ValueError(
                "an attribute's name must have 1 to "
                f"{MAX_ID_LENGTH} characters, and none of them =. "
                f"Received: {name[:64]!r}."
            )
        if name == "user_id":
            raise ValueError(
                "an attribute must not be called user_id. Received: it is."
            )
        if not 0 < len(text) <= MAX_ID_LENGTH:
            raise ValueError(
                f"the value of {name!r} must have 1 to {MAX_ID_LENGTH} "
                f"characters. Received: {len(text)}."
            )
        profile[name] = text
    for one in (*profile, *profile.values()):
        if not is_unicode(one):
            raise ValueError(
                "names and values of a profile must be Unicode. "
                f"Received: {one[:64]!a}."
            )
    return profile


def is_unicode(text: str) -> bool:
    """Tells whether UTF-8 has a text: of half a surrogate pair it has none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
