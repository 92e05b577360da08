using Sift.Web.Storage.Migrations;

namespace Sift.Web.Tests.Storage;

public sealed class MigratorTests
{
    [Fact]
    public void Schema_scripts_have_a_number_each_and_both_databases_have_the_same()
    {
        string[] Of(string database) =>
        [
            .. typeof(Migrator).Assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith($"Migrations.{database}_", StringComparison.Ordinal))
                .Select(name => name[$"Migrations.{database}_".Length..])
                .Order(StringComparer.Ordinal),
        ];

        var scripts = Of("sqlite");
        Assert.Equal(scripts, Of("postgres"));
        Assert.Equal(scripts.Select(static name => name[..4]).Distinct(), scripts.Select(static name => name[..4]));
    }
}
