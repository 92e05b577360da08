/*
 * sift.js: calls between a web page and a Sift voice server.
 *
 *   Sift.init(token);                                  // or Sift.authenticate(token)
 *   Sift.onAuthenticated = function () { Sift.connect({ phone_number: '+15554443333' }); };
 *
 * One file, no dependencies. Works as a script tag (global Sift), with require() and, through sift.mjs, as an ES module.
 * The wire protocol is that of docs/browser-protocol.md.
 */
(function (root, factory) {
  'use strict';
  var Sift = factory(root);
  root.Sift = Sift;
  if (typeof module === 'object' && module.exports) {
    module.exports = Sift;
  }
}(typeof globalThis !== 'undefined' ? globalThis : window, function (root) {
  'use strict';

  var State = {
    UNINITIALIZED: 'uninitialized',
    AUTHENTICATING: 'authenticating',
    AUTHENTICATED: 'authenticated',
    RINGING: 'ringing',
    CONNECTING: 'connecting',
    CONNECTED: 'connected'
  };

  var Err = {
    NONE: 'none',
    UNKNOWN: 'unknown',
    LOST_INTERNET: 'lost-internet',
    NO_MIC: 'no-mic',
    MIC_DISABLED: 'mic-disabled',
    MIC_PERMISSION_DENIED: 'mic-permission-denied',
    AUTHENTICATION_FAILED: 'authentication-failed',
    OUTGOING_NOT_PERMITTED: 'outgoing-not-permitted'
  };

  var RECONNECT_FIRST_MS = 500;
  var RECONNECT_LONGEST_MS = 8000;
  var RECONNECT_IN_CALL_MS = 2000;
  var RECONNECT_GIVE_UP_MS = 60000;
  var ICE_PATIENCE_MS = 1000;
  var STATS_EVERY_MS = 5000;
  var SESSION_KEY = 'sift.session';
  var TAKEN_OVER = 4001;

  // Signalling is served beside this file unless the page says otherwise.
  var home = root.document && root.document.currentScript && root.document.currentScript.src;

  var state = State.UNINITIALIZED;
  var token = null;
  var socket = null;
  var config = { ice_servers: [] };
  var session = null;         // names this login for a later socket; kept here too, as storage may be forbidden
  var call = null;            // { peer, local, ownsLocal, data, pendingCandidates, connectionId }
  var caller = null;
  var wantsToConnect = null;  // a connect() that waits for the login
  var muted = false;
  var devices = { input: null, output: null };
  var reconnect = null;       // { since, delay, timer }
  var hungUpMeanwhile = false; // hung up while the server could not be told
  var statsTimer = null;
  var lastStats = null;
  var announced = false;      // onAuthenticated was called for this login
  var meters = null;

  var Sift = {
    State: State,
    Error: Err,
    GRIDSPACE_VOIP_URI: null,

    onAuthenticated: nothing,
    onIncomingCall: nothing,
    onConnected: nothing,
    onRemotePartyHungUp: nothing,
    onCallCancelled: nothing,
    onReconnecting: nothing,
    onReconnected: nothing,
    onCallResumed: nothing,
    onQuality: nothing,
    onError: nothing,

    /* Opens the socket and logs in. The seed guide's name for authenticate. */
    init: function (capabilityToken) { Sift.authenticate(capabilityToken); },
    authenticate: authenticate,
    renew: renew,
    connect: connect,
    answer: answer,
    decline: decline,
    hangUp: hangUp,
    mute: function () { Sift.setMuted(true); },
    unmute: function () { Sift.setMuted(false); },
    setMuted: setMuted,
    isMuted: function () { return muted; },
    reset: reset,
    state: function () { return state; },
    connectionId: function () { return call ? call.connectionId : null; },

    sendDigits: sendDigits,
    devices: listDevices,
    setInputDevice: setInputDevice,
    setOutputDevice: setOutputDevice,
    levels: levels
  };

  if (root.addEventListener) { root.addEventListener('online', retryNow); }

  return Sift;

  // ---- login and socket ----

  function authenticate(capabilityToken) {
    if (state !== State.UNINITIALIZED) {
      throw new Error('Cannot call authenticate twice in a row');
    }
    if (!capabilityToken) {
      throw new Error('Must provide a token');
    }
    token = capabilityToken;
    setState(State.AUTHENTICATING);
    remoteAudio();
    openSocket();
  }

  /* Another token for the same client, before the first one expires. */
  function renew(capabilityToken) {
    if (!capabilityToken) {
      throw new Error('Must provide a token');
    }
    token = capabilityToken;
    if (state !== State.UNINITIALIZED && state !== State.AUTHENTICATING) { send('auth', token); }
  }

  function serverUri() {
    var override = root.OVERRIDE_GRIDSPACE_VOIP_URI || Sift.GRIDSPACE_VOIP_URI;
    if (override) {
      return override;
    }
    var place = new URL('/webrtc/', home || root.location.href);
    place.protocol = place.protocol === 'https:' ? 'wss:' : 'ws:';
    return place.href;
  }

  function openSocket() {
    var opened = new WebSocket(serverUri());
    socket = opened;
    opened.onopen = function () { if (socket === opened) { send('auth', token); } };
    opened.onmessage = function (event) {
      if (socket !== opened) { return; }
      var message;
      try {
        message = JSON.parse(event.data);
      } catch (e) {
        warn('not JSON from the server', e);
        return;
      }
      receive(message);
    };
    opened.onclose = function (event) {
      if (socket !== opened) { return; }
      if (event.code === TAKEN_OVER) {
        takenOver();
      } else {
        lostSocket();
      }
    };
  }

  // The server or the network took the socket away. Media flows on by itself; only signalling must be found again.
  function lostSocket() {
    socket = null;
    if (state === State.UNINITIALIZED) { return; }
    if (!reconnect) {
      reconnect = { since: Date.now(), delay: RECONNECT_FIRST_MS, timer: null };
      Sift.onReconnecting();
    } else if (Date.now() - reconnect.since > RECONNECT_GIVE_UP_MS) {
      stopReconnecting();
      tearDown();
      forget();
      fail(Err.LOST_INTERNET);
      return;
    }
    reconnect.timer = setTimeout(openSocket, reconnect.delay);
    reconnect.delay = Math.min(reconnect.delay * 2, call ? RECONNECT_IN_CALL_MS : RECONNECT_LONGEST_MS);
  }

  // The network is back: no need to wait any longer.
  function retryNow() {
    if (reconnect && !socket) {
      clearTimeout(reconnect.timer);
      openSocket();
    }
  }

  // Another page of this session has the call now.
  function takenOver() {
    socket = null;
    var hadCall = !!call;
    tearDown();
    forget();
    if (hadCall) { Sift.onRemotePartyHungUp(); }
  }

  function forget() {
    token = null;
    session = null;
    announced = false;
    caller = null;
    wantsToConnect = null;
    hungUpMeanwhile = false;
    setState(State.UNINITIALIZED);
  }

  function stopReconnecting() {
    if (reconnect) {
      clearTimeout(reconnect.timer);
      reconnect = null;
    }
  }

  function receive(message) {
    switch (message.type) {
      case 'auth': return onAuth(message.body);
      case 'config': return onConfig(message.body);
      case 'resumed': return onResumed(message.body);
      case 'caller': caller = message.body; return;
      case 'ring': return onRing();
      case 'connection': return onConnection(message.body);
      case 'desc': return onDescription(message.body);
      case 'candidate': return onCandidate(message.body);
      case 'cancel': return onCancel(message.body);
      case 'hangup': return onHangUp();
      case 'transfer': return;
      case 'reset': return reset();
      case 'error': return onServerError(message.body);
      default: warn('unknown message type ' + message.type);
    }
  }

  function onAuth(body) {
    if (body !== 'OK') {
      stopReconnecting();
      tearDown();
      closeSocket();
      remember(null);
      forget();
      fail(Err.AUTHENTICATION_FAILED);
      return;
    }
    if (state === State.AUTHENTICATING) {
      setState(State.AUTHENTICATED);
    }
  }

  // Follows a successful login: servers of the network kind, and the name under which this page can find its call again.
  function onConfig(body) {
    config = body;
    var previous = session || remembered();
    stopReconnecting();
    session = config.session;
    if (previous) {
      send('resume', { session: previous });
      return;
    }
    remember(config.session);
    settle(false);
  }

  function ready() {
    var start = wantsToConnect;
    wantsToConnect = null;
    if (announced) {
      Sift.onReconnected();
    } else {
      announced = true;
      Sift.onAuthenticated();
    }
    if (start && state === State.AUTHENTICATED) { start(); }
  }

  function onResumed(body) {
    remember(body.session || config.session);
    var inCall = !!body.connected, rings = !!body.ringing;
    if (hungUpMeanwhile) {
      hungUpMeanwhile = false;
      if (inCall) { send('hangup'); }
      inCall = false;
    }
    if (inCall && call) {
      resumeCall(body);
      Sift.onReconnected();
    } else if (inCall && state === State.AUTHENTICATED) {
      // The page was loaded anew in mid-call: offer again on a fresh peer connection.
      wantsToConnect = null;
      setState(State.CONNECTING);
      call = newCall(null, null);
      call.accepted = true;
      call.connectionId = body.connection_id;
      announced = true;
      openMicrophone();
      Sift.onCallResumed();
    } else {
      settle(rings);
    }
  }

  // Signalling was lost, not the page: say again what may have been lost with it.
  function resumeCall(body) {
    call.accepted = true;
    call.connectionId = body.connection_id;
    var peer = call.peer;
    if (!peer) { return; }
    if (peer.signalingState === 'have-local-offer') {
      send('desc', { type: 'offer', sdp: peer.localDescription.sdp });
    } else if (isMediaBroken()) {
      peer.restartIce();
    }
  }

  // The server knows of no call of ours, or of one that only rings.
  function settle(rings) {
    if (call) {
      var wasUp = state === State.CONNECTED;
      tearDown();
      setState(State.AUTHENTICATED);
      if (wasUp) { Sift.onRemotePartyHungUp(); } else { Sift.onCallCancelled('lost'); }
      Sift.onReconnected();
    } else if (state === State.RINGING && !rings) {
      onCancel({ reason: 'lost' });
      Sift.onReconnected();
    } else {
      ready();
    }
  }

  function onServerError(body) {
    var code = body && body.code;
    warn('error from the server', body);
    if (state === State.CONNECTING && call && !call.accepted) {
      // What we asked for with connect() was refused.
      tearDown();
      setState(State.AUTHENTICATED);
      fail(code === Err.OUTGOING_NOT_PERMITTED ? code : Err.UNKNOWN);
    }
  }

  function send(type, body) {
    if (!socket || socket.readyState !== 1) { return false; }
    socket.send(JSON.stringify(body === undefined ? { type: type } : { type: type, body: body }));
    return true;
  }

  function closeSocket() {
    var old = socket;
    socket = null;
    if (old) { old.close(); }
  }

  function remember(name) {
    session = name;
    try {
      if (name) { root.sessionStorage.setItem(SESSION_KEY, name); } else { root.sessionStorage.removeItem(SESSION_KEY); }
    } catch (e) { /* Storage may be forbidden; then a reloaded page simply starts anew. */ }
  }

  function remembered() {
    try { return root.sessionStorage.getItem(SESSION_KEY); } catch (e) { return null; }
  }

  // ---- calls ----

  function connect(data, mediaStream) {
    if (state === State.AUTHENTICATING || (state === State.AUTHENTICATED && (!socket || socket.readyState !== 1 || reconnect))) {
      // The guide connects right after init: the call starts as soon as the login is through.
      wantsToConnect = function () { connect(data, mediaStream); };
      return;
    }
    if (state !== State.AUTHENTICATED) {
      throw new Error('Initialize before calling ready');
    }
    setState(State.CONNECTING);
    call = newCall(data, mediaStream);
    send('connect', data);
    openMicrophone();
  }

  function onRing() {
    if (state !== State.AUTHENTICATED) { return; }
    setState(State.RINGING);
    Sift.onIncomingCall(caller);
  }

  function answer() {
    if (state !== State.RINGING) { return; }
    setState(State.CONNECTING);
    call = newCall(null, null);
    call.connectionId = caller ? caller.connection_id : null;
    send('ringanswer', true);
    openMicrophone();
  }

  function decline() {
    if (state !== State.RINGING) { return; }
    send('ringanswer', false);
    caller = null;
    setState(State.AUTHENTICATED);
  }

  function hangUp() {
    if (state !== State.CONNECTED && state !== State.CONNECTING) { return; }
    hungUpMeanwhile = !send('hangup');
    tearDown();
    setState(State.AUTHENTICATED);
  }

  function onHangUp() {
    if ((state !== State.CONNECTED && state !== State.CONNECTING) || isForEarlierCall()) { return; }
    tearDown();
    setState(State.AUTHENTICATED);
    Sift.onRemotePartyHungUp();
  }

  function onConnection(body) {
    if (call) {
      call.accepted = true;
      call.connectionId = body.connection_id;
    }
  }

  // Until the server has accepted this call, what it says of calls is about the one before.
  function isForEarlierCall() { return !!(config.session && call && !call.accepted); }

  // The caller gave up while we rang, or the call failed before it was up.
  function onCancel(body) {
    if (state !== State.RINGING && state !== State.CONNECTING && state !== State.CONNECTED) { return; }
    if (state !== State.RINGING && isForEarlierCall()) { return; }
    tearDown();
    caller = null;
    setState(State.AUTHENTICATED);
    Sift.onCallCancelled(body && body.reason);
  }

  function reset() {
    if (call) { send('hangup'); }
    stopReconnecting();
    tearDown();
    closeSocket();
    remember(null);
    forget();
  }

  function newCall(data, mediaStream) {
    return { peer: null, local: mediaStream || null, ownsLocal: !mediaStream, data: data, accepted: false, pendingCandidates: [], connectionId: null };
  }

  function openMicrophone() {
    var mine = call;
    if (mine.local) {
      openPeer(mine);
      return;
    }
    var media = root.navigator && root.navigator.mediaDevices;
    if (!media || !media.getUserMedia) {
      microphoneFailed(mine, { name: 'NotSupportedError' });
      return;
    }
    media.getUserMedia({ audio: inputConstraints(), video: false }).then(function (stream) {
      if (call !== mine) {
        stop(stream);
        return;
      }
      mine.local = stream;
      openPeer(mine);
    }, function (reason) { microphoneFailed(mine, reason); });
  }

  function inputConstraints() {
    return devices.input ? { deviceId: { exact: devices.input } } : true;
  }

  function microphoneFailed(mine, reason) {
    if (call !== mine) { return; }
    var error = {
      NotAllowedError: Err.MIC_PERMISSION_DENIED,
      SecurityError: Err.MIC_PERMISSION_DENIED,
      NotFoundError: Err.NO_MIC,
      OverconstrainedError: Err.NO_MIC,
      NotSupportedError: Err.NO_MIC,
      NotReadableError: Err.MIC_DISABLED,
      AbortError: Err.MIC_DISABLED
    }[reason && reason.name] || Err.UNKNOWN;
    send('micerror', error);
    tearDown();
    setState(State.AUTHENTICATED);
    fail(error);
  }

  function openPeer(mine) {
    var peer = new RTCPeerConnection({ iceServers: config.ice_servers || [] });
    mine.peer = peer;
    mine.local.getAudioTracks().forEach(function (track) {
      track.enabled = !muted;
      peer.addTrack(track, mine.local);
    });
    peer.onnegotiationneeded = function () {
      peer.setLocalDescription().then(function () {
        if (call === mine) { send('desc', { type: peer.localDescription.type, sdp: peer.localDescription.sdp }); }
      }, function (e) { warn('no offer', e); });
    };
    peer.onicecandidate = function (event) {
      if (event.candidate && call === mine) { send('candidate', event.candidate.toJSON()); }
    };
    peer.ontrack = function (event) {
      if (call !== mine) { return; }
      var audio = remoteAudio();
      audio.srcObject = event.streams[0] || new MediaStream([event.track]);
      var playing = audio.play && audio.play();
      if (playing && playing.catch) { playing.catch(function (e) { warn('the page may not play sound yet', e); }); }
      if (state === State.CONNECTING) {
        setState(State.CONNECTED);
        startStats(mine);
        Sift.onConnected();
      }
    };
    var trouble = null;
    peer.oniceconnectionstatechange = function () {
      if (call !== mine) { return; }
      clearTimeout(trouble);
      if (peer.iceConnectionState === 'failed') {
        peer.restartIce();
      } else if (peer.iceConnectionState === 'disconnected') {
        trouble = setTimeout(function () { if (call === mine && isMediaBroken()) { peer.restartIce(); } }, ICE_PATIENCE_MS);
      }
    };
  }

  function isMediaBroken() {
    var s = call && call.peer && call.peer.iceConnectionState;
    return s === 'failed' || s === 'disconnected' || s === 'closed';
  }

  function onDescription(body) {
    var mine = call;
    if (!mine || !mine.peer || !body || body.type !== 'answer' || isForEarlierCall()) { return; }
    mine.peer.setRemoteDescription(body).then(function () {
      mine.pendingCandidates.splice(0).forEach(function (c) { addCandidate(mine, c); });
    }, function (e) { warn('the answer does not fit', e); });
  }

  function onCandidate(body) {
    if (!call || !call.peer) { return; }
    if (call.peer.remoteDescription) { addCandidate(call, body); } else { call.pendingCandidates.push(body); }
  }

  function addCandidate(mine, candidate) {
    mine.peer.addIceCandidate(candidate).catch(function (e) { warn('candidate refused', e); });
  }

  function tearDown() {
    var old = call;
    call = null;
    stopStats();
    stopMeters();
    if (!old) { return; }
    if (old.peer) {
      old.peer.onicecandidate = old.peer.ontrack = old.peer.onnegotiationneeded = old.peer.oniceconnectionstatechange = null;
      old.peer.close();
    }
    if (old.local && old.ownsLocal) { stop(old.local); }
    var audio = root.document && root.document.getElementById('audio_remote');
    if (audio) { audio.srcObject = null; }
  }

  function stop(stream) {
    stream.getTracks().forEach(function (track) { track.stop(); });
  }

  // ---- voice ----

  function setMuted(value) {
    muted = !!value;
    if (call && call.local) {
      call.local.getAudioTracks().forEach(function (track) { track.enabled = !muted; });
    }
  }

  /* Sends keys (0-9 * # A-D) as telephone events; by signalling where the browser cannot. */
  function sendDigits(digits) {
    if (state !== State.CONNECTED) { return false; }
    var sender = call.peer.getSenders().filter(function (s) { return s.track && s.track.kind === 'audio'; })[0];
    if (sender && sender.dtmf && sender.dtmf.canInsertDTMF) {
      sender.dtmf.insertDTMF(sender.dtmf.toneBuffer + digits, 120, 80);
      return true;
    }
    return send('dtmf', digits);
  }

  /* Resolves to { inputs: [{id, label}], outputs: [...] }. Labels are empty until the page may use the microphone. */
  function listDevices() {
    return root.navigator.mediaDevices.enumerateDevices().then(function (all) {
      function of(kind) {
        return all.filter(function (d) { return d.kind === kind; }).map(function (d) { return { id: d.deviceId, label: d.label }; });
      }
      return { inputs: of('audioinput'), outputs: of('audiooutput') };
    });
  }

  /* Takes that microphone from now on, also in mid-call. */
  function setInputDevice(id) {
    devices.input = id;
    if (!call || !call.peer || !call.ownsLocal) { return Promise.resolve(); }
    var mine = call;
    return root.navigator.mediaDevices.getUserMedia({ audio: inputConstraints(), video: false }).then(function (stream) {
      var track = stream.getAudioTracks()[0];
      track.enabled = !muted;
      var sender = mine.peer.getSenders()[0];
      return sender.replaceTrack(track).then(function () {
        stop(mine.local);
        mine.local = stream;
        stopMeters();
      });
    });
  }

  function setOutputDevice(id) {
    devices.output = id;
    var audio = remoteAudio();
    return audio.setSinkId ? audio.setSinkId(id || '') : Promise.reject(new Error('This browser cannot choose the output'));
  }

  /* How loud both sides are at this moment, each 0 to 1. */
  function levels() {
    if (!call || !call.local || !call.peer) { return { local: 0, remote: 0 }; }
    if (!meters) { meters = startMeters(call); }
    return { local: muted ? 0 : level(meters.local), remote: level(meters.remote) };
  }

  function startMeters(mine) {
    var context = new AudioContext();
    function meter(stream) {
      if (!stream || !stream.getAudioTracks().length) { return null; }
      var analyser = context.createAnalyser();
      analyser.fftSize = 1024;
      context.createMediaStreamSource(stream).connect(analyser);
      return analyser;
    }
    context.resume();
    return { context: context, local: meter(mine.local), remote: meter(remoteAudio().srcObject) };
  }

  function stopMeters() {
    if (meters) {
      meters.context.close();
      meters = null;
    }
  }

  function level(analyser) {
    if (!analyser) { return 0; }
    var samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    var sum = 0;
    for (var i = 0; i < samples.length; i++) { sum += samples[i] * samples[i]; }
    return Math.min(1, Math.sqrt(sum / samples.length));
  }

  // ---- quality ----

  function startStats(mine) {
    lastStats = null;
    statsTimer = setInterval(function () {
      if (call !== mine || !mine.peer) { return; }
      mine.peer.getStats().then(function (report) {
        var quality = summarise(report);
        if (quality && call === mine) {
          send('stats', quality);
          Sift.onQuality(quality);
        }
      });
    }, STATS_EVERY_MS);
  }

  function stopStats() {
    clearInterval(statsTimer);
    statsTimer = null;
  }

  function summarise(report) {
    var inbound, pair, remote;
    report.forEach(function (s) {
      if (s.type === 'inbound-rtp' && s.kind === 'audio') { inbound = s; }
      if (s.type === 'remote-inbound-rtp' && s.kind === 'audio') { remote = s; }
      if (s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded') { pair = s; }
    });
    if (!inbound) { return null; }
    var previous = lastStats || { packetsReceived: 0, packetsLost: 0 };
    var received = inbound.packetsReceived - previous.packetsReceived;
    var lost = inbound.packetsLost - previous.packetsLost;
    lastStats = { packetsReceived: inbound.packetsReceived, packetsLost: inbound.packetsLost };
    return {
      packets_received: inbound.packetsReceived,
      packets_lost: inbound.packetsLost,
      loss: received + lost > 0 ? Math.max(0, lost) / (received + lost) : 0,
      jitter_ms: Math.round((inbound.jitter || 0) * 1000),
      round_trip_ms: pair && pair.currentRoundTripTime !== undefined ? Math.round(pair.currentRoundTripTime * 1000) : null,
      remote_loss: remote ? remote.fractionLost : null
    };
  }

  // ---- odds and ends ----

  function remoteAudio() {
    var doc = root.document;
    var audio = doc.getElementById('audio_remote');
    if (!audio) {
      audio = doc.createElement('audio');
      audio.id = 'audio_remote';
      audio.autoplay = true;
      (doc.body || doc.documentElement).appendChild(audio);
    }
    if (devices.output && audio.setSinkId) { audio.setSinkId(devices.output).catch(nothing); }
    return audio;
  }

  function setState(next) { state = next; }

  function fail(error) { Sift.onError(error); }

  function warn() {
    if (root.console) { root.console.warn.apply(root.console, ['sift:'].concat([].slice.call(arguments))); }
  }

  function nothing() {}
}));
