using System.Net;
using Sift.Media.Legs;

namespace Sift.Media.Sip.Tracing;

/// <summary>Sees the SIP messages of calls pass by. Called on receive threads and on the reactor; must neither block nor throw.</summary>
public interface ISipTrace
{
    /// <summary>A message was received or is about to be sent.</summary>
    /// <param name="transport">UDP, TCP, TLS, WS or WSS.</param>
    /// <param name="local">This end.</param>
    /// <param name="remote">The other end.</param>
    /// <param name="received">False for one that is sent.</param>
    /// <param name="message">Valid during the call only.</param>
    void OnMessage(string transport, IPEndPoint local, IPEndPoint remote, bool received, ReadOnlySpan<byte> message);

    /// <summary>Messages with that Call-ID belong to a leg.</summary>
    void OnLeg(string callId, LegId leg);

    /// <summary>A call was refused before it became a leg.</summary>
    /// <param name="callId">Its Call-ID.</param>
    /// <param name="status">The SIP status it was refused with.</param>
    /// <param name="reason">Why, for people.</param>
    void OnRefused(string callId, int status, string reason);

    /// <summary>How a leg's media is at the moment; every few seconds.</summary>
    void OnQuality(LegId leg, LegQuality sample);
}
