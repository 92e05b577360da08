using Sift.Media.Legs;

namespace Sift.Media.Rtp;

/// <summary>
/// Reports a key once when a phone signals it in two ways (telephone-event and SIP INFO, say): the same key from another way
/// within a second is the same press.
/// </summary>
internal sealed class DigitFilter
{
    private static readonly TimeSpan SamePress = TimeSpan.FromSeconds(1);

    private char _last;
    private DigitSource _source;
    private TimeSpan _at = TimeSpan.MinValue;

    public bool IsNew(char digit, DigitSource source, TimeSpan now)
    {
        if (_at != TimeSpan.MinValue && digit == _last && source != _source && now - _at < SamePress)
        {
            return false;
        }

        _last = digit;
        _source = source;
        _at = now;
        return true;
    }
}
