"""What a backup may be called: its key, which is also a folder of the store."""

import re

RULE = "use up to 100 letters, digits and ._-, and begin with a letter or digit"
"""The remedy for a text that is no key."""
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def is_key(text: str) -> bool:
    """Whether a backup can have this key."""
    return _KEY.fullmatch(text) is not None
