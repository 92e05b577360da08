"""Where the server is and who we are. ./run.sh prints these values when it starts."""
import os

API = os.environ.get('SIFT_API', 'http://127.0.0.1:8080/v0')
ACCOUNT_ID = os.environ.get('SIFT_ACCOUNT_ID', '')
AUTH_TOKEN = os.environ.get('SIFT_AUTH_TOKEN', '')
OUR_SERVER = os.environ.get('OUR_SERVER', 'http://127.0.0.1:5000')
