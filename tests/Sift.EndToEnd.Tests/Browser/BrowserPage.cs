using System.Text.Json;
using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Hearing;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Browser;

/// <summary>A page that uses sift.js: drives it, keeps what it reports, and listens to what it plays.</summary>
internal sealed class BrowserPage(IPage page) : IAsyncDisposable
{
    /// <summary>
    /// Ears on the element that sift.js plays through, and hands on its socket and peer connections. Put into each page before its own scripts.
    /// </summary>
    public const string Instruments = """
        (() => {
          const RealSocket = window.WebSocket, RealPeer = window.RTCPeerConnection;
          const net = window.net = { sockets: [], peers: [], cut: false, hide: null, answer: null, configuration: {} };
          window.WebSocket = function (url) {
            const socket = new RealSocket(net.cut ? 'ws://127.0.0.1:9/' : url);
            const send = socket.send.bind(socket);
            socket.send = text => { if (!net.hide || !net.hide.test(text)) { send(text); } };
            net.sockets.push(socket);
            return socket;
          };
          window.WebSocket.prototype = RealSocket.prototype;
          window.RTCPeerConnection = function (configuration) {
            const peer = new RealPeer(Object.assign({}, configuration, net.configuration));
            if (net.answer) {
              const take = peer.setRemoteDescription.bind(peer);
              peer.setRemoteDescription = answer => take({ type: answer.type, sdp: net.answer(answer.sdp) });
            }
            net.peers.push(peer);
            return peer;
          };
          window.RTCPeerConnection.prototype = RealPeer.prototype;
          window.ears = {
            async open() {
              const stream = document.getElementById('audio_remote').srcObject;
              const context = this.context = new AudioContext({ sampleRate: 48000 });
              await context.resume();
              const source = context.createMediaStreamSource(stream);
              const recorder = context.createScriptProcessor(4096, 1, 1);
              const parts = this.parts = [];
              recorder.onaudioprocess = e => parts.push(new Float32Array(e.inputBuffer.getChannelData(0)));
              source.connect(recorder);
              recorder.connect(context.destination);
              this.keep = [source, recorder];
            },
            seconds() { return this.parts.length * 4096 / 48000; },
            close() {
              const samples = new Int16Array(this.parts.length * 4096);
              this.parts.forEach((part, n) => part.forEach((x, i) => { samples[n * 4096 + i] = Math.max(-32768, Math.min(32767, x * 32768)); }));
              this.context.close();
              const bytes = new Uint8Array(samples.buffer);
              let text = '';
              for (let i = 0; i < bytes.length; i += 8192) { text += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192)); }
              return btoa(text);
            }
          };
        })();
        """;

    /// <summary>SERVER stands for the server's address.</summary>
    public const string Html = """
        <!doctype html><meta charset="utf-8"><title>client</title><script src="SERVER/sift.js"></script><script>
          window.events = JSON.parse(sessionStorage.events || '[]');
          for (const name of Object.keys(Sift).filter(n => /^on[A-Z]/.test(n))) {
            Sift[name] = detail => {
              events.push(detail === undefined ? name : name + ' ' + JSON.stringify(detail));
              sessionStorage.events = JSON.stringify(events);
            };
          }
          if (location.hash.length > 1) { Sift.init(location.hash.slice(1)); }
        </script>
        """;

    public IPage Page => page;

    /// <summary>Opens a page of a customer's site that logs in with that token.</summary>
    public static async Task<BrowserPage> LogInAsync(Chromium chromium, SiftServer server, string token, int tone = 600, bool allowMicrophone = true)
    {
        var page = await chromium.NewPageAsync(tone, allowMicrophone);
        await page.GotoAsync(chromium.ClientUrl(server, token));
        return new BrowserPage(page);
    }

    public async Task<IReadOnlyList<string>> EventsAsync() => JsonSerializer.Deserialize<string[]>(await page.EvaluateAsync<string>("JSON.stringify(window.events || [])"))!;

    /// <summary>Waits until sift.js has called that callback at least so many times.</summary>
    public async Task<string> HeardOfAsync(string callback, int times = 1, TimeSpan? limit = null)
    {
        IReadOnlyList<string> events = [];
        return await Eventually.Get(
            async () =>
            {
                events = await EventsAsync();
                return events.Where(e => e == callback || e.StartsWith(callback + " ", StringComparison.Ordinal)).Skip(times - 1).FirstOrDefault();
            },
            limit ?? TimeSpan.FromSeconds(20),
            () => $"{callback} in the page; there were: {string.Join(", ", events)}");
    }

    public Task InStateAsync(string state) => Eventually.True(
        async () => await StateAsync() == state, TimeSpan.FromSeconds(20), () => $"the page's Sift.state() is {state}");

    public Task<string> StateAsync() => page.EvaluateAsync<string>("Sift.state()");

    public Task RunAsync(string script) => page.EvaluateAsync(script);

    public Task<string?> ConnectionIdAsync() => page.EvaluateAsync<string?>("Sift.connectionId()");

    /// <summary>The pair that carries the last peer connection: its figures, with those of both candidates.</summary>
    public Task<JsonElement> SelectedPairAsync() => page.EvaluateAsync<JsonElement>(
        """
        async () => {
          const stats = new Map([...await net.peers[net.peers.length - 1].getStats()]);
          const transport = [...stats.values()].find(s => s.type === 'transport');
          const pair = stats.get(transport.selectedCandidatePairId);
          return { pair, local: stats.get(pair.localCandidateId), remote: stats.get(pair.remoteCandidateId) };
        }
        """);

    public Task OpenEarsAsync() => page.EvaluateAsync("ears.open()");

    public async Task<Recording> CloseEarsAsync()
    {
        var samples = Convert.FromBase64String(await page.EvaluateAsync<string>("ears.close()"));
        return new Recording(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(samples).ToArray(), 48_000);
    }

    /// <summary>Listens for that long.</summary>
    public async Task<Recording> ListenAsync(double seconds)
    {
        await OpenEarsAsync();
        await Eventually.True(
            async () => await page.EvaluateAsync<double>("ears.seconds()") >= seconds, TimeSpan.FromSeconds(seconds + 20), () => $"{seconds} s of sound in the page");
        return await CloseEarsAsync();
    }

    public async ValueTask DisposeAsync() => await page.Context.CloseAsync();
}
