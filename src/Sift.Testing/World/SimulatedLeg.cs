using Sift.Media.Legs;
using Sift.Media.Rtp;

namespace Sift.Testing.World;

internal enum LegStage { Ringing, Up, Ended }

/// <summary>One end of a call that Sift is the other end of: what Sift asks of the leg becomes what the person hears.</summary>
internal sealed class SimulatedLeg(SimulatedNetwork network, LegId id, string number, string other, bool isCaller)
{
    private static readonly TimeSpan KeyGap = TimeSpan.FromMilliseconds(250);

    private readonly List<HeardItem> _heard = [];
    private readonly Player _player = new();
    private ScriptRun? _script;
    private Utterance? _speaking;
    private bool _hasVanished;

    public LegId Id => id;

    /// <summary>Who is on the phone.</summary>
    public string Number => number;

    /// <summary>Whom they talk to.</summary>
    public string Other => other;

    /// <summary>True when this phone called Sift, false when Sift called it.</summary>
    public bool IsCaller => isCaller;

    public LegStage Stage { get; private set; } = LegStage.Ringing;

    public DateTimeOffset BeganAt { get; } = network.Now;

    public DateTimeOffset? AnsweredAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public string? EndedBecause { get; private set; }

    public bool IsHeld { get; private set; }

    /// <summary>Whether the phone tells its person that the other end rings.</summary>
    public bool HearsRinging { get; private set; }

    public SimulatedLeg? Partner { get; private set; }

    public IReadOnlyList<HeardItem> Heard => _heard;

    /// <summary>Since when nothing is heard; null while something is.</summary>
    public DateTimeOffset? SilentSince => Stage != LegStage.Up || _heard.Exists(static item => item.Until is null) ? null
        : _heard.Count == 0 ? AnsweredAt : _heard.Max(static item => item.Until!.Value) is var last && last > AnsweredAt ? last : AnsweredAt;

    public static string Keys(string keys) =>
        keys.Length > 0 && keys.All(static key => "0123456789*#ABCD".Contains(key, StringComparison.Ordinal))
            ? keys
            : throw new ArgumentException($"'{keys}' are no keys of a phone: 0-9, *, # and A-D are.", nameof(keys));

    public void Follow(CallerScript script) => _script = new ScriptRun(network, this, script.Steps);

    public void Ring()
    {
        if (Stage == LegStage.Ringing && !HearsRinging)
        {
            HearsRinging = true;
            network.Note(this, "hears it ring");
        }
    }

    /// <summary>Media can pass.</summary>
    public void GoUp()
    {
        if (Stage != LegStage.Ringing)
        {
            return;
        }

        Stage = LegStage.Up;
        AnsweredAt = network.Now;
        network.Note(this, isCaller ? "is answered" : "answers");
        network.Tell(new LegAnswered(id));
        _script?.Begin();
    }

    public void End(LegEndCause cause, int? status, string detail)
    {
        if (Stage == LegStage.Ended)
        {
            return;
        }

        Drop(detail);
        network.Tell(new LegEnded(id, cause, status, detail));
    }

    /// <summary>It is over; nobody at the server hears of it.</summary>
    public void Drop(string reason)
    {
        if (Stage == LegStage.Ended)
        {
            return;
        }

        Stage = LegStage.Ended;
        EndedAt = network.Now;
        EndedBecause = reason;
        _player.Leave();
        Part();
        Silence();
        network.Note(this, "call over: " + reason);
    }

    public void Play(PlayOnLeg play)
    {
        if (Stage != LegStage.Up)
        {
            return;
        }

        Finish(PlaybackEnd.Stopped);
        _player.Take(play);
        PlayNext();
    }

    public void Stop(PlaybackId playback)
    {
        if (_player.Current?.Playback == playback)
        {
            Finish(PlaybackEnd.Stopped);
        }
    }

    public void Join(SimulatedLeg partner)
    {
        Part();
        partner.Part();
        Partner = partner;
        partner.Partner = this;
        network.Note(this, $"is joined with {partner.Number}");
        LetHear(partner);
        partner.LetHear(this);
    }

    public void Part()
    {
        if (Partner is { } partner)
        {
            Partner = null;
            partner.Partner = null;
            Cut();
            partner.Cut();
        }
    }

    public void Press(string keys)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var key = keys[i];
            if (i == 0)
            {
                Press(key);
            }
            else
            {
                network.After(KeyGap * i, () => Press(key));
            }
        }
    }

    public static TimeSpan TimeFor(string keys) => KeyGap * (keys.Length - 1);

    /// <summary>Says something to whoever the call is joined with. Returns how long it takes.</summary>
    public TimeSpan Speak(string words)
    {
        var length = network.Options.DurationOf(words);
        network.Note(this, $"says \"{words}\"");
        Hush();
        var speaking = _speaking = new Utterance(words) { HeardAs = Partner?.Hear(HeardKind.Voice, words) };
        network.After(length, () =>
        {
            if (_speaking == speaking)
            {
                _speaking = null;
                speaking.HeardAs?.End(network.Now, isCutOff: false);
                Partner?.OnQuiet();
            }
        });
        return length;
    }

    public void Hold(bool held)
    {
        if (Stage == LegStage.Up && IsHeld != held)
        {
            IsHeld = held;
            network.Note(this, held ? "puts the call on hold" : "takes the call back from hold");
            network.Tell(new LegHoldChanged(id, held));
        }
    }

    /// <summary>The phone is gone without a word: its audio stops, and Sift has to find out.</summary>
    public void Vanish()
    {
        if (Stage != LegStage.Up || _hasVanished)
        {
            return;
        }

        _hasVanished = true;
        network.Note(this, "is gone without a word");
        var limits = new MediaEngineOptions();
        network.After(limits.MediaLossWarning, () =>
        {
            if (Stage == LegStage.Up)
            {
                network.Tell(new LegMediaLost(id, limits.MediaLossWarning));
            }
        });
        network.After(limits.MediaLossTimeout, () => End(LegEndCause.MediaTimeout, null, "no media"));
    }

    public void HearDigits(string digits) => Hear(HeardKind.Digits, digits).End(network.Now, isCutOff: false);

    private void Press(char key)
    {
        if (Stage != LegStage.Up || _hasVanished)
        {
            return;
        }

        network.Note(this, $"presses {key}");
        network.Tell(new LegDigit(id, key, DigitSource.TelephoneEvent));
        if (_player.Current is { StopOnDigit: true })
        {
            Finish(PlaybackEnd.Interrupted);
        }
    }

    private HeardItem Hear(HeardKind kind, string text, string? voice = null, string? language = null)
    {
        var item = new HeardItem(network.Now, kind, text, voice, language);
        _heard.Add(item);
        network.Note(this, kind is HeardKind.Speech or HeardKind.Voice ? $"hears \"{text}\"" : $"hears {kind.ToString().ToLowerInvariant()} {text}".TrimEnd());
        _script?.Look();
        return item;
    }

    private void PlayNext()
    {
        if (_player.Current is not { } play)
        {
            return;
        }

        if (_player.Next() is not { } source)
        {
            Finish(PlaybackEnd.Completed);
            return;
        }

        if (!TryMeasure(source, out var duration, out var error))
        {
            Finish(PlaybackEnd.Failed, error);
            return;
        }

        _player.Item = source switch
        {
            SpeechSource speech => Hear(HeardKind.Speech, speech.Text, speech.Voice, speech.Language),
            SoundSource sound => Hear(HeardKind.Sound, sound.Url.AbsoluteUri),
            ToneSource { Tone: ToneKind.Ringback } => Hear(HeardKind.Ringback, ""),
            ToneSource { Tone: ToneKind.Hold } => Hear(HeardKind.Hold, ""),
            ToneSource tone => Hear(HeardKind.Tone, tone.Tone.ToString().ToLowerInvariant()),
            _ => null,
        };
        if (duration is { } length)
        {
            var turn = _player.Turn;
            network.After(length, () =>
            {
                if (_player.Turn == turn && _player.Current == play)
                {
                    EndItem(isCutOff: false);
                    PlayNext();
                    OnQuiet();
                }
            });
        }
    }

    private bool TryMeasure(PlaySource source, out TimeSpan? duration, out string? error)
    {
        error = null;
        duration = source switch
        {
            SpeechSource speech => network.Options.DurationOf(speech.Text),
            SoundSource sound => network.Options.DurationOf(sound.Url),
            SilenceSource silence => silence.Duration,
            ToneSource tone => tone.Duration,
            _ => TimeSpan.Zero,
        };
        if (source is SoundSource missing && duration is null)
        {
            error = $"{missing.Url} could not be had";
            return false;
        }

        return true;
    }

    private void Finish(PlaybackEnd end, string? error = null)
    {
        if (_player.Leave() is not { } play)
        {
            return;
        }

        EndItem(isCutOff: end != PlaybackEnd.Completed);
        network.Tell(new PlaybackFinished(id, play.Playback, end, error));

        // Sift knows that it is over before the person can act on it.
        OnQuiet();
    }

    private void EndItem(bool isCutOff)
    {
        if (_player.Item is { } item)
        {
            _player.Item = null;
            item.End(network.Now, isCutOff);
        }
    }

    /// <summary>What this person is saying is heard from now on.</summary>
    private void LetHear(SimulatedLeg partner)
    {
        if (_speaking is { } speaking)
        {
            speaking.HeardAs = partner.Hear(HeardKind.Voice, speaking.Words);
        }
    }

    /// <summary>What this person is saying is heard no longer; they may go on saying it.</summary>
    private void Cut()
    {
        if (_speaking is { HeardAs: { } heard } speaking)
        {
            heard.End(network.Now, isCutOff: true);
            speaking.HeardAs = null;
        }
    }

    private void Hush()
    {
        Cut();
        _speaking = null;
    }

    private void Silence()
    {
        foreach (var item in _heard.Where(static item => item.Until is null))
        {
            item.End(network.Now, isCutOff: true);
        }
    }

    private void OnQuiet() => _script?.Look();

    private sealed class Utterance(string words)
    {
        public string Words => words;

        public HeardItem? HeardAs { get; set; }
    }
}
