"""Which part of an item is still disputed or promised when less of it is open than was marked."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

# Who pays pays first what they do not dispute, and what they promised before that: the dispute stands longest.
ORDER = ("disputed", "promised")


def standing(open_amount: Decimal, marks: Iterable[tuple[int, str, Decimal]]) -> Mapping[int, Decimal]:
    """What is still open of each mark (id, kind, amount >= 0): together never more than `open_amount`."""
    left = max(open_amount, Decimal(0))
    found: dict[int, Decimal] = {}
    for mark, _kind, amount in sorted(marks, key=lambda one: (ORDER.index(one[1]), one[0])):
        found[mark] = min(amount, left)
        left -= found[mark]
    return found
