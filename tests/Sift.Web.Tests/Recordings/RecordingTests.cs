using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Sift.Media.Recording;
using Sift.Web.Recordings;
using Sift.Web.Storage;
using Sift.Web.Tests.Observability;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Recordings;

[Collection(SiftServerCollection.Name)]
public sealed class RecordingTests(SiftServer server)
{
    private const int Frames = 8000;

    private RecordingStore Store => server.Services.GetRequiredService<RecordingStore>();

    private RecordingFiles Files => server.Services.GetRequiredService<RecordingFiles>();

    [Fact]
    public async Task A_recording_is_found_by_either_connection_and_says_where_its_sound_is()
    {
        var (id, connection) = await RecordAsync(with: "00000000000000cc");

        foreach (var asked in new[] { connection, "00000000000000cc" })
        {
            var found = (await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/recordings?connection_id={asked}")))["results"]!.AsArray().Single(row => (string?)row!["recording_id"] == id)!;
            Assert.Equal(("complete", 1000), ((string?)found["status"], (int?)found["duration_ms"]));
            Assert.EndsWith($"/v0/recordings/{id}/audio", (string?)found["wav_file"], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", 44 + (4 * Frames))]
    [InlineData("?channel=left", 44 + (2 * Frames))]
    [InlineData("?channel=mixed", 44 + (2 * Frames))]
    public async Task The_sound_is_given_whole_and_in_parts(string channel, int size)
    {
        var (id, _) = await RecordAsync();

        var whole = await server.Client.GetByteArrayAsync($"/v0/recordings/{id}/audio{channel}");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v0/recordings/{id}/audio{channel}") { Headers = { Range = new RangeHeaderValue(1001, 2000) } };
        var part = await server.Client.SendAsync(request);

        Assert.Equal(size, whole.Length);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(whole[1001..2001], await part.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_channel_that_is_none_is_refused_with_those_there_are()
    {
        var (id, _) = await RecordAsync();
        var answer = await server.Client.GetAsync($"/v0/recordings/{id}/audio?channel=middle");
        Assert.Equal(["must be both, mixed, left or right"], await SiftServer.ErrorsAsync(answer, "channel"));
    }

    [Fact]
    public async Task Deleting_takes_the_file_and_the_entry()
    {
        var (id, _) = await RecordAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync($"/v0/recordings/{id}")).StatusCode);

        Assert.Null(Files.Open(id));
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/v0/recordings/{id}")).StatusCode);
        var audit = await server.Services.GetRequiredService<Sift.Web.Observability.AuditLog>().ListAsync(SiftServer.Account, new PageRequest(50, null, false), default);
        Assert.Contains(audit, entry => entry.Action == "DeleteRecording" && entry.Target.EndsWith(id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_under_way_can_be_neither_heard_nor_deleted()
    {
        var connection = await RecordedCall.WriteAsync(server);
        var id = Ids.New();
        await Store.AddAsync(new RecordingRow(id, SiftServer.Account, connection, null, DateTimeOffset.UnixEpoch, 8000, null, null, null), default);

        Assert.Equal("recording", (string?)(await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/recordings/{id}")))["status"]);
        Assert.Equal("processing", (string?)(await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/conversations/{id}")))["status"]);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/v0/recordings/{id}/audio")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.DeleteAsync($"/v0/recordings/{id}")).StatusCode);
    }

    [Fact]
    public async Task Nothing_of_it_is_there_for_another_account()
    {
        var (id, connection) = await RecordAsync();
        foreach (var path in new[] { $"recordings/{id}", $"recordings/{id}/audio", $"conversations/{id}" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync("/v0/" + path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.DeleteAsync($"/v0/recordings/{id}")).StatusCode);
        Assert.Empty((await SiftServer.JsonAsync(await server.Stranger.GetAsync($"/v0/recordings?connection_id={connection}")))["results"]!.AsArray());
        Assert.NotNull(Files.Open(id));
    }

    [Fact]
    public async Task What_is_older_than_the_retention_is_swept_away()
    {
        var (old, _) = await RecordAsync(at: TimeProvider.System.GetUtcNow().AddDays(-31));
        var (fresh, _) = await RecordAsync(at: TimeProvider.System.GetUtcNow().AddDays(-29));

        await server.Services.GetRequiredService<RecordingSweep>().SweepAsync(default);

        Assert.Null(Files.Open(old));
        Assert.Null(await Store.FindAsync(old, default));
        Assert.NotNull(Files.Open(fresh));
    }

    private async Task<(string Id, string Connection)> RecordAsync(string? with = null, DateTimeOffset? at = null)
    {
        var connection = await RecordedCall.WriteAsync(server);
        var id = Ids.New();
        var path = Path.Combine(Files.Directory, id + CallRecorder.UnderWay);
        await File.WriteAllBytesAsync(path, [.. new byte[44], .. Enumerable.Range(0, 4 * Frames).Select(i => (byte)(i * 7))]);
        var bytes = new FileInfo(CallRecorder.CompleteFile(path, 8000)).Length;
        await Store.AddAsync(new RecordingRow(id, SiftServer.Account, connection, with, at ?? RecordedCall.Began, 8000, null, null, null), default);
        await Store.EndAsync(id, CallRecorder.DurationOf(bytes, 8000), bytes, null, default);
        return (id, connection);
    }
}
