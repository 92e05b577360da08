using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Guide;

/// <summary>What an operator does from a shell beside the running server.</summary>
public sealed class OperatorTests
{
    [Fact]
    public async Task Imported_numbers_go_on_sale_and_a_disabled_account_is_refused_at_once()
    {
        await using var server = await SiftServer.StartAsync();
        var file = Path.Combine(server.DataDirectory, "numbers.txt");
        await File.WriteAllLinesAsync(file, ["+12025550123", "+12025550124"]);

        Assert.Contains("2 numbers imported", await server.OperateAsync(0, "numbers", "import", "us", file));
        var numbers = JsonNode.Parse(await server.Api.GetStringAsync("availablenumbers/US"))!.AsArray();
        Assert.Equal("+12025550123", (string?)numbers[0]);
        await File.WriteAllTextAsync(file, "12025550125");
        Assert.Contains("12025550125", await server.OperateAsync(1, "numbers", "import", "us", file));

        var created = await server.OperateAsync(0, "accounts", "create", "--name", "second");
        var id = created.Split('\n')[0].Split(':')[1].Trim();
        var token = created.Split('\n')[1].Split(':')[1].Trim();
        await Eventually.True(
            async () => await GetAsync(server, id, token) == HttpStatusCode.OK,
            TimeSpan.FromSeconds(5),
            () => "the new account is known");
        await server.OperateAsync(0, "accounts", "disable", id);
        await Eventually.True(
            async () => await GetAsync(server, id, token) == HttpStatusCode.Unauthorized,
            TimeSpan.FromSeconds(5),
            () => "the disabled account is refused");
    }

    private static async Task<HttpStatusCode> GetAsync(SiftServer server, string id, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{server.BaseUrl}/v0/applications");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{token}")));
        using var response = await server.Api.SendAsync(request);
        return response.StatusCode;
    }
}
