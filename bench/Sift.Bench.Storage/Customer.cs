using System.Text;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;

namespace Sift.Bench.Storage;

/// <summary>The one account of the bench, with a number whose calls a drawn flow answers.</summary>
internal static class Customer
{
    public const string AccountId = "573e49212d2c62e6";
    public const string AuthToken = "bench-auth-token-0123456789abcdef";
    public const string Number = "+15550199999";
    public const string FlowId = "be9c400000000001";

    public static WorkflowDefinition Flow(string definitionId, int version, bool isLatest) => WorkflowDefinition.Parse(Encoding.UTF8.GetBytes($$$"""
        {"id":"{{{definitionId}}}-{{{version}}}","definitionId":"{{{definitionId}}}","name":"Flow {{{definitionId}}}","createdAt":"2026-11-01T00:00:00Z","version":{{{version}}},
         "isLatest":{{{(isLatest ? "true" : "false")}}},"isPublished":{{{(isLatest ? "true" : "false")}}},
         "root":{"type":"Elsa.Flowchart","version":1,"id":"flow","nodeId":"flow","name":"Flowchart1","activities":[
          {"id":"say","nodeId":"flow:say","name":"Say1","type":"Sift.Say","version":1,"customProperties":{"canStartWorkflow":true},"text":{"expression":{"type":"Literal","value":"Welcome. How can we help you?"} } },
          {"id":"again","nodeId":"flow:again","name":"Say2","type":"Sift.Say","version":1,"text":{"expression":{"type":"Template","value":"You called from {{ connection.from }}."} } },
          {"id":"end","nodeId":"flow:end","name":"HangUp1","type":"Sift.HangUp","version":1}],
         "connections":[{"source":{"activity":"say","port":"Done"},"target":{"activity":"again","port":"In"}},{"source":{"activity":"again","port":"Done"},"target":{"activity":"end","port":"In"} }] } }
        """)).AsFrozen().OwnedBy(AccountId);

    public static async Task AddAsync(Store store)
    {
        if (await store.Get<AccountStore>().CreateAsync("bench", AccountId, AuthToken, default) is null)
        {
            return;
        }

        await store.Get<DefinitionStore>().SaveAsync([Flow(FlowId, 1, isLatest: true)], default);
        await using var context = await store.Get<IDbContextFactory<SiftDbContext>>().CreateDbContextAsync();
        var now = DateTimeOffset.UtcNow;
        context.Add(new ApplicationRow { Id = "be9c4000000000a1", AccountId = AccountId, Name = "bench", Answer = "immediately", WorkflowId = FlowId, CreatedAt = now, UpdatedAt = now });
        context.Add(new PhoneNumberRow { Number = Number, AccountId = AccountId, ApplicationId = "be9c4000000000a1", CreatedAt = now });
        await context.SaveChangesAsync();
    }
}
