"""The one error of this package: a sentence for the user."""


class ToolsError(Exception):
    """Something cannot be done; the message says what, where, and what helps."""
