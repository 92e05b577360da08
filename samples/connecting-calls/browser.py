"""Calls from and to the browser: serves a page whose capability token lets it call our application and be called by name.

    python3 browser.py APPLICATION_ID      # then open http://127.0.0.1:5000/?client_name=alice
"""
import os
import pathlib
import sys

from flask import render_template, request

try:
    import sift
except ImportError:  # not installed with pip: take it from the checkout
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'clients' / 'python' / 'src'))
    import sift

from server import app
from settings import ACCOUNT_ID, API, AUTH_TOKEN

APPLICATION_ID = sys.argv[1] if len(sys.argv) > 1 else os.environ.get('SIFT_APPLICATION_ID', '')


@app.route('/')
def index():
    client_name = request.args.get('client_name', 'alice')
    capability = sift.GridspaceCapability(ACCOUNT_ID, AUTH_TOKEN)
    capability.allow_client_outgoing(APPLICATION_ID)
    capability.allow_client_incoming(client_name)
    return render_template('index.html', token=capability.generate(), client_name=client_name, library=API.replace('/v0', '/sift.js'))


if __name__ == '__main__':
    app.run(port=int(os.environ.get('PORT', '5000')))
