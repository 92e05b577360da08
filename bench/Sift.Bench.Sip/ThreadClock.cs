using System.Globalization;

namespace Sift.Bench.Sip;

/// <summary>CPU time of each thread of this process, as the kernel counts it.</summary>
internal static class ThreadClock
{
    /// <summary>Nanoseconds on a CPU by thread id.</summary>
    public static Dictionary<int, long> Read()
    {
        var times = new Dictionary<int, long>();
        foreach (var folder in Directory.EnumerateDirectories("/proc/self/task"))
        {
            var fields = File.ReadAllText(Path.Combine(folder, "schedstat")).Split(' ');
            times[int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)] = long.Parse(fields[0], CultureInfo.InvariantCulture);
        }

        return times;
    }

    /// <summary>What each thread spent since, by name; the main thread, which is the caller, is left out.</summary>
    public static Dictionary<string, long> Since(Dictionary<int, long> before)
    {
        var spent = new Dictionary<string, long>();
        foreach (var (id, nanos) in Read())
        {
            if (id != Environment.ProcessId)
            {
                var name = File.ReadAllText($"/proc/self/task/{id}/comm").Trim();
                spent[name] = spent.GetValueOrDefault(name) + nanos - before.GetValueOrDefault(id);
            }
        }

        return spent;
    }
}
