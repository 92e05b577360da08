"""Capability tokens: what a browser may do, signed with the account's auth token (JSON Web Token, HS256)."""

import base64
import hashlib
import hmac
import json
import time
from urllib.parse import quote, urlencode


class GridspaceCapability:
    """Collects permissions for one browser client and mints the token that carries them.

    >>> capability = GridspaceCapability(ACCOUNT_ID, AUTH_TOKEN)
    >>> capability.allow_client_incoming('alice')
    >>> capability.allow_client_outgoing(application_id)
    >>> token = capability.generate(expires=600)

    The auth token signs the capability and cannot be read from it.
    """

    def __init__(self, account_id, auth_token):
        self._account_id = account_id
        self._auth_token = auth_token
        self._client_name = None
        self._outgoing = None

    def allow_client_incoming(self, client_name):
        """Lets the browser receive calls under this name, which must be unique within the account."""
        if not client_name:
            raise ValueError('client_name must not be empty')
        self._client_name = client_name

    def allow_client_outgoing(self, application_id, **kwargs):
        """Lets the browser call the application; keyword arguments reach it in the connection's client_data."""
        if not application_id:
            raise ValueError('application_id must not be empty')
        self._outgoing = (application_id, kwargs)

    def payload(self):
        """The claims of a token minted now, without the times."""
        return {'iss': self._account_id, 'scope': ' '.join(self._scopes())}

    def generate(self, expires=3600):
        """Returns a token that is valid for that many seconds."""
        now = int(time.time())
        claims = dict(self.payload(), iat=now, exp=now + expires)
        head = _segment({'typ': 'JWT', 'alg': 'HS256'})
        signed = head + b'.' + _segment(claims)
        signature = hmac.new(self._auth_token.encode('utf-8'), signed, hashlib.sha256).digest()
        return (signed + b'.' + _encode(signature)).decode('ascii')

    def _scopes(self):
        if self._client_name is not None:
            yield 'scope:client:incoming?' + urlencode({'clientName': self._client_name}, quote_via=quote)
        if self._outgoing is not None:
            application_id, parameters = self._outgoing
            fields = {'appSid': application_id}
            if parameters:
                fields['appParams'] = urlencode(parameters, quote_via=quote)
            if self._client_name is not None:
                fields['clientName'] = self._client_name
            yield 'scope:client:outgoing?' + urlencode(fields, quote_via=quote)


def _segment(value):
    return _encode(json.dumps(value, separators=(',', ':')).encode('utf-8'))


def _encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=')
