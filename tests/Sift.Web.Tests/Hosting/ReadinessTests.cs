using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Web.Hosting;
using Sift.Web.Storage;
using Sift.Web.Storage.GroupCommit;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Hosting;

public sealed class ReadinessTests
{
    [Fact]
    public async Task A_server_that_lost_its_SIP_side_says_so_and_is_alive_all_the_same()
    {
        var server = new SiftServer();
        await server.InitializeAsync();
        try
        {
            Assert.Equal(HttpStatusCode.OK, (await server.Anonymous.GetAsync("/readyz")).StatusCode);

            await server.Services.GetRequiredService<Telephony>().DisposeAsync();

            var answer = await server.Anonymous.GetAsync("/readyz");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            var report = await SiftServer.JsonAsync(answer);
            Assert.Equal("the SIP listeners are not open", (string?)report["missing"]!["sip"]);
            Assert.Equal(HttpStatusCode.OK, (await server.Anonymous.GetAsync("/healthz")).StatusCode);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_SIP_port_at_which_nothing_listens_is_noticed()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = (IPEndPoint)closed.LocalEndPoint!;
        Assert.Equal($"the listener at {port} does not answer", await SipPing.CheckAsync(port, TimeSpan.FromMilliseconds(50), TimeProvider.System, default));
        closed.Close();
        Assert.StartsWith($"nothing listens at {port} any more", await SipPing.CheckAsync(port, TimeSpan.FromSeconds(10), TimeProvider.System, default), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Data Source=/nonexistent/directory/sift.db")]
    [InlineData("Host=127.0.0.1;Port=1;Database=sift;Username=sift;Password=secret-of-the-database;Timeout=2")]
    public async Task A_database_that_is_gone_is_named_with_the_reason_and_without_its_password(string connection)
    {
        await using var database = Database.Create(connection);
        var missing = await new DatabaseProbe(database).MissingAsync(default);
        Assert.StartsWith("it does not answer: ", missing, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-the-database", missing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_written_is_named_until_it_can()
    {
        var disk = new FickleDisk { IsFull = true };
        using var writer = new GroupCommitWriter(disk, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance);
        var probe = new CommitProbe(writer);
        await Assert.ThrowsAsync<IOException>(async () => await writer.WriteAsync(null, [], default));
        Assert.Equal("the last transaction failed: database or disk is full", await probe.MissingAsync(default));

        disk.IsFull = false;
        await writer.WriteAsync(null, [], default);

        Assert.Null(await probe.MissingAsync(default));
    }

    [Theory]
    [InlineData(199, "only 199 MB are left on the disk of data; at least 200 MB are needed")]
    [InlineData(200, null)]
    public async Task A_disk_that_is_nearly_full_is_named(long megabytes, string? missing)
        => Assert.Equal(missing, await new DiskProbe(new SiftOptions(), _ => megabytes * 1024 * 1024).MissingAsync(default));

    private sealed class FickleDisk : IBatchWriter
    {
        public bool IsFull { get; set; }

        public void Commit(IReadOnlyList<WriteRequest> group)
        {
            if (IsFull)
            {
                throw new IOException("database or disk is full");
            }
        }

        public void Dispose()
        {
        }
    }
}
