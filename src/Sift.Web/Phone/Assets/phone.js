/* The virtual phone. Everything about calls is sift.js; this is the face of it. */
(function () {
  'use strict';

  var STEPS_EVERY_MS = 700;
  var KEPT = 'sift.phone';

  var at = function (id) { return document.getElementById(id); };
  var Sift = window.Sift;
  var phone = null;          // { number, token, expires_at }
  var credentials = null;    // to sign in again after the server was restarted
  var connection = null;     // the call whose steps are shown
  var after = 0;
  var stepsTimer = null;
  var clock = null;
  var meters = null;
  var ringer = null;

  Sift.GRIDSPACE_VOIP_URI = (location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/webrtc/';

  // ---- signing in ----

  at('sign-in').addEventListener('submit', function (event) {
    event.preventDefault();
    signIn({
      number: at('number').value.trim(),
      password: at('password').value,
      account_id: at('account').value.trim() || undefined,
      auth_token: at('auth-token').value || undefined
    });
  });

  at('sign-out').addEventListener('click', function () {
    credentials = null;
    leave();
    say('Signed out');
  });

  function signIn(given) {
    at('sign-in-problem').textContent = '';
    fetch('/phone/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(given) })
      .then(function (response) {
        return response.json().then(function (body) {
          if (!response.ok) { throw new Error(body.detail || 'The server refused.'); }
          return body;
        });
      })
      .then(function (body) {
        credentials = given;
        enter(body);
      })
      .catch(function (problem) {
        at('sign-in-problem').textContent = problem.message;
        leave();
      });
  }

  function enter(session) {
    phone = session;
    keep(session);
    at('own-number').textContent = session.number;
    at('sign-in').hidden = true;
    at('phone').hidden = false;
    say('Signing in…');
    if (Sift.state() !== 'uninitialized') { Sift.reset(); }
    Sift.init(session.token);
  }

  function leave() {
    phone = null;
    keep(null);
    Sift.reset();
    quiet();
    showCall(false);
    at('phone').hidden = true;
    at('sign-in').hidden = false;
  }

  // A reloaded page goes on where it was; the tab's own storage ends with the tab.
  function keep(session) {
    try {
      if (session) { sessionStorage.setItem(KEPT, JSON.stringify(session)); } else { sessionStorage.removeItem(KEPT); }
    } catch (e) { /* Then a reload asks for the password again. */ }
  }

  function kept() {
    try {
      var session = JSON.parse(sessionStorage.getItem(KEPT));
      return session && Date.parse(session.expires_at) > Date.now() ? session : null;
    } catch (e) { return null; }
  }

  // ---- what sift.js tells ----

  Sift.onAuthenticated = function () { say('Ready'); };

  Sift.onIncomingCall = function (caller) {
    at('caller').textContent = caller && caller.from ? caller.from : 'Someone';
    at('peer').textContent = at('caller').textContent;
    at('incoming').hidden = false;
    at('answer').focus();
    say('Ringing');
    ring();
    follow(caller && caller.connection_id);
  };

  Sift.onConnected = function () {
    quiet();
    say('In call');
    showCall(true);
    follow(Sift.connectionId());
  };

  Sift.onCallResumed = function () {
    say('Going on with the call…');
    showCall(true);
    follow(Sift.connectionId());
  };

  Sift.onRemotePartyHungUp = function () { over('The other side hung up'); };

  Sift.onCallCancelled = function (reason) {
    over({
      caller_hung_up: 'The caller gave up',
      answered_elsewhere: 'Answered elsewhere',
      not_found: 'Nobody has this number',
      ended: 'The call has ended',
      no_answer: 'No answer',
      lost: 'The call was lost'
    }[reason] || 'The call failed' + (reason ? ': ' + reason : ''));
  };

  Sift.onReconnecting = function () { say('Connection lost, trying again…'); };
  Sift.onReconnected = function () { say(Sift.state() === 'connected' ? 'In call' : 'Ready'); };

  Sift.onError = function (error) {
    if (error === 'authentication-failed' && credentials) {
      // The server was restarted and does not know its own token any more.
      signIn(credentials);
      return;
    }
    over({
      'mic-permission-denied': 'The page may not use the microphone. Allow it in the address bar.',
      'no-mic': 'There is no microphone.',
      'mic-disabled': 'The microphone is in use by something else.',
      'lost-internet': 'The server cannot be reached.',
      'authentication-failed': 'Please sign in again.'
    }[error] || 'Error: ' + error);
    at('problem').textContent = at('status').textContent;
    if (error === 'authentication-failed' || error === 'lost-internet') { leave(); }
  };

  // ---- calls ----

  at('dial').addEventListener('submit', function (event) {
    event.preventDefault();
    var number = at('destination').value.replace(/[\s().-]/g, '');
    if (!/^\+[1-9][0-9]{1,14}$/.test(number)) {
      at('problem').textContent = 'A number looks like +15550100200.';
      return;
    }
    at('problem').textContent = '';
    at('peer').textContent = number;
    say('Calling…');
    showCall(true);
    Sift.connect({ phone_number: number });
    awaitConnection();
  });

  at('answer').addEventListener('click', function () {
    quiet();
    say('Connecting…');
    showCall(true);
    Sift.answer();
  });

  at('decline').addEventListener('click', function () {
    Sift.decline();
    over('Declined');
  });

  at('hang-up').addEventListener('click', function () {
    Sift.hangUp();
    over('Hung up');
  });

  at('mute').addEventListener('click', function () {
    Sift.setMuted(!Sift.isMuted());
    at('mute').setAttribute('aria-pressed', String(Sift.isMuted()));
  });

  at('keypad').addEventListener('click', function (event) {
    var key = event.target.getAttribute('data-key');
    if (key) { press(key); }
  });

  document.addEventListener('keydown', function (event) {
    if (/^[0-9*#]$/.test(event.key) && Sift.state() === 'connected' && event.target.tagName !== 'INPUT') { press(event.key); }
  });

  function press(key) {
    if (Sift.state() === 'connected') {
      Sift.sendDigits(key);
    } else if (phone) {
      at('destination').value += key;
    }
  }

  // The server names the call as soon as it has taken it.
  function awaitConnection() {
    if (Sift.state() !== 'connecting' && Sift.state() !== 'connected') { return; }
    if (Sift.connectionId()) { follow(Sift.connectionId()); } else { setTimeout(awaitConnection, 100); }
  }

  function over(text) {
    quiet();
    showCall(false);
    say(text);
  }

  function showCall(on) {
    at('in-call').hidden = !on;
    at('incoming').hidden = true;
    at('dial').hidden = on;
    clearInterval(clock);
    clearInterval(meters);
    at('clock').textContent = '';
    if (!on) { return; }
    var since = Date.now();
    clock = setInterval(function () {
      if (Sift.state() !== 'connected') {
        since = Date.now();
        return;
      }
      var seconds = Math.floor((Date.now() - since) / 1000);
      at('clock').textContent = Math.floor(seconds / 60) + ':' + String(seconds % 60).padStart(2, '0');
    }, 500);
    meters = setInterval(function () {
      if (Sift.state() !== 'connected') { return; }
      var levels = Sift.levels();
      at('meter-local').value = levels.local;
      at('meter-remote').value = levels.remote;
    }, 150);
  }

  function say(text) {
    at('status').textContent = text;
    document.title = text + ' · Sift phone';
  }

  // ---- ringing ----

  function ring() {
    var context;
    try { context = new AudioContext(); } catch (e) { return; }
    var gain = context.createGain();
    gain.gain.value = 0;
    gain.connect(context.destination);
    [440, 480].forEach(function (pitch) {
      var tone = context.createOscillator();
      tone.frequency.value = pitch;
      tone.connect(gain);
      tone.start();
    });
    var loud = false;
    var beat = setInterval(function () {
      loud = !loud;
      gain.gain.setTargetAtTime(loud ? 0.08 : 0, context.currentTime, 0.02);
    }, 1000);
    ringer = function () {
      clearInterval(beat);
      context.close();
    };
    if (navigator.vibrate) { navigator.vibrate([400, 200, 400]); }
  }

  function quiet() {
    if (ringer) { ringer(); }
    ringer = null;
  }

  // ---- the steps of the call ----

  function follow(id) {
    if (!id || id === connection) { return; }
    connection = id;
    after = 0;
    at('steps').replaceChildren();
    at('no-steps').hidden = true;
    clearTimeout(stepsTimer);
    look(id, 0);
  }

  function look(id, patience) {
    if (id !== connection || !phone) { return; }
    fetch('/phone/calls/' + encodeURIComponent(id) + '/steps?after=' + after, { headers: { Authorization: 'Bearer ' + phone.token } })
      .then(function (response) { return response.ok ? response.json() : null; })
      .catch(function () { return null; })
      .then(function (body) {
        if (id !== connection) { return; }
        if (body) {
          body.steps.forEach(show);
          after = body.next;
          if (body.ended && ++patience > 3) { return; }
        } else if (++patience > 20) {
          return;
        }
        stepsTimer = setTimeout(look, STEPS_EVERY_MS, id, patience);
      });
  }

  function show(step) {
    var line = document.createElement('li');
    var time = document.createElement('time');
    var text = document.createElement('span');
    time.dateTime = step.at;
    time.textContent = new Date(step.at).toLocaleTimeString([], { hour12: false });
    text.className = step.kind;
    text.textContent = step.text;
    line.append(time, text);
    at('steps').append(line);
    line.scrollIntoView({ block: 'nearest' });
  }

  var before = kept();
  if (before) { enter(before); }
}());
