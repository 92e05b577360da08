using System.Diagnostics;
using System.Globalization;

namespace Sift.Bench.Load;

/// <summary>The server process, pinned to one core, with its CPU time and memory read from the kernel.</summary>
internal sealed class ServerUnderTest : IDisposable
{
    private readonly Process _process;
    private readonly string _data;

    private ServerUnderTest(Process process, string data, int sipPort)
    {
        _process = process;
        _data = data;
        SipPort = sipPort;
    }

    public const int HttpPort = 18080;

    public int SipPort { get; }

    public static ServerUnderTest Start(string assembly, int core, int callerPort, int appPort, params (string Name, string Value)[] settings)
    {
        var data = Directory.CreateTempSubdirectory("sift-bench-").FullName;
        const int http = HttpPort, sip = 15060;
        var start = new ProcessStartInfo("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), "dotnet", assembly])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["SIFT_BENCH"] = "1",
            ["B_PORT"] = $"{callerPort}",
            ["APP_PORT"] = $"{appPort}",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{http}",
            ["ConnectionStrings__Sift"] = $"Data Source={data}/sift.db",
            ["Sift__DataDirectory"] = data,
            ["Sift__Sip__Port"] = $"{sip}",
            ["Logging__LogLevel__Default"] = "Warning",
        })
        {
            start.Environment[name] = value;
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        var log = new List<string>();
        process.OutputDataReceived += (_, e) => Keep(log, e.Data);
        process.ErrorDataReceived += (_, e) => Keep(log, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var client = new HttpClient();
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (client.GetAsync($"http://127.0.0.1:{http}/readyz").Result.IsSuccessStatusCode)
                {
                    break;
                }
            }
            catch (AggregateException)
            {
                if (process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(40))
                {
                    throw new InvalidOperationException("The server did not become ready:\n" + string.Join('\n', log));
                }
            }

            Thread.Sleep(20);
        }

        Console.WriteLine($"ready in {clock.Elapsed.TotalSeconds:F1} s");
        return new ServerUnderTest(process, data, sip);
    }

    /// <summary>User plus system time of the server and its workers.</summary>
    public TimeSpan Cpu() => Tree().Aggregate(TimeSpan.Zero, (sum, pid) => sum + Cpu(pid));

    public long ResidentBytes() =>
        long.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    public string Metrics()
    {
        using var client = new HttpClient();
        return client.GetStringAsync($"http://127.0.0.1:{HttpPort}/metrics").Result;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private static void Keep(List<string> log, string? line)
    {
        if (line is not null)
        {
            lock (log)
            {
                log.Add(line);
            }
        }
    }

    private static TimeSpan Cpu(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            return TimeSpan.Zero;
        }
    }

    private IEnumerable<int> Tree()
    {
        var found = new List<int> { _process.Id };
        for (var i = 0; i < found.Count; i++)
        {
            var children = $"/proc/{found[i]}/task/{found[i]}/children";
            if (File.Exists(children))
            {
                found.AddRange(File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => int.Parse(c, CultureInfo.InvariantCulture)));
            }
        }

        return found;
    }
}
