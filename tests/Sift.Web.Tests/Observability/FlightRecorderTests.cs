using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sift.Media.Legs;
using Sift.Media.Sip.Tracing;
using Sift.Web.Observability;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Observability;

[Collection(SiftServerCollection.Name)]
public sealed class FlightRecorderTests(SiftServer server)
{
    private static readonly DateTimeOffset Later = DateTimeOffset.MaxValue;

    private FlightRecorder Recorder => server.Services.GetRequiredService<FlightRecorder>();

    private CallTraces Traces => server.Services.GetRequiredService<CallTraces>();

    [Fact]
    public async Task A_live_call_is_read_from_memory_and_an_ended_one_from_the_database()
    {
        var leg = Call();
        Assert.Single((await Recorder.FindAsync(leg.Value, default))!.Messages);

        End(leg, new LegEnded(leg, LegEndCause.RemoteHangUp, null, null) { Quality = new LegQuality(50, 49, 1, TimeSpan.FromMilliseconds(3), null, 4.3, "PCMU") });
        await Recorder.FlushAsync(Later, default);

        Assert.Null(Traces.Find(leg));
        var stored = await Recorder.FindAsync(leg.Value, default);
        Assert.StartsWith("INVITE sip:a", Assert.Single(stored!.Messages).Text, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(stored.Samples).Quality.PacketsLost);
    }

    [Fact]
    public async Task Many_calls_that_end_at_once_are_all_kept()
    {
        var legs = Enumerable.Range(0, 200).Select(_ => Call()).ToList();
        foreach (var leg in legs)
        {
            End(leg, new LegEnded(leg, LegEndCause.RemoteHangUp, null, null));
        }

        await Recorder.FlushAsync(Later, default);

        foreach (var leg in legs)
        {
            Assert.NotNull(await Recorder.FindAsync(leg.Value, default));
        }
    }

    [Fact]
    public async Task A_call_that_never_became_a_connection_is_listed_as_refused_and_not_stored()
    {
        var leg = Call();
        End(leg, new LegEnded(leg, LegEndCause.NotFound, 404, null));
        await Recorder.FlushAsync(Later, default);

        Assert.Contains(Traces.Refused, call => call.CallId == leg.Value && call is { Status: 404, Reason: "nobody has the number that was called", Messages.Count: 1 });
        Assert.Null(await Recorder.FindAsync(leg.Value, default));
    }

    private LegId Call()
    {
        var leg = new LegId(Ids.New());
        Traces.OnMessage("UDP", IPEndPoint.Parse("192.0.2.1:5060"), IPEndPoint.Parse("198.51.100.7:5060"), true, Encoding.UTF8.GetBytes($"INVITE sip:a SIP/2.0\r\nCall-ID: {leg}\r\n\r\n"));
        Traces.OnLeg(leg.Value, leg);
        return leg;
    }

    private void End(LegId leg, LegEnded end)
    {
        var heard = new Hearer();
        Recorder.Before(heard).OnLegEvent(end);
        Assert.Equal(leg, Assert.Single(heard.Events).Leg);
    }

    private sealed class Hearer : ILegEvents
    {
        public List<LegEvent> Events { get; } = [];

        public void OnLegEvent(LegEvent legEvent) => Events.Add(legEvent);
    }
}
