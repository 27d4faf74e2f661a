"""Source without its comments, with everything else where it was, so that lines still count."""

import re


def blanked(text: str) -> str:
    """As many lines and columns, and nothing in them."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text: str, tokens: re.Pattern[str]) -> str:
    """A text without what `tokens` finds as its group `comment`.

    What else it finds, such as strings, stays: a comment may seem to begin there.
    """
    return tokens.sub(lambda found: blanked(found[0]) if found["comment"] else found[0], text)
