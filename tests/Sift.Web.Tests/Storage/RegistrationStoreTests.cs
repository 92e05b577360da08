using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Sip.Sandbox;
using Sift.Web.Storage;
using Sift.Web.Storage.GroupCommit;

namespace Sift.Web.Tests.Storage;

/// <summary>How registrations reach the database: what a storm of them costs.</summary>
public sealed class RegistrationStoreTests : IBatchWriter
{
    private readonly ManualResetEventSlim gate = new();
    private readonly List<RegistrationRow> written = [];
    private int transactions;

    [Fact]
    public async Task A_storm_of_refreshes_costs_a_few_transactions_and_ends_with_the_newest_of_each()
    {
        const int numbers = 100;
        const int refreshes = 10_000;
        using var writer = new GroupCommitWriter(this, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance);
        var store = new RegistrationStore(null!, writer, TimeProvider.System, NullLogger<RegistrationStore>.Instance);

        for (var i = 0; i < refreshes; i++)
        {
            store.Keep($"+1555000{i % numbers:0000}", [Registration($"+1555000{i % numbers:0000}", (uint)i)]);
        }

        gate.Set();
        await store.Written;

        Assert.InRange(transactions, 1, 3);
        Assert.InRange(written.Count, numbers, 3 * numbers);
        var newest = written.GroupBy(static row => row.Number).Select(static group => group.Last().Bindings).ToList();
        Assert.Equal(numbers, newest.Count);
        Assert.All(newest, static json => Assert.Contains("\"Sequence\":99", json, StringComparison.Ordinal));
    }

    void IBatchWriter.Commit(IReadOnlyList<WriteRequest> group)
    {
        gate.Wait();
        transactions++;
        written.AddRange(group.SelectMany(static request => request.Rows).Cast<RegistrationRow>());
    }

    void IDisposable.Dispose() => gate.Dispose();

    internal static StoredRegistration Registration(string number, uint sequence) =>
        new(number, "sip:phone@192.0.2.1:5060", "192.0.2.1:5060", "call", sequence, 1, TimeProvider.System.GetUtcNow().AddMinutes(10), "phone");
}
