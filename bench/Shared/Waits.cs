namespace Sift.Bench.Shared;

/// <summary>Measured waits in milliseconds, and how they are told.</summary>
internal sealed class Waits
{
    private readonly List<double> _all = [];
    private readonly Lock _gate = new();

    public int Count
    {
        get
        {
            lock (_gate) return _all.Count;
        }
    }

    public void Add(double milliseconds)
    {
        lock (_gate) _all.Add(milliseconds);
    }

    /// <param name="part">0.99 for the wait that one of a hundred exceeds.</param>
    public double At(double part)
    {
        lock (_gate)
        {
            if (_all.Count == 0) return double.NaN;
            _all.Sort();
            return _all[Math.Min(_all.Count - 1, (int)(_all.Count * part))];
        }
    }

    public override string ToString() => $"p50 {At(0.5):F1} ms, p99 {At(0.99):F1} ms, worst {At(1):F1} ms";
}
