"""The signed-in person of a request, and the decorator that closes a view to everybody else."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from credit_app.i18n import _
from credit_app.models import Person
from credit_app.screens.acting import may
from workflows.errors import NotAllowed

View = TypeVar("View", bound=Callable[..., Any])


def person() -> Person:
    """Return the signed-in person; only call it behind `allowed`."""
    # The row itself: flask-login's proxy would end up pointing at itself when signed in anew.
    return cast(Person, current_user._get_current_object())


def allowed(action: str) -> Callable[[View], View]:
    """Open a view to those who may `action`; the others sign in first or read that they may not."""

    def close(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return to_sign_in()
            check(action)
            return view(*args, **kwargs)

        return cast(View, guarded)

    return close


def check(action: str, obj: Any = None) -> None:
    """Raise NotAllowed unless the signed-in person may do this."""
    if not may(person(), action, obj):
        raise NotAllowed(_("Your roles do not include this. An administrator can tell you who may do it."))


def to_sign_in() -> Response:
    """Send to the sign-in page, and back here afterwards when this page can be opened by its address."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("auth.sign_in", next=back if back != "/" else None)
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target)
