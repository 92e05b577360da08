using System.Diagnostics.CodeAnalysis;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;

namespace Sift.Workflows.Hosting;

/// <summary>
/// Effects on their way to the handlers. Local ones go at once, unless the same execution has an earlier effect that waits for its commit:
/// a hang-up must not overtake the dial it belongs to.
/// </summary>
internal sealed class EffectQueue
{
    private readonly List<Waiting> _waiting = [];

    public void Add(PendingEffect effect) =>
        _waiting.Add(new Waiting(effect) { IsReleased = effect.Effect.Guarantee == EffectGuarantee.Local });

    /// <summary>Makes sure that an effect taken up after a restart waits here like a new one.</summary>
    public void Hold(PendingEffect effect)
    {
        if (!_waiting.Exists(waiting => waiting.Effect.Sequence == effect.Sequence)) _waiting.Add(new Waiting(effect));
    }

    /// <summary>Its commit is there.</summary>
    public void Release(long sequence)
    {
        foreach (var waiting in _waiting)
        {
            if (waiting.Effect.Sequence == sequence) waiting.IsReleased = true;
        }
    }

    public void Withdraw(long sequence) => _waiting.RemoveAll(waiting => waiting.Effect.Sequence == sequence);

    public bool TryTakeReady([NotNullWhen(true)] out PendingEffect? effect, out EffectDelivery delivery)
    {
        delivery = EffectDelivery.First;
        for (var i = 0; i < _waiting.Count; i++)
        {
            var candidate = _waiting[i];
            if (!candidate.IsReleased || IsOvertaking(candidate, i)) continue;
            _waiting.RemoveAt(i);
            effect = candidate.Effect;
            return true;
        }

        effect = null;
        return false;
    }

    private bool IsOvertaking(Waiting candidate, int index)
    {
        for (var i = 0; i < index; i++)
        {
            if (_waiting[i].Effect.Execution == candidate.Effect.Execution) return true;
        }

        return false;
    }

    private sealed class Waiting(PendingEffect effect)
    {
        public PendingEffect Effect { get; } = effect;

        public bool IsReleased { get; set; }
    }
}
