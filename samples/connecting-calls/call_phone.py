"""Calling a phone: Sift rings +15554443333 and asks our /say_hello what to do once it is answered."""
import sys

import requests

from settings import ACCOUNT_ID, API, AUTH_TOKEN, OUR_SERVER

data = {
    'phone_number': sys.argv[1] if len(sys.argv) > 1 else '+15554443333',
    'status_url': OUR_SERVER + '/say_hello'
}
response = requests.post(API + '/connections', data, auth=(ACCOUNT_ID, AUTH_TOKEN))
response.raise_for_status()
print(response.json()['connection_id'])
