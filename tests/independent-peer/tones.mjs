// Tones and how loud they are; G.711 u-law (ITU-T G.711) written out anew.
export function muLawTone(hertz, packet) {
  const payload = Buffer.alloc(160);
  for (let i = 0; i < 160; i++) payload[i] = encode(Math.round(8000 * Math.sin(2 * Math.PI * hertz * (packet * 160 + i) / 8000)));
  return payload;
}

export function decodeMuLaw(packets) {
  const samples = new Int16Array(packets.length * 160);
  packets.forEach((packet, n) => packet.forEach((byte, i) => { samples[n * 160 + i] = decode(byte); }));
  return { rate: 8000, samples };
}

/** The strongest of the frequencies in the last second, its share of the power, and the level (1 is full scale). */
export function strongest({ rate, samples }, candidates) {
  // 400 ms: longer stretches may hold a correction of the far jitter buffer, which is a jump of phase.
  const part = samples.slice(Math.max(0, samples.length - rate * 0.4));
  let power = 1;
  for (const s of part) power += s * s;
  let best = { hertz: 0, share: 0 };
  for (const hertz of candidates) {
    let re = 0, im = 0;
    part.forEach((s, i) => { re += s * Math.cos(2 * Math.PI * hertz * i / rate); im += s * Math.sin(2 * Math.PI * hertz * i / rate); });
    const share = 2 * (re * re + im * im) / part.length / power;
    if (share > best.share) best = { hertz, share };
  }
  return { ...best, level: Math.sqrt(power / Math.max(1, part.length)) / 32767 };
}

function encode(sample) {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), 32635) + 132;
  let exponent = 7;
  while (exponent > 0 && !(magnitude & (1 << (exponent + 7)))) exponent--;
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 15)) & 0xff;
}

function decode(byte) {
  const value = ~byte & 0xff;
  const magnitude = ((((value & 15) << 3) + 132) << ((value >> 4) & 7)) - 132;
  return value & 0x80 ? -magnitude : magnitude;
}
