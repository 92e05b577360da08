using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Speech;
using Sift.Media.Speech.Flite;

namespace Sift.Media.Tests.Speech;

public sealed class FliteEngineTests : SpeechEngineTests
{
    protected override async Task<ISpeechEngine> StartAsync() => await StartAsync(Options);

    [Fact]
    public async Task Speaks_by_library_with_its_four_voices()
    {
        await using var engine = await StartAsync(Options);

        Assert.Equal(["slt", "rms", "awb", "kal16"], engine.Voices.Select(voice => voice.Name));
        Assert.NotEmpty(engine.WorkerProcessIds);
        foreach (var voice in engine.Voices)
        {
            var taker = new PcmTaker();
            Assert.Null(await engine.SynthesizeAsync(voice, "Hello there.", taker, default));
            Assert.Equal(16000, taker.SampleRate);
            Assert.True(taker.Samples.Count > 8000);
        }
    }

    [Fact]
    public async Task A_worker_killed_while_idle_is_replaced_unnoticed()
    {
        await using var engine = await StartAsync(Options with { Workers = 1 });
        var victim = engine.WorkerProcessIds.Single();
        using (var process = Process.GetProcessById(victim))
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        var taker = new PcmTaker();
        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], "Still here.", taker, default));

        Assert.NotEmpty(taker.Samples);
        Assert.DoesNotContain(victim, engine.WorkerProcessIds);
    }

    [Fact]
    public async Task A_worker_killed_in_mid_sentence_costs_that_sentence_only()
    {
        await using var engine = await StartAsync(Options with { Workers = 1 });
        var victim = engine.WorkerProcessIds.Single();
        var taker = new PcmTaker();
        var speaking = engine.SynthesizeAsync(engine.Voices[0], string.Join(", ", Enumerable.Repeat("a long sentence that goes on and on", 40)), taker, default);
        await taker.First;
        using (var process = Process.GetProcessById(victim))
        {
            process.Kill();
        }

        Assert.Contains("crashed", await speaking);
        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], "The next one works.", new PcmTaker(), default));
    }

    [Fact]
    public async Task A_hung_worker_is_killed_at_the_deadline_and_the_next_sentence_is_spoken()
    {
        await using var engine = await StartAsync(Options with { Workers = 1, SentenceDeadline = TimeSpan.FromSeconds(2) });
        var victim = engine.WorkerProcessIds.Single();
        using var stopper = Process.Start("kill", ["-STOP", $"{victim}"]);
        await stopper.WaitForExitAsync();

        Assert.Contains("did not finish", await engine.SynthesizeAsync(engine.Voices[0], "Nobody answers.", new PcmTaker(), default));

        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], "The next one works.", new PcmTaker(), default));
        Assert.DoesNotContain(victim, engine.WorkerProcessIds);
    }

    [Fact]
    public async Task An_engine_whose_worker_cannot_be_started_again_says_so_until_it_can()
    {
        // The worker's program, which can be taken away like a package that is removed while the server runs.
        var program = Path.Combine(Directory.CreateTempSubdirectory("sift-worker-").FullName, "worker");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec {string.Join(' ', WorkerEntry.Command)} \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        await using var engine = await StartAsync(Options with { Workers = 1, WorkerCommand = [program] });
        Assert.Null(engine.Failure);
        File.Move(program, program + ".away");
        using (var process = Process.GetProcessById(engine.WorkerProcessIds.Single()))
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        var error = await engine.SynthesizeAsync(engine.Voices[0], "Nobody speaks.", new PcmTaker(), default);
        Assert.Equal(error, engine.Failure);
        Assert.Contains("could not be started", engine.Failure, StringComparison.Ordinal);

        File.Move(program + ".away", program);
        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], "Here again.", new PcmTaker(), default));
        Assert.Null(engine.Failure);
        Directory.Delete(Path.GetDirectoryName(program)!, recursive: true);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once()
    {
        await using var engine = await StartAsync(Options with { Workers = 1, QueueLength = 1 });

        var errors = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => engine.SynthesizeAsync(engine.Voices[0], $"Number {n}.", new PcmTaker(), default)));

        Assert.True(errors.Contains("the speech engine is overloaded"));
        Assert.True(errors.Contains(null));
    }

    [Fact]
    public async Task Without_a_worker_it_falls_back_to_the_program_and_says_so()
    {
        await using var engine = await StartAsync(Options with { WorkerCommand = ["/nonexistent/sift"] });

        Assert.Contains("could not be started", engine.Trouble);
        var taker = new PcmTaker();
        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], "Hello from the program.", taker, default));
        Assert.True(taker.Samples.Count > 16000);
    }

    private static Task<FliteEngine> StartAsync(SpeechOptions options) => FliteEngine.StartAsync(options, TimeProvider.System, NullLoggerFactory.Instance, default);
}
