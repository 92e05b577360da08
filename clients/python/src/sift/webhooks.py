"""Checks that a callback really comes from your server (Standard Webhooks scheme)."""

import base64
import hashlib
import hmac
import time


class InvalidSignature(Exception):
    """The callback is not signed with any of the secrets, or is too old."""


def verify(secrets, headers, body, tolerance=300, now=None):
    """Raises InvalidSignature unless `body` (bytes) carries a valid signature.

    `secrets` is one secret or a list of them (`whsec_` + base64), `headers` the request's headers, `tolerance` the greatest age in seconds.
    """
    lower = {str(name).lower(): value for name, value in dict(headers).items()}
    message_id, timestamp, signatures = (lower.get('webhook-' + part) for part in ('id', 'timestamp', 'signature'))
    if not (message_id and timestamp and signatures):
        raise InvalidSignature('the webhook-id, webhook-timestamp or webhook-signature header is missing')
    try:
        age = (time.time() if now is None else now) - int(timestamp)
    except ValueError:
        raise InvalidSignature('webhook-timestamp is not a number') from None
    if abs(age) > tolerance:
        raise InvalidSignature('the callback is %d seconds old' % age)
    signed = message_id.encode() + b'.' + timestamp.encode() + b'.' + body
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        key = base64.b64decode(secret[6:] if secret.startswith('whsec_') else secret)
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        for part in signatures.split():
            version, _, given = part.partition(',')
            if version == 'v1' and hmac.compare_digest(given.encode(), expected.encode()):
                return
    raise InvalidSignature('no signature matches')
