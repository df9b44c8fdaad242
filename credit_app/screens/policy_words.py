"""Where a policy figure comes from, in the reader's language: what the program says of its own figures."""

from collections.abc import Iterator

from credit_app.domain.default_policy import DEFAULT_POLICY
from credit_app.domain.policy_figure import CHECK, RULES
from credit_app.i18n import _

ORIGINS = (CHECK.strip(), RULES.strip())


def parts(source: str) -> list[str]:
    """Return a source in the parts that are translated one by one: who vouches for the figure, and what it is."""
    for origin in ORIGINS:
        if source.startswith(origin):
            return [origin, source.removeprefix(origin).strip()]
    return [source]


def source_said(source: str) -> str:
    """Return the source of a policy figure; what a company wrote itself stays as it is written."""
    first, *rest = [_(part) for part in parts(source)]
    return _("%(origin)s %(figure)s", origin=first, figure=rest[0]) if rest else first


def texts() -> Iterator[str]:
    """Yield every text of the shipped policy that there is to translate."""
    for figure in DEFAULT_POLICY.values():
        yield from parts(figure.source)
