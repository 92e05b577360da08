using Sift.Workflows.Engine;

namespace Sift.Workflows.Hosting;

internal enum MailKind { Input, Ring, Committed, Recover }

/// <summary>Something for the owner of an instance to do.</summary>
/// <param name="Done">Hears whether the input meant something, once that is durable; null when nobody asks.</param>
/// <param name="State">The commits that are durable, or the signals to begin a recovery with.</param>
internal readonly record struct Mail(MailKind Kind, InstanceInput Input, TaskCompletionSource<bool>? Done, object? State);
