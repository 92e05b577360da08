// Calls an application through the documented JSON protocol (docs/browser-protocol.md) and tells what it hears, as one line of JSON.
//   node peer.mjs --url ws://host:port/webrtc/ --token TOKEN [--codec pcmu|opus] [--send 1000] [--hear 440] [--seconds 4]
// With --answer it waits for a call instead of making one. Ends with 0 when the tone of --hear was the strongest, else with 1.
import { parseArgs } from 'node:util';
import WebSocket from 'ws';
import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket, useOPUS, usePCMU } from 'werift';
import { decodeOpus, opusTone } from './ogg.mjs';
import { decodeMuLaw, muLawTone, strongest } from './tones.mjs';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' }, token: { type: 'string' }, codec: { type: 'string', default: 'pcmu' }, send: { type: 'string', default: '1000' },
    hear: { type: 'string', default: '440' }, seconds: { type: 'string', default: '4' }, answer: { type: 'boolean', default: false },
  },
});
const opus = options.codec === 'opus';
const socket = new WebSocket(options.url);
const say = (type, body) => socket.send(JSON.stringify(body === undefined ? { type } : { type, body }));
const heard = [];
let connection, track, sending;

socket.on('open', () => say('auth', options.token));
socket.on('error', (error) => fail(error.message));
socket.on('close', () => fail('the server closed the socket'));
socket.on('message', async (text) => {
  const { type, body } = JSON.parse(text);
  if (type === 'auth') {
    if (body !== 'OK') fail(`not authenticated: ${body}`);
    else if (!options.answer) {
      say('connect', { peer: 'werift' });
      await offer();
    }
  } else if (type === 'ring') {
    say('ringanswer', true);
    await offer();
  } else if (type === 'desc') {
    await connection.setRemoteDescription(body);
  } else if (type === 'hangup' || type === 'cancel' || type === 'reset') {
    fail(`the server said ${type}`);
  }
});

async function offer() {
  connection = new RTCPeerConnection({ codecs: { audio: [opus ? useOPUS() : usePCMU()] } });
  track = new MediaStreamTrack({ kind: 'audio' });
  const transceiver = connection.addTransceiver(track, { direction: 'sendrecv' });
  transceiver.onTrack.subscribe((remote) => remote.onReceiveRtp.subscribe((packet) => heard.push(packet.payload)));
  connection.connectionStateChange.subscribe((state) => {
    if (state === 'connected' && !sending) talk();
    if (state === 'failed') fail('the peer connection failed');
  });
  connection.onIceCandidate.subscribe((candidate) => candidate && say('candidate', candidate.toJSON()));
  await connection.setLocalDescription(await connection.createOffer());
  say('desc', { type: 'offer', sdp: connection.localDescription.sdp });
}

function talk() {
  const seconds = Number(options.seconds);
  const hertz = Number(options.send);
  const packets = opus ? opusTone(hertz, seconds + 2) : null;
  const begun = performance.now();
  let n = 0;
  sending = setInterval(() => {
    for (; n * 20 < performance.now() - begun; n++) {
      const payload = opus ? packets[n % packets.length] : muLawTone(hertz, n);
      const header = new RtpHeader({ version: 2, payloadType: opus ? 96 : 0, sequenceNumber: n & 0xffff, timestamp: n * (opus ? 960 : 160), ssrc: 0x1357, marker: n === 0 });
      track.writeRtp(new RtpPacket(header, payload));
    }
    if (performance.now() - begun > seconds * 1000) finish();
  }, 5);
}

function finish() {
  clearInterval(sending);
  const sound = opus ? decodeOpus(heard) : decodeMuLaw(heard.filter((p) => p.length === 160));
  const result = { codec: options.codec, packets: heard.length, ...strongest(sound, [300, 440, 700, 1000, 1004]) };
  say('hangup');
  console.log(JSON.stringify(result));
  process.exit(result.hertz === Number(options.hear) && result.share > 0.8 ? 0 : 1);
}

function fail(reason) {
  console.log(JSON.stringify({ error: reason }));
  process.exit(1);
}

setTimeout(() => fail('nothing came of it within 30 s'), 30_000);
