using System.ComponentModel;
using System.Diagnostics;

namespace Sift.Media.Audio.Programs;

/// <summary>What a program may use up before it is killed.</summary>
internal sealed record ProgramLimits(TimeSpan Deadline, int MaxOutputBytes, long MaxMemoryBytes, int MaxCpuSeconds);

/// <summary>What a run gave: its standard output, or why there is none.</summary>
internal readonly record struct ProgramResult(byte[]? Output, string? Error);

/// <summary>
/// Runs a program as a worker: data in by stdin, out by stdout, arguments as a list (no shell sees them), an environment without our
/// secrets, memory and CPU limits by prlimit where it exists, and a deadline that kills.
/// </summary>
internal static class ExternalProgram
{
    private static readonly string? Prlimit = Find("prlimit");

    /// <summary>The full path of a program on PATH; null when it is not installed.</summary>
    public static string? Find(string name)
    {
        var path = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } given ? given : DefaultPath;
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Prepares a process with all three standard streams redirected and nothing inherited but what a program needs to start.</summary>
    public static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var kept = start.Environment.Where(pair => pair.Key is "PATH" or "HOME" or "TMPDIR" || pair.Key.StartsWith("DOTNET_", StringComparison.Ordinal)).ToArray();
        start.Environment.Clear();
        foreach (var (name, value) in kept)
        {
            start.Environment[name] = value;
        }

        start.Environment["LC_ALL"] = "C.UTF-8";
        return start;
    }

    public static async Task<ProgramResult> RunAsync(
        string program, IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, ProgramLimits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(program);
        string[] limited = Prlimit is null
            ? []
            : [$"--as={limits.MaxMemoryBytes}", $"--cpu={limits.MaxCpuSeconds}", "--core=0", "--", program];
        using var process = new Process { StartInfo = Prepare(Prlimit ?? program, [.. limited, .. arguments]) };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new ProgramResult(null, $"{name} could not be started: {e.Message}");
        }

        using var deadline = new CancellationTokenSource(limits.Deadline, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        // Killing closes the pipes, which ends the reads below whatever they wait for.
        await using var kill = stop.Token.UnsafeRegister(static p => Kill((Process)p!), process).ConfigureAwait(false);
        var feeding = FeedAsync(process, input);
        var complaints = ReadAsync(process.StandardError.BaseStream, MaxErrorBytes);
        var output = await ReadAsync(process.StandardOutput.BaseStream, limits.MaxOutputBytes).ConfigureAwait(false);
        if (output is null)
        {
            Kill(process);
        }

        await feeding.ConfigureAwait(false);
        var complaint = await complaints.ConfigureAwait(false);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        return stop switch
        {
            _ when deadline.IsCancellationRequested => new(null, $"{name} did not finish within {limits.Deadline.TotalSeconds:0.#} s and was stopped"),
            _ when cancellationToken.IsCancellationRequested => new(null, $"{name} was cancelled"),
            _ when output is null => new(null, $"{name} gave more than {limits.MaxOutputBytes / 1024 / 1024} MiB and was stopped"),
            _ when process.ExitCode != 0 => new(null, $"{name} failed ({process.ExitCode}): {FirstLine(complaint)}"),
            _ => new(output, null),
        };
    }

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> input)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading everything; its exit code tells whether that matters.
        }
    }

    /// <summary>Null when there is more than <paramref name="limit"/>.</summary>
    private static async Task<byte[]?> ReadAsync(Stream stream, int limit)
    {
        using var all = new MemoryStream();
        var block = new byte[32 * 1024];
        int n;
        while ((n = await stream.ReadAsync(block).ConfigureAwait(false)) > 0)
        {
            if (all.Length + n > limit)
            {
                return null;
            }

            all.Write(block, 0, n);
        }

        return all.ToArray();
    }

    private static string FirstLine(byte[]? text)
    {
        var line = System.Text.Encoding.UTF8.GetString(text ?? []).AsSpan().Trim();
        var end = line.IndexOf('\n');
        return (end < 0 ? line : line[..end])[..Math.Min(end < 0 ? line.Length : end, 200)].ToString();
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";
    private const int MaxErrorBytes = 1024 * 1024;
}
