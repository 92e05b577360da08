namespace Sift.Media.Sip.Sandbox;

/// <summary>What a virtual callee does when it is called.</summary>
internal enum MagicBehaviour
{
    /// <summary>Answers at once and sends back what it hears.</summary>
    Echo,

    /// <summary>486.</summary>
    Busy,

    /// <summary>Rings until the caller gives up.</summary>
    NoAnswer,

    /// <summary>603.</summary>
    Decline,

    /// <summary>404.</summary>
    NotFound,

    /// <summary>Answers and plays 1004 Hz.</summary>
    Tone,

    /// <summary>503, as a carrier with no way through.</summary>
    Unreachable,

    /// <summary>Answers after ringing for a second, hangs up after the seconds in its last three digits.</summary>
    HangUpAfter,
}

/// <summary>A virtual callee.</summary>
/// <param name="TalkTime">How long it stays, for <see cref="MagicBehaviour.HangUpAfter"/>.</param>
internal readonly record struct MagicCallee(MagicBehaviour Behaviour, TimeSpan TalkTime);

/// <summary>The numbers of the sandbox that answer by themselves (docs/sandbox.md). All in +1 555 010, which no carrier gives out.</summary>
internal static class MagicNumbers
{
    private const string Prefix = "+1555010";
    private const string HangUpPrefix = "+15550101";

    public static bool TryFind(string number, out MagicCallee callee)
    {
        callee = default;
        if (number.Length != Prefix.Length + 4 || !number.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        if (number.StartsWith(HangUpPrefix, StringComparison.Ordinal))
        {
            var seconds = int.Parse(number.AsSpan(HangUpPrefix.Length), System.Globalization.CultureInfo.InvariantCulture);
            callee = new MagicCallee(MagicBehaviour.HangUpAfter, TimeSpan.FromSeconds(seconds));
            return true;
        }

        MagicBehaviour? behaviour = number.AsSpan(Prefix.Length) switch
        {
            "0001" => MagicBehaviour.Echo,
            "0002" => MagicBehaviour.Busy,
            "0003" => MagicBehaviour.NoAnswer,
            "0004" => MagicBehaviour.Decline,
            "0005" => MagicBehaviour.NotFound,
            "0006" => MagicBehaviour.Tone,
            "0007" => MagicBehaviour.Unreachable,
            _ => null,
        };
        if (behaviour is not { } found)
        {
            return false;
        }

        callee = new MagicCallee(found, TimeSpan.Zero);
        return true;
    }
}
