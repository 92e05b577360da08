using System.Data.Common;

namespace Sift.Web.Storage;

/// <summary>What a request is told that the database did not take.</summary>
internal static class StorageTrouble
{
    /// <summary>Null when the failure has another cause.</summary>
    public static string? Describe(Exception? failure) => failure switch
    {
        DbException trouble => Describe(trouble.Message),
        { InnerException: { } inner } => Describe(inner),
        _ => null,
    };

    public static string Describe(string reason) => $"The server cannot store anything at present, so nothing was done; try again later. The database says: {reason.Trim()}";
}
