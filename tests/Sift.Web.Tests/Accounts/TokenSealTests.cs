using System.Text;
using Sift.Web.Accounts;

namespace Sift.Web.Tests.Accounts;

public sealed class TokenSealTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-seal-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Opens_what_it_sealed_also_after_a_restart()
    {
        byte[] value;
        using (var seal = TokenSeal.Open(directory))
        {
            value = seal.Seal("account", "secret");
        }

        using var again = TokenSeal.Open(directory);
        Assert.Equal("secret", again.Unseal("account", value));
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(value), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_value_of_another_account_or_with_a_changed_bit()
    {
        using var seal = TokenSeal.Open(directory);
        var value = seal.Seal("account", "secret");
        Assert.Null(seal.Unseal("other", value));
        for (var i = 0; i < value.Length; i++)
        {
            value[i] ^= 1;
            Assert.Null(seal.Unseal("account", value));
            value[i] ^= 1;
        }

        Assert.Null(seal.Unseal("account", value.AsSpan(0, 20)));
    }

    [Fact]
    public void Seals_the_same_secret_differently_each_time()
    {
        using var seal = TokenSeal.Open(directory);
        Assert.NotEqual(seal.Seal("a", "secret"), seal.Seal("a", "secret"));
    }

    [Fact]
    public void Makes_a_key_that_only_its_user_can_read_and_refuses_one_that_others_can()
    {
        TokenSeal.Open(directory).Dispose();
        var path = Path.Combine(directory, TokenSeal.KeyFileName);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Assert.Throws<InvalidOperationException>(() => TokenSeal.Open(directory)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_key_file_that_holds_no_key()
    {
        TokenSeal.Open(directory).Dispose();
        var path = Path.Combine(directory, TokenSeal.KeyFileName);
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(5);
        }

        Assert.Throws<InvalidOperationException>(() => TokenSeal.Open(directory));
    }
}
