"""A scorecard model as it is typed: weights as numbers, bands as a ladder, levels as a table; and back again."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from credit_app.domain.policy_shape import LADDER, NUMBER, TABLE, Shape, in_order, read, typed
from credit_app.domain.scorecard_models import DIMENSIONS, LEVELS

Model = Mapping[str, Any]


def fields_of(model: Model) -> dict[str, str]:
    """Field name -> what stands in it: `d-<dimension>`, `judgement`, `w-<indicator>`, `b-<indicator>`."""
    found = {f"d-{name}": str(weight) for name, weight in in_order(model["dimensions"], DIMENSIONS).items()}
    found["judgement"] = str(model["judgement"])
    for indicator in model["indicators"]:
        found[f"w-{indicator['key']}"] = str(indicator["weight"])
        if indicator.get("bands"):
            found[f"b-{indicator['key']}"] = typed(
                [[high, share] for _low, high, share in indicator["bands"]], LADDER_
            )
        elif indicator.get("levels"):
            found[f"b-{indicator['key']}"] = typed(in_order(indicator["levels"], LEVELS), TABLE_)
    return found


def with_fields(model: Model, given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Exception]]:
    """The model with what was typed, one version on where anything differs; and by field what could not be read."""
    made, wrong = deepcopy(dict(model)), dict[str, Exception]()

    def value(name: str, shape: Shape, present: Any) -> Any:
        try:
            return read(given[name], shape) if name in given else present
        except ValueError as error:
            wrong[name] = error
            return present

    for name, weight in model["dimensions"].items():
        made["dimensions"][name] = value(f"d-{name}", NUMBER_, weight)
    made["judgement"] = value("judgement", NUMBER_, model["judgement"])
    for indicator in made["indicators"]:
        key = indicator["key"]
        indicator["weight"] = value(f"w-{key}", NUMBER_, indicator["weight"])
        if indicator.get("bands"):
            ladder = value(f"b-{key}", LADDER_, [[high, share] for _low, high, share in indicator["bands"]])
            lows = [None, *(high for high, _share in ladder)]
            indicator["bands"] = [
                [low, high, share] for low, (high, share) in zip(lows, ladder, strict=False)
            ]
        elif indicator.get("levels"):
            indicator["levels"] = value(f"b-{key}", TABLE_, indicator["levels"])
    if made != model:
        made["version"] = model["version"] + 1
    return made, wrong


NUMBER_ = Shape(NUMBER)
LADDER_ = Shape(LADDER)
TABLE_ = Shape(TABLE, inner=NUMBER)
