namespace Sift.Protocols.Srtp;

/// <summary>The last 128 packet indices of a source (RFC 3711 3.3.2). Check before, update after authentication.</summary>
internal struct ReplayWindow
{
    private ulong _low;
    private ulong _high;

    /// <summary>The highest index accepted.</summary>
    public ulong Highest { get; private set; }

    public bool Started { get; private set; }

    public readonly bool WouldAccept(ulong index)
    {
        if (!Started || index > Highest)
        {
            return true;
        }

        var age = Highest - index;
        return age switch
        {
            < 64 => (_low >> (int)age & 1) == 0,
            < 128 => (_high >> (int)(age - 64) & 1) == 0,
            _ => false,
        };
    }

    public void Accept(ulong index)
    {
        if (!Started)
        {
            Started = true;
            Highest = index;
            _low = 1;
            return;
        }

        if (index > Highest)
        {
            Shift(index - Highest);
            Highest = index;
            _low |= 1;
            return;
        }

        var age = Highest - index;
        if (age < 64)
        {
            _low |= 1UL << (int)age;
        }
        else if (age < 128)
        {
            _high |= 1UL << (int)(age - 64);
        }
    }

    private void Shift(ulong by)
    {
        switch (by)
        {
            case < 64:
                _high = (_high << (int)by) | (_low >> (int)(64 - by));
                _low <<= (int)by;
                break;
            case < 128:
                _high = _low << (int)(by - 64);
                _low = 0;
                break;
            default:
                _high = _low = 0;
                break;
        }
    }
}
