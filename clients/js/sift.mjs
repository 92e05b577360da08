import './sift.js';

const Sift = globalThis.Sift;

// A module has no currentScript: signalling is served beside this file unless the page says otherwise.
if (!Sift.GRIDSPACE_VOIP_URI && /^https?:/.test(import.meta.url)) {
  const place = new URL('/webrtc/', import.meta.url);
  place.protocol = place.protocol === 'https:' ? 'wss:' : 'ws:';
  Sift.GRIDSPACE_VOIP_URI = place.href;
}

export default Sift;
