"""Our server: answers Sift's callbacks with routines."""
import json
import os

from flask import Flask, request

app = Flask(__name__)

FORWARD_TO = os.environ.get('FORWARD_TO', '+15554443333')


@app.before_request
def log_callback():
    if request.method != 'POST':
        return
    print('CALLBACK ' + json.dumps({'path': request.path, 'id': request.headers.get('webhook-id'),
                                    'body': json.loads(request.data)}), flush=True)


@app.route('/say_hello', methods=['POST'])
def say_hello():
    data = json.loads(request.data)
    if data['connection']['status'] == 'connected':
        routine = [
            {'name': 'Say', 'text': 'Hello from Sift. This is your first phone call. Goodbye.'},
            {'name': 'HangUp'}
        ]
        return json.dumps({'routine': routine})
    return ''


@app.route('/on_incoming', methods=['POST'])
def on_incoming():
    data = json.loads(request.data)
    client_data = data['connection'].get('client_data') or {}
    if 'client_name' in client_data:
        command = {'name': 'CallClient', 'client_name': client_data['client_name']}
    else:
        command = {'name': 'CallPhone', 'phone_number': client_data.get('phone_number', FORWARD_TO)}
    return json.dumps({'routine': [command]})


if __name__ == '__main__':
    app.run(port=int(os.environ.get('PORT', '5000')))
