using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Activities.Calls;

namespace Sift.Activities.Tests.Calls;

public sealed class CallPlanTests
{
    private static readonly CallPlan Full = new("0123456789abcdef")
    {
        CreatedAt = new DateTimeOffset(2026, 11, 23, 1, 2, 3, 456, TimeSpan.Zero),
        ApplicationId = "fedcba9876543210",
        OnIncoming = "https://app.example.com/in?a=1&b=2",
        StatusUrl = "https://app.example.com/status",
        DefaultRoutine = JsonElement.Parse("""[{"name":"Say","text":"Hello \u00e9"}]"""),
        FallbackRoutine = JsonElement.Parse("[]"),
        FallbackUrl = "https://other.example.com/in",
        AnswerOnDemand = true,
        CallerId = "+15550100001",
        RingSeconds = 12.5,
        CallbackSeconds = 3,
        IdleSeconds = 0.25,
        Apology = "Sorry.",
    };

    [Fact]
    public void A_plan_reads_the_same_from_the_journal()
    {
        var read = CallPlan.Read(JsonNode.Parse(Full.ToJson().ToJsonString()))!;

        Assert.Equal(Full with { DefaultRoutine = null, FallbackRoutine = null }, read with { DefaultRoutine = null, FallbackRoutine = null });
        Assert.True(JsonElement.DeepEquals(Full.DefaultRoutine!.Value, read.DefaultRoutine!.Value));
        Assert.True(JsonElement.DeepEquals(Full.FallbackRoutine!.Value, read.FallbackRoutine!.Value));
    }

    [Fact]
    public void A_plan_that_was_just_written_is_not_read_again() => Assert.Same(Full, CallPlan.Read(Full.ToJson()));
}
