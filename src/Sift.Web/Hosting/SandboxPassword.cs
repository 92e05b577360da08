using System.Security.Cryptography;

namespace Sift.Web.Hosting;

/// <summary>The password with which phones register at the sandbox: configured, or generated once and kept in the data directory.</summary>
internal static class SandboxPassword
{
    public const string FileName = "sandbox.password";

    public static string Read(SiftOptions options)
    {
        if (options.Sandbox.Password is { Length: > 0 } configured)
        {
            return configured;
        }

        Directory.CreateDirectory(options.DataDirectory);
        var path = Path.Combine(options.DataDirectory, FileName);
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } kept)
        {
            return kept;
        }

        // Typed into softphones by hand: no letters that look alike.
        var password = RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 12);
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(new FileStream(path, create));
        writer.WriteLine(password);
        return password;
    }
}
