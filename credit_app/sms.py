"""Short messages over the HTTP interface of a gateway: one POST of JSON, a bearer token, no redirects followed."""

import http.client
import json
import urllib.error
import urllib.request
from typing import IO, Any

from credit_app.config import Config

CHANNEL = "sms"
TIMEOUT_SECONDS = 20
LONGEST_ANSWER = 10_000


class SmsRefused(Exception):
    """The gateway did not take the message; the text says what it answered. The outbox tries again later."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another address."""

    def redirect_request(
        self, _request: Any, _file: IO[bytes], _code: int, _message: str, _headers: Any, _address: str
    ) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect())


def send(config: Config, number: str, text: str, reference: str, key: str) -> None:
    """Hand a message to the gateway of SMS_URL.

    `number` is E.164; `reference` comes back in the report of delivery; `key` is the same at every attempt, so that the
    gateway can drop a repetition. Raises SmsRefused.
    """
    body = {"to": number, "from": config.sms_sender, "text": text, "reference": reference}
    request = urllib.request.Request(  # noqa: S310 (Config takes http and https only)
        config.sms_url,
        data=json.dumps(body).encode(),
        method="POST",
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {config.sms_token}",
            "Idempotency-Key": key,
        },
    )
    try:
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(LONGEST_ANSWER)
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(LONGEST_ANSWER).decode("utf-8", "replace")
        raise SmsRefused(f"The SMS gateway answered {error.code}: {said[:200]}") from None
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        raise SmsRefused(f"The SMS gateway cannot be reached: {reason}") from None
