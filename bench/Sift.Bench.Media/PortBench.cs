using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Rtp;

namespace Sift.Bench.Media;

/// <summary>What it costs to get and free the socket pair of a call.</summary>
internal static class PortBench
{
    public static void Run(int calls)
    {
        foreach (var (name, sockets) in new (string, IDatagramSockets)[]
        {
            ("system calls", new LinuxDatagramSockets(System.Net.IPAddress.Loopback, 46)),
            (".NET sockets", new PortableDatagramSockets(System.Net.IPAddress.Loopback, 46)),
        })
        {
            foreach (var (how, rest) in new[] { ("create, bind and close of two sockets", TimeSpan.FromMinutes(1)), ("handed out again with its sockets", TimeSpan.Zero) })
            {
                var options = new MediaEngineOptions { PortMin = 20000, PortMax = 29999, PortReuseDelay = rest };
                using var engine = new MediaEngine(options, new SystemEntropy(), TimeProvider.System, NullLogger<MediaEngine>.Instance, sockets);

                // More than stay open while they rest.
                Take(engine, 300);
                var before = Process.GetCurrentProcess().TotalProcessorTime;
                Take(engine, calls);
                var used = Process.GetCurrentProcess().TotalProcessorTime - before;
                Console.WriteLine($"ports, {name}: {used.TotalMicroseconds / calls:0.0} us CPU per call ({how})");
            }
        }
    }

    private static void Take(MediaEngine engine, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            engine.Ports.TryTake()!.Release();
        }
    }
}
