/** Calls between a web page and a Sift voice server. */
export interface SiftLibrary {
  readonly State: Readonly<Record<'UNINITIALIZED' | 'AUTHENTICATING' | 'AUTHENTICATED' | 'RINGING' | 'CONNECTING' | 'CONNECTED', SiftState>>;
  readonly Error: Readonly<Record<string, SiftErrorCode>>;
  /** Address of the signalling socket; by default `/webrtc/` of the server that this file came from. */
  GRIDSPACE_VOIP_URI: string | null;

  /** Opens the socket and logs in with a capability token. */
  init(token: string): void;
  /** The same as `init`. Throws unless the state is `uninitialized`. */
  authenticate(token: string): void;
  /** Gives the server another token for the same client, before the first expires. */
  renew(token: string): void;
  /** Calls the application of the token; `data` reaches it as `client_data`. */
  connect(data?: unknown, mediaStream?: MediaStream): void;
  answer(): void;
  decline(): void;
  hangUp(): void;
  mute(): void;
  unmute(): void;
  setMuted(muted: boolean): void;
  isMuted(): boolean;
  reset(): void;
  state(): SiftState;
  /** The id of the present call's connection, once known. */
  connectionId(): string | null;

  /** Sends keys: 0-9, *, #, A-D. False when no call is up. */
  sendDigits(digits: string): boolean;
  devices(): Promise<{ inputs: SiftDevice[]; outputs: SiftDevice[] }>;
  setInputDevice(id: string | null): Promise<void>;
  setOutputDevice(id: string | null): Promise<void>;
  /** Loudness of both sides at this moment, each 0 to 1. */
  levels(): { local: number; remote: number };

  onAuthenticated: () => void;
  onIncomingCall: (caller: SiftCaller | null) => void;
  onConnected: () => void;
  onRemotePartyHungUp: () => void;
  /** The caller gave up while it rang, or the call failed before it was up. */
  onCallCancelled: (reason?: string) => void;
  onReconnecting: () => void;
  onReconnected: () => void;
  /** A call that was up before the page was loaded anew goes on; `onConnected` follows. */
  onCallResumed: () => void;
  onQuality: (quality: SiftQuality) => void;
  onError: (error: SiftErrorCode) => void;
}

export type SiftState = 'uninitialized' | 'authenticating' | 'authenticated' | 'ringing' | 'connecting' | 'connected';

export type SiftErrorCode =
  | 'none' | 'unknown' | 'lost-internet' | 'no-mic' | 'mic-disabled' | 'mic-permission-denied'
  | 'authentication-failed' | 'outgoing-not-permitted';

export interface SiftDevice { id: string; label: string }

export interface SiftCaller { from: string; connection_id: string; client_data?: unknown }

export interface SiftQuality {
  packets_received: number;
  packets_lost: number;
  /** Share of packets lost since the last report, 0 to 1. */
  loss: number;
  jitter_ms: number;
  round_trip_ms: number | null;
  remote_loss: number | null;
}

declare const Sift: SiftLibrary;
export default Sift;

declare global {
  interface Window { Sift: SiftLibrary; OVERRIDE_GRIDSPACE_VOIP_URI?: string }
}
