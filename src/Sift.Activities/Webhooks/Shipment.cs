namespace Sift.Activities.Webhooks;

/// <summary>A delivery on its way, with one owner: the task that ships it.</summary>
internal sealed class Shipment(Delivery delivery) : IDisposable
{
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Lock _lock = new();
    private bool _isDisposed;

    public Delivery Delivery { get; set; } = delivery;

    /// <summary>Somebody has asked for this attempt: it is made although the host is left alone.</summary>
    public bool Insists { get; init; }

    public bool IsAbandoned => _abandoned.IsCancellationRequested;

    /// <summary>The call no longer waits: a wait between attempts ends at once, an attempt under way goes on.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _abandoned.Cancel();
            }
        }
    }

    public async Task WaitAsync(TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        using var both = CancellationTokenSource.CreateLinkedTokenSource(_abandoned.Token, cancellationToken);
        try
        {
            await Task.Delay(wait, time, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Abandoned: try once more right away, as an event.
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _abandoned.Dispose();
        }
    }
}
