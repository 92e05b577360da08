// A client written to docs/browser-protocol.md alone: no sift.js, no browser. It speaks the JSON by hand, with werift as media peer, says back
// every audio packet that it hears, hangs up after some seconds and prints what it saw. It knows nothing of our additions to the protocol.
//
//   node client.js ws://127.0.0.1:8080/webrtc/ TOKEN opus|PCMU SECONDS [call|answer|late]
//
// call: calls; answer: takes the first call that rings; late: takes it only when the caller has given up.
import WebSocket from 'ws';
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters } from 'werift';

const [url, token, codec, seconds, part = 'call'] = process.argv.slice(2);
const codecs = {
  opus: new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48000, channels: 2 }),
  PCMU: new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8000, channels: 1, payloadType: 0 })
};
const seen = { messages: [], packets: 0, payload_types: [], sounding: 0 };
const socket = new WebSocket(url);
let peer;

const say = (type, body) => socket.send(JSON.stringify(body === undefined ? { type } : { type, body }));

function finish(problem) {
  if (problem) { seen.problem = String(problem); }
  console.log('RESULT ' + JSON.stringify(seen));
  process.exit(problem ? 1 : 0);
}

async function offer() {
  peer = new RTCPeerConnection({ codecs: { audio: [codecs[codec]] }, iceServers: [], iceAdditionalHostAddresses: ['127.0.0.1'] });
  const voice = new MediaStreamTrack({ kind: 'audio' });
  const transceiver = peer.addTransceiver(voice, { direction: 'sendrecv' });
  transceiver.onTrack.subscribe(track => track.onReceiveRtp.subscribe(packet => {
    seen.packets++;
    if (!seen.payload_types.includes(packet.header.payloadType)) { seen.payload_types.push(packet.header.payloadType); }
    // In PCMU 0xff and 0x7f are silence; an Opus frame of silence has a few bytes.
    if (codec === 'PCMU' ? packet.payload.some(b => (b & 0x7f) < 0x60) : packet.payload.length > 20) { seen.sounding++; }
    voice.writeRtp(packet);
  }));
  peer.onIceCandidate.subscribe(candidate => { if (candidate) { say('candidate', candidate.toJSON()); } });
  peer.connectionStateChange.subscribe(state => {
    if (state === 'connected') { setTimeout(() => { say('hangup'); setTimeout(finish, 500); }, seconds * 1000); }
  });
  const description = await peer.createOffer();
  await peer.setLocalDescription(description);
  say('desc', { type: 'offer', sdp: peer.localDescription.sdp });
}

function take() {
  say('ringanswer', true);
  offer().catch(finish);
}

socket.on('open', () => say('auth', token));
socket.on('error', finish);
socket.on('close', () => finish('the server closed'));
socket.on('message', data => {
  const { type, body } = JSON.parse(data);
  seen.messages.push(type);
  switch (type) {
    case 'auth':
      if (body !== 'OK') { return finish(body); }
      console.log('READY');
      if (part !== 'call') { return; }
      say('connect', 'a bare string');
      return void offer().catch(finish);
    case 'ring':
      console.log('RINGING');
      if (part === 'answer') { take(); }
      return;
    case 'cancel':
      // Passed over, as any type that the original protocol has not; the user of this client takes the call now.
      if (part === 'late') { take(); }
      return;
    case 'desc':
      seen.answer = body.sdp;
      return void peer.setRemoteDescription(body).catch(finish);
    case 'candidate':
      return void peer.addIceCandidate(body).catch(finish);
    case 'hangup':
      return part === 'late' ? finish() : finish('the server hung up');
  }
});
setTimeout(() => finish('nothing came of it'), 30000);
