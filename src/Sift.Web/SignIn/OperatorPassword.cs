using System.Security.Cryptography;
using System.Text;
using Sift.Web.Hosting;

namespace Sift.Web.SignIn;

/// <summary>The password of <c>Sift__Console__Password</c>.</summary>
internal static class OperatorPassword
{
    /// <summary>Takes the same time whatever is wrong; false when none is configured.</summary>
    public static bool Verify(SiftOptions options, string given)
        => options.Console.Password is not null
            & CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(options.Console.Password ?? "")), SHA256.HashData(Encoding.UTF8.GetBytes(given)));
}
