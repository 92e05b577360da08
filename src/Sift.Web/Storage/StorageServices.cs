using Microsoft.EntityFrameworkCore;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Media.Sip.Sandbox;
using Sift.Web.Storage.GroupCommit;
using Sift.Web.Storage.Migrations;
using Sift.Web.Storage.Nodes;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage;

internal static class StorageServices
{
    public static IServiceCollection AddSiftStorage(this IServiceCollection services, string connectionString, RetentionOptions retention)
    {
        services.AddSingleton(_ => Database.Create(connectionString));
        services.AddSingleton(retention);
        services.AddSingleton<Node>();
        services.AddSingleton<NodeLease>();
        services.AddSingleton<NodeEstates>();
        services.AddSingleton<InstanceOwners>();
        services.AddSingleton<Migrator>();
        services.AddDbContextFactory<SiftDbContext>((provider, options) => options.UseSift(provider.GetRequiredService<Database>()));
        services.AddSingleton<IBatchWriter>(provider => provider.GetRequiredService<Database>() is { Kind: DatabaseKind.Postgres } postgres
            ? new PostgresBatchWriter(postgres, provider.GetRequiredService<Node>())
            : new SqliteBatchWriter(provider.GetRequiredService<Database>(), provider.GetRequiredService<Node>()));
        services.AddSingleton<GroupCommitWriter>();
        services.AddSingleton<IJournalStore, JournalStore>();
        services.AddSingleton<IDeliveryStore, DeliveryStore>();
        services.AddSingleton<RegistrationStore>();
        services.AddSingleton<IRegistrationStore>(provider => provider.GetRequiredService<RegistrationStore>());
        services.AddSingleton<ConnectionStore>();
        services.AddSingleton<RecordingStore>();
        services.AddSingleton<IConnectionStore>(provider => provider.GetRequiredService<ConnectionStore>());
        services.AddSingleton<IConnectionRows>(provider => provider.GetRequiredService<ConnectionStore>());
        services.AddSingleton<INumberDirectory, NumberDirectory>();
        services.AddSingleton<DefinitionStore>();
        services.AddSingleton<IDefinitionStore>(provider => provider.GetRequiredService<DefinitionStore>());
        services.AddSingleton<DefinitionUses>();
        services.AddSingleton<InstanceList>();
        services.AddSingleton<ChangeMarks>();
        return services;
    }

    public static IServiceCollection AddSiftStorageLoops(this IServiceCollection services)
    {
        services.AddHostedService(provider => provider.GetRequiredService<NodeLease>());
        services.AddHostedService<CommitRecovery>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangeMarks>());
        services.AddSingleton<RetentionSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<RetentionSweep>());
        return services;
    }

    public static DbContextOptionsBuilder UseSift(this DbContextOptionsBuilder options, Database database)
        => database.Postgres is { } source ? options.UseNpgsql(source) : options.UseSqlite(database.ConnectionString);
}
