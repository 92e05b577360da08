import base64
import hashlib
import hmac
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / 'src'))

import sift  # noqa: E402


def claims(token):
    part = token.split('.')[1]
    return json.loads(base64.urlsafe_b64decode(part + '=' * (-len(part) % 4)))


class CapabilityTests(unittest.TestCase):
    def test_a_token_carries_both_permissions_and_a_valid_signature(self):
        capability = sift.GridspaceCapability('1122334455667788', 'secret')
        capability.allow_client_incoming('alice b')
        capability.allow_client_outgoing('0f1e2d3c4b5a6978', plan='gold')

        token = capability.generate(expires=60)

        self.assertEqual('1122334455667788', claims(token)['iss'])
        self.assertEqual(60, claims(token)['exp'] - claims(token)['iat'])
        self.assertEqual(
            'scope:client:incoming?clientName=alice%20b '
            'scope:client:outgoing?appSid=0f1e2d3c4b5a6978&appParams=plan%3Dgold&clientName=alice%20b',
            claims(token)['scope'])
        signed, _, signature = token.rpartition('.')
        expected = base64.urlsafe_b64encode(hmac.new(b'secret', signed.encode(), hashlib.sha256).digest()).rstrip(b'=')
        self.assertEqual(expected.decode(), signature)

    def test_without_permissions_the_scope_is_empty(self):
        self.assertEqual('', sift.GridspaceCapability('a', 'b').payload()['scope'])

    def test_the_auth_token_is_not_in_the_token(self):
        self.assertNotIn(base64.b64encode(b'secret').decode().rstrip('='), sift.GridspaceCapability('a', 'secret').generate())


class WebhookTests(unittest.TestCase):
    SECRET = 'whsec_' + base64.b64encode(b'0123456789abcdef0123456789abcdef').decode()

    def headers(self, body, timestamp='1700000000'):
        key = base64.b64decode(self.SECRET[6:])
        digest = hmac.new(key, b'id1.' + timestamp.encode() + b'.' + body, hashlib.sha256).digest()
        return {'Webhook-Id': 'id1', 'Webhook-Timestamp': timestamp, 'Webhook-Signature': 'v1,' + base64.b64encode(digest).decode()}

    def test_accepts_what_the_server_signed(self):
        sift.verify([self.SECRET], self.headers(b'{}'), b'{}', now=1700000010)

    def test_refuses_a_changed_body_an_old_message_and_missing_headers(self):
        for headers, body, now in (
                (self.headers(b'{}'), b'{ }', 1700000010),
                (self.headers(b'{}'), b'{}', 1700009999),
                ({}, b'{}', 1700000010)):
            with self.assertRaises(sift.InvalidSignature):
                sift.verify(self.SECRET, headers, body, now=now)


if __name__ == '__main__':
    unittest.main()
