import './sift.js';

export default globalThis.Sift;
