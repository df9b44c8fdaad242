"""The address of a customer's file. Importing this module brings in every area of it."""

from flask import request
from flask.typing import ResponseReturnValue

from credit_app.screens.access import allowed
from credit_app.screens.customers import blueprint
from credit_app.screens.file import (
    access,
    applications,
    contacts,
    contracts,
    documents,
    export,
    information,
    investigations,
    items,
    limits,
    master,
    overview,
    ratings,
    references,
    statements,
)
from credit_app.screens.file.opening import opened
from credit_app.screens.file.page import tab_page

AREAS = (
    access,
    applications,
    contacts,
    contracts,
    documents,
    export,
    information,
    investigations,
    items,
    limits,
    master,
    overview,
    ratings,
    references,
    statements,
)


@blueprint.get("/<number>")
@allowed("customer.list")
def show(number: str) -> ResponseReturnValue:
    """Show one tab of a customer's file."""
    return tab_page(opened(number), request.args.get("tab", "overview"))
