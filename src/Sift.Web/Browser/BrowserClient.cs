using Sift.Media.Legs;

namespace Sift.Web.Browser;

/// <summary>One login. Touched by the switchboard only.</summary>
internal sealed class BrowserClient(string session, Capability capability, IBrowserSocket socket)
{
    /// <summary>128 random bits: who knows it and has a token of the same holder may take up the call.</summary>
    public string Session { get; } = session;

    public Capability Capability { get; set; } = capability;

    /// <summary>Null while the socket is gone and the call waits for a new one.</summary>
    public IBrowserSocket? Socket { get; set; } = socket;

    public ClientState State { get; private set; }

    /// <summary>The call that rings or is up; null when idle.</summary>
    public LegId? Leg { get; private set; }

    /// <summary>When the socket was lost, on the clock of timestamps.</summary>
    public long LostAt { get; set; }

    /// <summary>When the last answer was sent; 0 when none was in this call.</summary>
    public long AnsweredAt { get; set; }

    public bool IsIdle => State == ClientState.Idle && Socket is not null;

    public void Ring(LegId leg) => (State, Leg, AnsweredAt) = (ClientState.Ringing, leg, 0);

    public void Engage(LegId leg) => (State, Leg, AnsweredAt) = (ClientState.Engaged, leg, 0);

    public void Rest() => (State, Leg, AnsweredAt) = (ClientState.Idle, null, 0);

    /// <summary>Takes over the call of an earlier login.</summary>
    public void Inherit(BrowserClient earlier)
    {
        (State, Leg, AnsweredAt) = (earlier.State, earlier.Leg, earlier.AnsweredAt);
        earlier.Rest();
    }

    public void Send(byte[] message) => Socket?.Send(message);
}

internal enum ClientState
{
    Idle,

    /// <summary>Told of a call, has not said yes or no.</summary>
    Ringing,

    /// <summary>Called or accepted; until the end of the call.</summary>
    Engaged,
}
