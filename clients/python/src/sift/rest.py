"""The REST API in a few calls. Field names are those of the API; see docs/api."""

import base64
import json
import urllib.error
import urllib.request
import uuid


class SiftError(Exception):
    """The server refused a request. `status` is the HTTP status, `problem` the RFC 9457 body, `errors` the fields at fault."""

    def __init__(self, status, problem):
        self.status = status
        self.problem = problem
        self.errors = problem.get('errors', {})
        fields = '; '.join('%s: %s' % (name, ' '.join(messages)) for name, messages in self.errors.items())
        super().__init__('%s %s %s' % (status, problem.get('detail') or problem.get('title') or '', fields))


class Client:
    """Speaks to one server with one account's credentials."""

    def __init__(self, account_id, auth_token, base_url='http://127.0.0.1:8080/v0', timeout=30):
        self._base = base_url.rstrip('/')
        credentials = '%s:%s' % (account_id, auth_token)
        self._authorization = 'Basic ' + base64.b64encode(credentials.encode('utf-8')).decode('ascii')
        self._timeout = timeout

    def create_application(self, name, **fields):
        return self._call('POST', '/applications', dict(fields, name=name))

    def call(self, phone_number, status_url=None, idempotency_key=None, **fields):
        """Places a call and returns the connection. A repeated call with the same key places no second one."""
        if status_url is not None:
            fields['status_url'] = status_url
        return self._call('POST', '/connections', dict(fields, phone_number=phone_number),
                          {'Idempotency-Key': idempotency_key or uuid.uuid4().hex})

    def connection(self, connection_id):
        return self._call('GET', '/connections/' + connection_id)

    def connections(self):
        """All connections, newest first, fetched page by page."""
        return self._pages('/connections')

    def hang_up(self, connection_id):
        return self._call('POST', '/connections/' + connection_id, {'status': 'finished'})

    def run(self, connection_id, routine):
        """Replaces what the connection is doing by another routine."""
        return self._call('POST', '/connections/' + connection_id, {'routine': routine})

    def available_numbers(self, country_code='US'):
        return self._call('GET', '/availablenumbers/' + country_code)

    def register_number(self, phone_number, application_id):
        return self._call('POST', '/phonenumbers', {'phone_number': phone_number, 'application_id': application_id},
                          {'Idempotency-Key': uuid.uuid4().hex})

    def phone_numbers(self):
        return self._pages('/phonenumbers')

    def _pages(self, path):
        page = self._call('GET', path)
        while True:
            yield from page['results']
            if not page['next']:
                return
            page = self._call('GET', page['next'])

    def _call(self, method, path, body=None, headers=None):
        url = path if path.startswith('http') else self._base + path
        request = urllib.request.Request(url, method=method, headers=dict(headers or {}, Authorization=self._authorization))
        if body is not None:
            request.data = json.dumps(body).encode('utf-8')
            request.add_header('Content-Type', 'application/json')
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise SiftError(error.code, _problem(error)) from None
        return json.loads(text) if text else None


def _problem(error):
    try:
        problem = json.loads(error.read())
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {'title': error.reason}
