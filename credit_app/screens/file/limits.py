"""Limits of a customer, the present ones and those before."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.models import CreditLimit
from credit_app.screens.file.opening import Opened
from credit_app.screens.file.page import reads

MOST = 200


@reads("limits")
def read(file: Opened, _forms: Mapping[str, Any]) -> dict[str, Any]:
    """The limits, newest first."""
    query = select(CreditLimit).where(CreditLimit.customer_id == file.customer.id)
    query = query.options(joinedload(CreditLimit.application))
    newest = query.order_by(CreditLimit.valid_from.desc(), CreditLimit.id.desc()).limit(MOST)
    return {"limits": list(db.session.scalars(newest))}
