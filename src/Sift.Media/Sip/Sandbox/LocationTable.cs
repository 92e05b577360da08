using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Sandbox;

/// <summary>One place where a number can be reached (RFC 3261 10).</summary>
/// <param name="Flow">The flow the registration came by: calls go back the same way, whatever address the contact names (RFC 5626 5.3).</param>
internal sealed record ContactBinding(SipUri Contact, SipFlow Flow, string CallId, uint Sequence, double Preference, TimeSpan ExpiresAt, string? UserAgent);

/// <summary>Who is registered where. Pure: time comes in.</summary>
internal sealed class LocationTable(int maxContacts)
{
    private readonly Dictionary<string, List<ContactBinding>> _bindings = new(StringComparer.Ordinal);

    /// <summary>A phone registered, refreshed or left: the number, and all its bindings from now on. Not told of expiry.</summary>
    public event Action<string, IReadOnlyList<ContactBinding>>? Changed;

    public int Count => _bindings.Values.Sum(static list => list.Count);

    public IEnumerable<string> Numbers => _bindings.Keys;

    /// <summary>The live bindings of a number, preferred ones first.</summary>
    public IReadOnlyList<ContactBinding> Find(string number, TimeSpan now)
    {
        if (!_bindings.TryGetValue(number, out var list))
        {
            return [];
        }

        list.RemoveAll(binding => binding.ExpiresAt <= now);
        if (list.Count == 0)
        {
            _bindings.Remove(number);
            return [];
        }

        return list.OrderByDescending(static binding => binding.Preference).ToArray();
    }

    /// <summary>
    /// Applies all changes of one REGISTER or none (RFC 3261 10.3 step 7).
    /// A binding whose <see cref="ContactBinding.ExpiresAt"/> is not after <paramref name="now"/> is removed.
    /// </summary>
    public RegisterOutcome Apply(string number, IReadOnlyList<ContactBinding> changes, TimeSpan now)
    {
        var list = _bindings.TryGetValue(number, out var existing) ? [.. existing.Where(binding => binding.ExpiresAt > now)] : new List<ContactBinding>();
        foreach (var change in changes)
        {
            var at = list.FindIndex(binding => binding.Contact.IsEquivalentTo(change.Contact));
            if (at >= 0)
            {
                if (IsOutOfOrder(list[at], change))
                {
                    return RegisterOutcome.OutOfOrder;
                }

                list.RemoveAt(at);
            }

            if (change.ExpiresAt > now)
            {
                list.Add(change);
            }
        }

        if (list.Count > maxContacts)
        {
            return RegisterOutcome.TooManyContacts;
        }

        Store(number, list);
        if (changes.Count > 0)
        {
            Changed?.Invoke(number, list);
        }

        return RegisterOutcome.Done;
    }

    /// <summary>Removes every binding of the number (Contact: *).</summary>
    public RegisterOutcome Clear(string number, string callId, uint sequence)
    {
        if (_bindings.TryGetValue(number, out var list)
            && list.Exists(binding => binding.CallId == callId && binding.Sequence >= sequence))
        {
            return RegisterOutcome.OutOfOrder;
        }

        if (_bindings.Remove(number))
        {
            Changed?.Invoke(number, []);
        }

        return RegisterOutcome.Done;
    }

    /// <summary>Puts a binding back that was known before.</summary>
    public void Restore(string number, ContactBinding binding)
    {
        if (!_bindings.TryGetValue(number, out var list))
        {
            _bindings.Add(number, list = []);
        }

        list.Add(binding);
    }

    /// <summary>A connection is gone: what was registered over it cannot be reached any more (RFC 5626 5.3).</summary>
    public void ForgetFlow(in SipFlow flow)
    {
        var gone = flow;
        foreach (var (number, list) in _bindings)
        {
            if (list.RemoveAll(binding => binding.Flow == gone) > 0 && list.Count == 0)
            {
                _bindings.Remove(number);
            }
        }
    }

    public void RemoveExpired(TimeSpan now)
    {
        foreach (var (number, list) in _bindings)
        {
            list.RemoveAll(binding => binding.ExpiresAt <= now);
            if (list.Count == 0)
            {
                _bindings.Remove(number);
            }
        }
    }

    private static bool IsOutOfOrder(ContactBinding known, ContactBinding change) =>
        known.CallId == change.CallId && change.Sequence <= known.Sequence;

    private void Store(string number, List<ContactBinding> list)
    {
        if (list.Count == 0)
        {
            _bindings.Remove(number);
        }
        else
        {
            _bindings[number] = list;
        }
    }
}

internal enum RegisterOutcome { Done, OutOfOrder, TooManyContacts }
