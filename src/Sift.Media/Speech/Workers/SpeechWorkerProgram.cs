using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Sift.Media.Speech.Flite;

namespace Sift.Media.Speech.Workers;

/// <summary>
/// The worker mode of the server's program: <c>sift tts-worker flite</c>. Reads sentences from stdin, writes audio to stdout as it is
/// made, ends when stdin closes. A native crash or hang in here ends this process and nothing else.
/// </summary>
public static class SpeechWorkerProgram
{
    /// <summary>First argument that selects this mode.</summary>
    public const string Verb = "tts-worker";

    /// <summary>Runs until the server closes stdin.</summary>
    /// <param name="args">All arguments of the program, the verb included.</param>
    /// <returns>Exit code.</returns>
    public static int Run(string[] args)
    {
        if (args is not [Verb, "flite"])
        {
            Console.Error.WriteLine($"usage: {Verb} flite");
            return 2;
        }

        // Whatever a native library prints goes to stderr; stdout is for frames alone.
        using var output = new FileStream(new SafeFileHandle(dup(1), ownsHandle: true), FileAccess.Write, bufferSize: 0);
        _ = dup2(2, 1);
        using var input = Console.OpenStandardInput();
        using var pending = new System.Collections.Concurrent.BlockingCollection<byte[]>();
        // Reading on a thread of its own: when the server is gone, even a hung engine must not outlive it.
        var reader = new Thread(() => ReadRequests(input, pending)) { IsBackground = true };
        if (!FliteLibrary.TryLoad(out var flite, out var error))
        {
            Write(output, WorkerFrameKind.Failed, Encoding.UTF8.GetBytes(error!));
            return 3;
        }

        // The first synthesis pays for page faults and JIT; better before the first caller waits for it.
        flite!.Speak(flite.Voices[0], "ready", static (_, _) => true);
        Write(output, WorkerFrameKind.Hello, Encoding.UTF8.GetBytes(string.Join(',', flite.Voices)));
        reader.Start();
        foreach (var request in pending.GetConsumingEnumerable())
        {
            Serve(flite, request, output);
        }

        return 0;
    }

    private static void Serve(FliteLibrary flite, byte[] request, Stream output)
    {
        var voice = Encoding.UTF8.GetString(request, 1, request[0]);
        var text = Encoding.UTF8.GetString(request.AsSpan(1 + request[0]));
        if (!flite.Voices.Contains(voice))
        {
            Write(output, WorkerFrameKind.Failed, Encoding.UTF8.GetBytes($"flite has no voice {voice}"));
            return;
        }

        flite.Speak(voice, text, (rate, samples) =>
        {
            var payload = new byte[sizeof(int) + (samples.Length * sizeof(short))];
            MemoryMarshal.Write(payload, rate);
            MemoryMarshal.AsBytes(samples).CopyTo(payload.AsSpan(sizeof(int)));
            return Write(output, WorkerFrameKind.Audio, payload);
        });
        Write(output, WorkerFrameKind.Done, []);
    }

    private static void ReadRequests(Stream input, System.Collections.Concurrent.BlockingCollection<byte[]> pending)
    {
        var header = new byte[WorkerFrame.HeaderBytes];
        while (input.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            var length = MemoryMarshal.Read<int>(header);
            if (length is <= 0 or > WorkerFrame.MaxPayload)
            {
                break;
            }

            var payload = new byte[length];
            if (input.ReadAtLeast(payload, length, throwOnEndOfStream: false) < length || payload[0] >= length)
            {
                break;
            }

            pending.Add(payload);
        }

        Environment.Exit(0);
    }

    private static bool Write(Stream output, WorkerFrameKind kind, ReadOnlySpan<byte> payload)
    {
        try
        {
            output.Write(WorkerFrame.Encode(kind, payload));
            return true;
        }
        catch (IOException)
        {
            // The server is gone; the reader sees it too and ends the process.
            return false;
        }
    }

    [DllImport("libc")]
    private static extern int dup(int descriptor);

    [DllImport("libc")]
    private static extern int dup2(int from, int to);
}
