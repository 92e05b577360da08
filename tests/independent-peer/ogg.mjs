// Opus packets in and out of Ogg (RFC 3533, RFC 7845), so that ffmpeg can be the codec.
import { spawnSync } from 'node:child_process';

const CRC = new Uint32Array(256).map((_, i) => {
  let r = i << 24;
  for (let k = 0; k < 8; k++) r = r & 0x80000000 ? (r << 1) ^ 0x04c11db7 : r << 1;
  return r >>> 0;
});

export function opusTone(hertz, seconds) {
  const made = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `sine=${hertz}:r=48000:d=${seconds}`, '-af', 'volume=4',
    '-c:a', 'libopus', '-b:a', '32k', '-frame_duration', '20', '-f', 'ogg', '-'], { maxBuffer: 1 << 26 });
  if (made.status !== 0) throw new Error(`ffmpeg: ${made.stderr}`);
  return packetsOf(made.stdout).slice(2);
}

export function decodeOpus(packets) {
  const made = spawnSync('ffmpeg', ['-v', 'error', '-f', 'ogg', '-i', '-', '-ac', '1', '-ar', '48000', '-f', 's16le', '-'],
    { input: oggOf(packets), maxBuffer: 1 << 28 });
  const pcm = made.stdout;
  return { rate: 48000, samples: new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1) };
}

function packetsOf(file) {
  const packets = [];
  let rest = [];
  for (let at = 0; at + 27 <= file.length;) {
    const count = file[at + 26];
    let body = at + 27 + count;
    for (let i = 0; i < count; i++) {
      const length = file[at + 27 + i];
      rest.push(file.subarray(body, body + length));
      body += length;
      if (length < 255) {
        packets.push(Buffer.concat(rest));
        rest = [];
      }
    }
    at = body;
  }
  return packets;
}

function oggOf(packets) {
  const head = Buffer.from('OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00', 'latin1');
  const tags = Buffer.from('OpusTags\x04\x00\x00\x00peer\x00\x00\x00\x00', 'latin1');
  return Buffer.concat([page(head, 0, 0, 2), page(tags, 1, 0, 0), ...packets.map((p, i) => page(p, i + 2, (i + 1) * 960, 0))]);
}

function page(packet, sequence, granule, flags) {
  const lacing = [];
  for (let left = packet.length; ; left -= 255) {
    lacing.push(Math.min(left, 255));
    if (left < 255) break;
  }
  const header = Buffer.alloc(27 + lacing.length);
  header.write('OggS', 0, 'latin1');
  header[5] = flags;
  header.writeBigUInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(0x51f7, 14);
  header.writeUInt32LE(sequence, 18);
  header[26] = lacing.length;
  header.set(lacing, 27);
  const whole = Buffer.concat([header, packet]);
  let crc = 0;
  for (const byte of whole) crc = ((crc << 8) ^ CRC[(crc >>> 24) ^ byte]) >>> 0;
  whole.writeUInt32LE(crc, 22);
  return whole;
}
