using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sift.Bench.Load;

/// <summary>
/// Places calls at a steady rate from one SIP port and one media port, retransmits as RFC 3261 asks, and notes what was heard. The server's
/// media port tells the calls apart.
/// </summary>
internal sealed class Caller : IDisposable
{
    private readonly Socket _sip = Udp(0);
    private readonly Socket _media = Udp(0);
    private readonly ConcurrentDictionary<string, CallRecord> _calls = new();
    private readonly CallRecord?[] _byMediaPort = new CallRecord?[65536];
    private readonly int _serverPort;
    private readonly string _user;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Thread> _threads = [];

    public Caller(int serverPort, string user)
    {
        _serverPort = serverPort;
        _user = user;
        Start(ReceiveSip);
        Start(ReceiveMedia);
    }

    public IReadOnlyCollection<CallRecord> Calls => (IReadOnlyCollection<CallRecord>)_calls.Values;

    private int SipPort => ((IPEndPoint)_sip.LocalEndPoint!).Port;

    private int MediaPort => ((IPEndPoint)_media.LocalEndPoint!).Port;

    /// <summary>Places <paramref name="count"/> calls, evenly spaced.</summary>
    public void Place(int count, double perSecond)
    {
        var clock = Stopwatch.StartNew();
        var run = Guid.NewGuid().ToString("N")[..8];
        var offset = _calls.Count;
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds(i / perSecond);
            for (var waited = 0; clock.Elapsed < due; waited++)
            {
                // Looks at every call there was: now and then is enough for a timer of 500 ms.
                if (waited % 16 == 0)
                {
                    Retransmit();
                }

                Thread.Sleep(1);
            }

            var call = new CallRecord { Index = offset + i, CallId = $"{run}{offset + i}", FromTag = $"f{i}", InviteAt = Stopwatch.GetTimestamp() };
            _calls[call.CallId] = call;
            SendInvite(call);
        }
    }

    /// <summary>Waits until all calls ended, resending what got lost.</summary>
    public void WaitForAll(TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < limit && _calls.Values.Any(c => !c.Ended))
        {
            Retransmit();
            Thread.Sleep(5);
        }
    }

    /// <summary>Waits until every call is answered or refused.</summary>
    public void WaitForAnswers(TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < limit && _calls.Values.Any(c => c is { Answered: false, Ended: false }))
        {
            Retransmit();
            Thread.Sleep(5);
        }
    }

    public void ForgetGaps()
    {
        foreach (var call in _calls.Values)
        {
            call.LargestGap = 0;
            call.Packets = 0;
            call.LastAudioAt = 0;
        }
    }

    /// <summary>Sends 20 ms PCMU packets on every answered call from now on.</summary>
    public void Talk() => Start(SendMedia);

    public void HangUpAll()
    {
        foreach (var call in _calls.Values.Where(c => c is { Answered: true, Ended: false }))
        {
            Send(SipText.InDialog(call, "BYE", 2, _user, _serverPort, SipPort));
            call.EndedAt = Stopwatch.GetTimestamp();
            Thread.Sleep(1);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _sip.Dispose();
        _media.Dispose();
        _threads.ForEach(t => t.Join());
        _stop.Dispose();
    }

    private static Socket Udp(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, SendBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private void Start(Action body)
    {
        var thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (SocketException) when (_stop.IsCancellationRequested)
            {
            }
            catch (ObjectDisposedException)
            {
            }
        }) { IsBackground = true };
        thread.Start();
        _threads.Add(thread);
    }

    private void SendInvite(CallRecord call)
    {
        call.InviteSends++;
        Send(SipText.Invite(call, _user, _serverPort, SipPort, MediaPort));
    }

    private void Retransmit()
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var call in _calls.Values)
        {
            if (call.FinalStatus == 0 && !call.Ended && call.InviteSends < 7
                && now - call.InviteAt > Stopwatch.Frequency / 2 * ((1L << call.InviteSends) - 1))
            {
                SendInvite(call);
            }
        }
    }

    private void Send(string text) => _sip.SendTo(Encoding.ASCII.GetBytes(text), new IPEndPoint(IPAddress.Loopback, _serverPort));

    private void ReceiveSip()
    {
        var buffer = new byte[65536];
        while (!_stop.IsCancellationRequested)
        {
            var message = Encoding.ASCII.GetString(buffer, 0, _sip.Receive(buffer));
            var id = SipText.Header(message, "Call-ID");
            if (id is null || !_calls.TryGetValue(id, out var call))
            {
                continue;
            }

            if (message.StartsWith("SIP/2.0 ", StringComparison.Ordinal))
            {
                OnResponse(call, message, int.Parse(message.AsSpan(8, 3)));
            }
            else
            {
                Send(SipText.Response(message, 200, "OK", null, null, null));
                if (message.StartsWith("BYE", StringComparison.Ordinal) && !call.Ended)
                {
                    call.EndedAt = Stopwatch.GetTimestamp();
                }
            }
        }
    }

    private void OnResponse(CallRecord call, string message, int status)
    {
        if (status < 200 || SipText.Header(message, "CSeq")?.EndsWith("INVITE", StringComparison.Ordinal) != true)
        {
            return;
        }

        call.ToHeader = SipText.Header(message, "To");
        call.RemoteTarget = SipText.Header(message, "Contact") is { } contact ? SipText.InAngles(contact) : $"sip:{_user}@127.0.0.1:{_serverPort}";
        var first = call.FinalStatus == 0;
        call.FinalStatus = status;
        var ack = SipText.InDialog(call, "ACK", 1, _user, _serverPort, SipPort);
        Send(status < 300 ? ack : ack.Replace($"{call.CallId}ACK", call.CallId, StringComparison.Ordinal));
        if (!first)
        {
            return;
        }

        if (status < 300)
        {
            call.AnsweredAt = Stopwatch.GetTimestamp();
            call.RemoteMediaPort = SipText.MediaPort(message);
            _byMediaPort[call.RemoteMediaPort] = call;
        }
        else
        {
            call.EndedAt = Stopwatch.GetTimestamp();
        }
    }

    private void ReceiveMedia()
    {
        var buffer = new byte[2048];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (!_stop.IsCancellationRequested)
        {
            // Looked at every millisecond, not slept on: to wake a thread of another core is charged to whoever sends, for every packet anew, and
            // the phones of a server are not on its own machine.
            if (_media.Available == 0)
            {
                Thread.Sleep(1);
                continue;
            }

            var length = _media.ReceiveFrom(buffer, SocketFlags.None, from);
            var now = Stopwatch.GetTimestamp();
            if (_byMediaPort[(from[2] << 8) | from[3]] is not { } call)
            {
                continue;
            }

            call.Packets++;
            if (call.FirstAudioAt == 0)
            {
                call.FirstAudioAt = now;
            }

            // 0xFF and 0x7F are the two zeros of mu-law.
            if (call.FirstSoundAt == 0 && length > 12 && buffer.AsSpan(12, length - 12).IndexOfAnyExcept((byte)0xFF, (byte)0x7F) >= 0)
            {
                call.FirstSoundAt = now;
            }

            if (call.LastAudioAt != 0 && now - call.LastAudioAt > call.LargestGap)
            {
                call.LargestGap = now - call.LastAudioAt;
            }

            call.LastAudioAt = now;
        }
    }

    private void SendMedia()
    {
        var packet = new byte[172];
        packet[0] = 0x80;
        packet.AsSpan(12).Fill(0xFF);
        var clock = Stopwatch.StartNew();
        var target = new IPEndPoint(IPAddress.Loopback, 1).Serialize();
        for (ushort tick = 0; !_stop.IsCancellationRequested; tick++)
        {
            foreach (var call in _calls.Values)
            {
                if (call is { Answered: true, Ended: false })
                {
                    packet[2] = (byte)(tick >> 8);
                    packet[3] = (byte)tick;
                    BitConverter.TryWriteBytes(packet.AsSpan(8), call.Index);
                    var timestamp = tick * 160;
                    packet[4] = (byte)(timestamp >> 24);
                    packet[5] = (byte)(timestamp >> 16);
                    packet[6] = (byte)(timestamp >> 8);
                    packet[7] = (byte)timestamp;
                    target[2] = (byte)(call.RemoteMediaPort >> 8);
                    target[3] = (byte)call.RemoteMediaPort;
                    _media.SendTo(packet, SocketFlags.None, target);
                }
            }

            var wait = TimeSpan.FromMilliseconds(20 * (tick + 1)) - clock.Elapsed;
            if (wait > TimeSpan.Zero)
            {
                Thread.Sleep(wait);
            }
        }
    }
}
