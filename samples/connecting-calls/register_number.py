"""Receiving calls: take the first available number and bind it to our application."""
import sys

import requests

from settings import ACCOUNT_ID, API, AUTH_TOKEN

available_numbers = requests.get(API + '/availablenumbers/US', auth=(ACCOUNT_ID, AUTH_TOKEN)).json()
data = {
    'phone_number': available_numbers[0],
    'application_id': sys.argv[1]
}
response = requests.post(API + '/phonenumbers', data, auth=(ACCOUNT_ID, AUTH_TOKEN))
response.raise_for_status()
print(available_numbers[0])
