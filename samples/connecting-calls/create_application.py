"""Setting up an application: it tells Sift whom to ask when a new connection arrives."""
import requests

from settings import ACCOUNT_ID, API, AUTH_TOKEN, OUR_SERVER

data = {
    'name': 'SuperCoolApplication',
    'on_incoming': OUR_SERVER + '/on_incoming'
}
response = requests.post(API + '/applications', data, auth=(ACCOUNT_ID, AUTH_TOKEN))
response.raise_for_status()
print(response.json()['application_id'])
