"""Arguments as inputs and back."""

from actions.arguments import in_order, numbered


def test_arguments_by_number_and_back() -> None:
    assert numbered(["put", ""]) == {"1": "put", "2": ""}
    many = [f"argument {number}" for number in range(12)]
    assert in_order(dict(sorted(numbered(many).items()))) == many
    assert in_order(numbered([])) == []
