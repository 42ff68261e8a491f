"""Profiles as JSON objects, and back.

As in record_json.py, what a later version of this code may have written is no
error: it is passed over.
"""

import json

from serving.gateway.records.profile import Profile
from serving.gateway.records.profile import is_unicode


def encode_attributes(profile: Profile) -> bytes:
    """Encodes a profile, without its user.

    Raises:
        ValueError: a text is not Unicode.
    """
    return json.dumps(dict(profile), ensure_ascii=False).encode()


def encode_profile(user_id: str, profile: Profile) -> bytes:
    """Encodes a user's profile as a row of a users table.

    Raises:
        ValueError: a text is not Unicode.
    """
    return encode_attributes({"user_id": user_id, **profile})


def decode_profile(body: bytes | str) -> Profile:
    """Returns the profile of a JSON text.

    Names and values that are no texts, or not Unicode, are left out.
    """
    record = json.loads(body)
    if not isinstance(record, dict):
        return {}
    return {
        name: value
        for name, value in record.items()
        if isinstance(value, str) and is_unicode(name) and is_unicode(value)
    }
