"""Verifies Pennypost's webhooks. It needs nothing but Python, and follows Standard Webhooks (standardwebhooks.com), whose libraries do the same."""

import base64
import hashlib
import hmac
import json
import time

# How far the sender's clock and ours may be apart: an older delivery may be one that somebody recorded.
TOLERANCE_SECONDS = 300


class WebhookError(Exception):
    """Not Pennypost's, not this webhook's, or too old. Answer 401, and believe nothing of it."""


def verify_webhook(secret, headers, body, tolerance=TOLERANCE_SECONDS, now=None):
    """Returns the event of a delivery, as a dict; raises WebhookError.

    secret: `whsec_...`, or several while one is changed. headers: of the request, looked up by name whatever their case.
    body: its bytes as they came, before anything parsed them.
    """
    given = {str(name).lower(): value for name, value in headers.items()}
    try:
        id_, timestamp, signatures = (given["webhook-" + name] for name in ("id", "timestamp", "signature"))
        sent = int(timestamp)
    except (KeyError, ValueError):
        raise WebhookError("no webhook-id, webhook-timestamp or webhook-signature") from None
    if abs((time.time() if now is None else now) - sent) > tolerance:
        raise WebhookError("too old, or the clocks are apart")
    signed = f"{id_}.{timestamp}.".encode() + body
    for one in [secret] if isinstance(secret, str) else secret:
        key = base64.b64decode(one.removeprefix("whsec_"))
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(expected.encode(), candidate.encode()) for candidate in signatures.split(" ")):
            return json.loads(body)
    raise WebhookError("no signature by this secret")
