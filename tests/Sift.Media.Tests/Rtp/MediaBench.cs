using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Protocols.Rtp;

namespace Sift.Media.Tests.Rtp;

/// <summary>An engine on a network in memory, its clock, and far ends to talk to it.</summary>
internal sealed class MediaBench : IDisposable
{
    public MediaBench(Action<MediaEngineOptions>? configure = null)
    {
        var options = new MediaEngineOptions { PortMin = 20000, PortMax = 20199, Threads = 1 };
        configure?.Invoke(options);
        Engine = new MediaEngine(options, new SeededEntropy(1), Time, NullLogger<MediaEngine>.Instance, Network);
    }

    public MemoryNetwork Network { get; } = new();

    public ManualTime Time { get; } = new();

    public MediaEngine Engine { get; }

    public List<FarEnd> Phones { get; } = [];

    /// <summary>Opens a session and a phone that talk to each other.</summary>
    public (MediaSession Session, FarEnd Phone, Recorder Events) Call(int phonePort, Func<MediaParameters, MediaParameters>? change = null)
    {
        var events = new Recorder();
        var session = Engine.Open(events)!;
        var phone = new FarEnd(Network, phonePort, session.LocalPort);
        Phones.Add(phone);
        var parameters = Parameters(phonePort);
        session.Configure(change?.Invoke(parameters) ?? parameters);
        return (session, phone, events);
    }

    public static MediaParameters Parameters(int phonePort) => new()
    {
        Remote = new IPEndPoint(IPAddress.Loopback, phonePort),
        Format = AudioFormat.Pcmu,
        TelephoneEventPayloadType = 101,
    };

    /// <summary>Lets steps of 20 ms pass; phones talk before each step and listen after it.</summary>
    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            Time.Now += TimeSpan.FromMilliseconds(20);
            foreach (var phone in Phones)
            {
                phone.Talk();
            }

            Engine.Tick(Time.Now);
            foreach (var phone in Phones)
            {
                phone.Listen();
            }
        }
    }

    public void Dispose() => Engine.Dispose();
}

/// <summary>A phone: talks a tone when told to, keeps what it hears.</summary>
internal sealed class FarEnd(MemoryNetwork network, int port, int peerPort)
{
    private readonly MemorySocket _socket = network.Bind(port)!;
    private readonly byte[] _packet = new byte[1500];
    private ushort _sequence = (ushort)(port * 7);
    private uint _timestamp = (uint)port * 1000;
    private int _sample;

    public MemorySocket Control { get; } = network.Bind(port + 1)!;

    public double ToneHertz { get; set; }

    public bool Talking { get; set; } = true;

    public int Ptime { get; set; } = 20;

    public byte PayloadType { get; set; }

    public uint Ssrc { get; set; } = (uint)port;

    public List<(RtpHeader Header, byte[] Payload)> Heard { get; } = [];

    /// <summary>All audio heard, decoded by payload type, gaps not filled.</summary>
    public short[] HeardPcm()
    {
        var pcm = new List<short>();
        foreach (var (header, payload) in Heard)
        {
            var samples = new short[payload.Length];
            switch (header.PayloadType)
            {
                case 0:
                    G711.DecodeMuLaw(payload, samples);
                    pcm.AddRange(samples);
                    break;
                case 8:
                    G711.DecodeALaw(payload, samples);
                    pcm.AddRange(samples);
                    break;
            }
        }

        return [.. pcm];
    }

    public void Talk()
    {
        var samples = 8 * Ptime;
        if (Talking && _sample % samples == 0)
        {
            var pcm = new short[samples];
            for (var i = 0; i < samples; i++)
            {
                pcm[i] = ToneHertz == 0 ? (short)0 : (short)(8000 * Math.Sin(2 * Math.PI * ToneHertz * (_sample + i) / 8000));
            }

            var payload = new byte[samples];
            if (PayloadType == 8)
            {
                G711.EncodeALaw(pcm, payload);
            }
            else
            {
                G711.EncodeMuLaw(pcm, payload);
            }

            Send(PayloadType, payload, _timestamp + (uint)_sample);
        }

        _sample += 160;
    }

    public uint Now => _timestamp + (uint)_sample;

    public void Send(byte payloadType, ReadOnlySpan<byte> payload, uint timestamp, bool marker = false)
    {
        RtpHeader.Write(_packet, payloadType, marker, _sequence++, timestamp, Ssrc);
        payload.CopyTo(_packet.AsSpan(12));
        _socket.Send(_packet.AsSpan(0, 12 + payload.Length), MemoryNetwork.Address(peerPort));
    }

    public void Listen()
    {
        while (_socket.Arrived.TryDequeue(out var datagram))
        {
            Assert.True(RtpHeader.TryParse(datagram.Data, out var header));
            Heard.Add((header, datagram.Data.AsSpan(header.PayloadOffset, header.PayloadLength).ToArray()));
        }
    }

    /// <summary>Presses a key for 60 ms, all packets at once.</summary>
    public void Press(char key, byte payloadType = 101)
    {
        var payload = new byte[4];
        var start = Now;
        foreach (var (duration, end) in new[] { (160, false), (320, false), (480, true), (480, true), (480, true) })
        {
            new TelephoneEvent(TelephoneEvent.CodeOf(key)!.Value, end, 10, (ushort)duration).Write(payload);
            Send(payloadType, payload, start, duration == 160);
        }
    }
}

/// <summary>Keeps what a session told its owner.</summary>
internal sealed class Recorder : IMediaSessionEvents
{
    public List<string> Events { get; } = [];

    public string Digits { get; private set; } = "";

    public LegQuality? Quality { get; private set; }

    public void OnDigit(MediaSession session, char digit, DigitSource source)
    {
        Digits += digit;
        Events.Add($"digit {digit} {source}");
    }

    public void OnPlaybackFinished(MediaSession session, PlaybackId playback, PlaybackEnd end, string? error) => Events.Add($"playback {playback} {end} {error}".Trim());

    public void OnMediaLost(MediaSession session, TimeSpan silence) => Events.Add($"lost {silence.TotalSeconds:0}");

    public void OnMediaResumed(MediaSession session) => Events.Add("resumed");

    public void OnMediaTimeout(MediaSession session, TimeSpan silence) => Events.Add($"timeout {silence.TotalSeconds:0}");

    public void OnFirstPacket(MediaSession session) => Events.Add("first");

    public void OnClosed(MediaSession session, LegQuality quality)
    {
        Quality = quality;
        Events.Add("closed");
    }
}

/// <summary>Opens tones: silence sources by their length, "speech" whose text is a frequency for 200 ms, sounds that fail.</summary>
internal sealed class ToneOpener : IAudioSources
{
    public int Opened { get; private set; }

    public int Disposed { get; set; }

    public IAudioSource Open(PlaySource source, int sampleRate, CancellationToken cancellationToken)
    {
        Opened++;
        return source switch
        {
            SpeechSource speech => new Tone(this, sampleRate, double.Parse(speech.Text), 10, null),
            SilenceSource silence => new Tone(this, sampleRate, 0, (int)(silence.Duration.TotalMilliseconds / 20), null),
            SoundSource => new Tone(this, sampleRate, 0, 0, "no such sound"),
            ToneSource => new Tone(this, sampleRate, 1004, int.MaxValue, null),
            _ => throw new ArgumentOutOfRangeException(nameof(source)),
        };
    }

    private sealed class Tone(ToneOpener owner, int sampleRate, double hertz, int frames, string? error) : IAudioSource, IFailedAudio
    {
        private int _position;

        public int SampleRate => sampleRate;

        public string? Error => error;

        public AudioRead Read(Span<short> frame)
        {
            if (error is not null)
            {
                return AudioRead.Failed;
            }

            if (_position / frame.Length >= frames)
            {
                return AudioRead.End;
            }

            for (var i = 0; i < frame.Length; i++, _position++)
            {
                frame[i] = (short)(8000 * Math.Sin(2 * Math.PI * hertz * _position / sampleRate));
            }

            return AudioRead.Frame;
        }

        public void Dispose() => owner.Disposed++;
    }
}

/// <summary>How much of a signal's power lies at a frequency.</summary>
internal static class Spectrum
{
    public static double Share(ReadOnlySpan<short> pcm, double hertz)
    {
        double total = 1;
        double real = 0;
        double imaginary = 0;
        for (var i = 0; i < pcm.Length; i++)
        {
            total += (double)pcm[i] * pcm[i];
            real += pcm[i] * Math.Cos(2 * Math.PI * hertz * i / 8000);
            imaginary += pcm[i] * Math.Sin(2 * Math.PI * hertz * i / 8000);
        }

        return 2 * ((real * real) + (imaginary * imaginary)) / pcm.Length / total;
    }
}
