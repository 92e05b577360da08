namespace Sift.Web.Storage;

/// <summary>What went over the wire of one connection, as <c>TraceRecord</c> wrote it.</summary>
internal sealed record CallTraceRow(string ConnectionId, DateTimeOffset RecordedAt, byte[] Data);
