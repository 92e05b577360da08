using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Sift.Web.Storage;

/// <summary>The configuration entities: what people create and change a few times a day. Calls never write through this.</summary>
internal sealed class SiftDbContext(DbContextOptions<SiftDbContext> options) : DbContext(options)
{
    public DbSet<AccountRow> Accounts => Set<AccountRow>();

    public DbSet<ApplicationRow> Applications => Set<ApplicationRow>();

    public DbSet<PhoneNumberRow> PhoneNumbers => Set<PhoneNumberRow>();

    public DbSet<InventoryNumberRow> InventoryNumbers => Set<InventoryNumberRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<TicksConverter>();
        configurationBuilder.Properties<bool>().HaveConversion<int>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AccountRow>(row =>
        {
            row.ToTable("accounts").HasKey(r => r.Id);
            row.Property(r => r.Id).HasColumnName("id");
            row.Property(r => r.Name).HasColumnName("name");
            row.Property(r => r.SealedToken).HasColumnName("sealed_token");
            row.Property(r => r.Enabled).HasColumnName("enabled");
            row.Property(r => r.CreatedAt).HasColumnName("created_at");
        });
        modelBuilder.Entity<ApplicationRow>(row =>
        {
            row.ToTable("applications").HasKey(r => r.Id);
            row.Property(r => r.Id).HasColumnName("id");
            row.Property(r => r.AccountId).HasColumnName("account_id");
            row.Property(r => r.Name).HasColumnName("name");
            row.Property(r => r.OnIncoming).HasColumnName("on_incoming");
            row.Property(r => r.DefaultRoutine).HasColumnName("default_routine");
            row.Property(r => r.Answer).HasColumnName("answer");
            row.Property(r => r.FallbackRoutine).HasColumnName("fallback_routine");
            row.Property(r => r.FallbackUrl).HasColumnName("fallback_url");
            row.Property(r => r.WorkflowId).HasColumnName("workflow_id");
            row.Property(r => r.CreatedAt).HasColumnName("created_at");
            row.Property(r => r.UpdatedAt).HasColumnName("updated_at");
        });
        modelBuilder.Entity<PhoneNumberRow>(row =>
        {
            row.ToTable("phone_numbers").HasKey(r => r.Number);
            row.Property(r => r.Number).HasColumnName("number");
            row.Property(r => r.AccountId).HasColumnName("account_id");
            row.Property(r => r.ApplicationId).HasColumnName("application_id");
            row.Property(r => r.CreatedAt).HasColumnName("created_at");
        });
        modelBuilder.Entity<InventoryNumberRow>(row =>
        {
            row.ToTable("inventory_numbers").HasKey(r => r.Number);
            row.Property(r => r.Number).HasColumnName("number");
            row.Property(r => r.Country).HasColumnName("country");
            row.Property(r => r.CreatedAt).HasColumnName("created_at");
        });
    }

    private sealed class TicksConverter() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
