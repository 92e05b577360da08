using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Sift.Media.Audio;
using Sift.Media.Audio.Programs;

namespace Sift.Media.Speech.Workers;

/// <summary>How a sentence ended in a worker.</summary>
/// <param name="Error">Null when it was spoken.</param>
/// <param name="WorkerLost">The process died or was killed.</param>
/// <param name="Retry">Nothing was heard of it and the process died by itself: another worker may try.</param>
internal readonly record struct WorkerOutcome(string? Error, bool WorkerLost, bool Retry);

/// <summary>One worker process. Used by one pool slot at a time.</summary>
internal sealed class SpeechWorker : IDisposable
{
    private readonly Process _process;

    private SpeechWorker(Process process) => _process = process;

    public int ProcessId => _process.Id;

    public bool Alive => !_process.HasExited;

    /// <summary>Voices it announced.</summary>
    public IReadOnlyList<string> Voices { get; private set; } = [];

    /// <summary>Starts a process and waits for its greeting; an error for people when it does not come.</summary>
    public static async Task<(SpeechWorker? Worker, string? Error)> StartAsync(
        IReadOnlyList<string> command, TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = ExternalProgram.Prepare(command[0], command.Skip(1));
        // A worker that only pumps samples needs neither a large heap nor more threads.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x8000000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            return (null, $"the speech worker could not be started: {e.Message}");
        }

        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        var worker = new SpeechWorker(process);
        using var late = new CancellationTokenSource(deadline, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await using var kill = stop.Token.UnsafeRegister(static w => ((SpeechWorker)w!).Kill(), worker).ConfigureAwait(false);
        if (await worker.ReadAsync().ConfigureAwait(false) is { } frame)
        {
            if (frame.Kind == WorkerFrameKind.Hello)
            {
                worker.Voices = Encoding.UTF8.GetString(frame.Payload).Split(',', StringSplitOptions.RemoveEmptyEntries);
                return (worker, null);
            }

            worker.Dispose();
            return (null, Encoding.UTF8.GetString(frame.Payload));
        }

        worker.Dispose();
        return (null, late.IsCancellationRequested ? "the speech worker did not come up in time" : "the speech worker ended while it started");
    }

    public async Task<WorkerOutcome> SpeakAsync(
        string voice, string text, IPcmSink sink, TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(deadline, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        // Killing ends the read below. Barge-in kills as well: the next sentence finds a fresh worker, and nobody speaks to the void.
        await using var kill = stop.Token.UnsafeRegister(static w => ((SpeechWorker)w!).Kill(), this).ConfigureAwait(false);
        var heard = false;
        if (await SendAsync(voice, text).ConfigureAwait(false))
        {
            while (await ReadAsync().ConfigureAwait(false) is { } frame)
            {
                switch (frame.Kind)
                {
                    case WorkerFrameKind.Audio when frame.Payload.Length >= sizeof(int):
                        heard = true;
                        sink.Write(MemoryMarshal.Read<int>(frame.Payload), MemoryMarshal.Cast<byte, short>(frame.Payload.AsSpan(sizeof(int))));
                        continue;
                    case WorkerFrameKind.Done:
                        return default;
                    default:
                        return new(Encoding.UTF8.GetString(frame.Payload), false, false);
                }
            }
        }

        return stop switch
        {
            _ when late.IsCancellationRequested => new($"the speech engine did not finish a sentence within {deadline.TotalSeconds:0.#} s and was stopped", true, false),
            _ when cancellationToken.IsCancellationRequested => new("cancelled", true, false),
            _ => new("the speech engine crashed on a sentence", true, !heard),
        };
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private async Task<bool> SendAsync(string voice, string text)
    {
        var name = Encoding.UTF8.GetBytes(voice);
        byte[] payload = [(byte)name.Length, .. name, .. Encoding.UTF8.GetBytes(text)];
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(WorkerFrame.Encode(WorkerFrameKind.Speak, payload)).ConfigureAwait(false);
            await _process.StandardInput.BaseStream.FlushAsync().ConfigureAwait(false);
            return true;
        }
        catch (IOException)
        {
            // A broken pipe: the process died while it was idle.
            return false;
        }
    }

    private async Task<(WorkerFrameKind Kind, byte[] Payload)?> ReadAsync()
    {
        try
        {
            return await WorkerFrame.ReadAsync(_process.StandardOutput.BaseStream, CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
