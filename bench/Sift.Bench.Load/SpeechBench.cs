using System.Diagnostics;

namespace Sift.Bench.Load;

/// <summary>From the callback's answer with a Say to the first packet with sound in it, one call after another.</summary>
internal sealed class SpeechBench(int serverPort)
{
    private static readonly string[] Names = ["Ada", "Blaise", "Claude", "Donald", "Edsger", "Frances", "Grace", "Harry", "Ivan", "Joan", "Kay", "Leslie", "Margaret", "Niklaus", "Ole", "Peter", "Radia", "Shafi", "Tim", "Vint"];

    private long answeredAt;

    /// <summary>The routine that the callback answers with now.</summary>
    public string Routine { get; private set; } = "";

    /// <summary>Told when the callback's answer is about to leave.</summary>
    public void Answering() => answeredAt = Stopwatch.GetTimestamp();

    public void Run()
    {
        Print("uncached sentence", Names.Select(name => $"Good morning {name}, your table for two is ready at half past seven."));
        Print("cached sentence", Enumerable.Repeat($"Good morning {Names[0]}, your table for two is ready at half past seven.", Names.Length));
    }

    private void Print(string name, IEnumerable<string> sentences)
    {
        var waits = sentences.Select(Measure).Order().ToArray();
        Console.WriteLine($"speech: {name}, first sound after the callback's answer: {waits[waits.Length / 2]:F0} ms (median of {waits.Length}), {waits[^1]:F0} ms (largest), steps of 20 ms");
    }

    private double Measure(string sentence)
    {
        Routine = $$"""{"routine":[{"name":"Say","text":"{{sentence}}"},{"name":"HangUp"}]}""";
        using var caller = new Caller(serverPort, "hook");
        caller.Place(1, 1);
        var call = caller.Calls.Single();
        var clock = Stopwatch.StartNew();
        while (call.FirstSoundAt == 0 && clock.Elapsed < TimeSpan.FromSeconds(10))
        {
            Thread.Sleep(1);
        }

        caller.HangUpAll();
        return call.FirstSoundAt == 0 ? double.PositiveInfinity : Stopwatch.GetElapsedTime(answeredAt, call.FirstSoundAt).TotalMilliseconds;
    }
}
