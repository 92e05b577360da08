using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sift.Activities.Webhooks;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Deliveries;

internal static class Deliver
{
    public static Delivery New(string url, string account = SiftServer.Account, string kind = "status", bool sensitive = false, string body = """{"text":"a + ü"}""")
        => new(Ids.New(), account, Ids.New(), null, kind, url, Encoding.UTF8.GetBytes(body), DeliveryMode.Event, DateTimeOffset.UnixEpoch.AddYears(56)) { Sensitive = sensitive };

    /// <summary>Stores a delivery and sends it, as a call would.</summary>
    public static async Task<string> SendAsync(this SiftServer server, Delivery delivery)
    {
        await server.Services.GetRequiredService<IDeliveryStore>().AddAsync(delivery, default);
        server.Services.GetRequiredService<DeliveryPipeline>().Enqueue(delivery);
        return delivery.Id;
    }

    /// <summary>The delivery once it is in that state.</summary>
    public static async Task<System.Text.Json.Nodes.JsonObject> InStateAsync(this SiftServer server, string id, string state)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (true)
        {
            var delivery = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/deliveries/{id}", limit.Token));
            if ((string?)delivery["state"] == state && !server.Services.GetRequiredService<DeliveryPipeline>().IsActive(id))
            {
                return delivery;
            }

            await Task.Yield();
        }
    }
}
