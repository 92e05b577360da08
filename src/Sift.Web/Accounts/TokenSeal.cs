using System.Security.Cryptography;
using System.Text;

namespace Sift.Web.Accounts;

/// <summary>
/// Seals auth tokens at rest with AES-256-GCM. They must be readable again, because browser capabilities are signed with them. The key is a
/// file of the data directory that only the server's user can read; a stolen database alone gives no token away.
/// </summary>
internal sealed class TokenSeal : IDisposable
{
    public const string KeyFileName = "seal.key";

    private const byte Format = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int KeySize = 32;

    private readonly AesGcm aes;

    private TokenSeal(byte[] key) => aes = new AesGcm(key, TagSize);

    /// <summary>Reads the key of the data directory, or makes one.</summary>
    /// <exception cref="InvalidOperationException">The file is there but is no key, or is readable by others.</exception>
    public static TokenSeal Open(string dataDirectory)
    {
        Directory.CreateDirectory(dataDirectory);
        var path = Path.Combine(dataDirectory, KeyFileName);
        if (!File.Exists(path))
        {
            Create(path);
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
        {
            throw new InvalidOperationException($"{path} can be read by other users of this machine. Run: chmod 600 {path}");
        }

        var key = File.ReadAllBytes(path);
        try
        {
            return key.Length == KeySize
                ? new TokenSeal(key)
                : throw new InvalidOperationException($"{path} does not hold a key of {KeySize} bytes. Restore it from a backup; without it no auth token can be read.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <param name="context">What the sealed value belongs to (the account id): a value copied to another row does not open.</param>
    public byte[] Seal(string context, string secret)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var sealedBytes = new byte[1 + NonceSize + TagSize + plain.Length];
        sealedBytes[0] = Format;
        var nonce = sealedBytes.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(1 + NonceSize + TagSize), sealedBytes.AsSpan(1 + NonceSize, TagSize), Encoding.UTF8.GetBytes(context));
        return sealedBytes;
    }

    /// <summary>Null when the value was not sealed with this key for that context.</summary>
    public string? Unseal(string context, ReadOnlySpan<byte> value)
    {
        if (value.Length < 1 + NonceSize + TagSize || value[0] != Format)
        {
            return null;
        }

        var plain = new byte[value.Length - 1 - NonceSize - TagSize];
        try
        {
            aes.Decrypt(value.Slice(1, NonceSize), value[(1 + NonceSize + TagSize)..], value.Slice(1 + NonceSize, TagSize), plain, Encoding.UTF8.GetBytes(context));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return Encoding.UTF8.GetString(plain);
    }

    public void Dispose() => aes.Dispose();

    private static void Create(string path)
    {
        // Written whole under another name and linked into place: two processes that start at once agree on one key.
        var temporary = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(KeySize));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }
    }
}
