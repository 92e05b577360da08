using static Sift.Media.Rtp.LinuxSystemCalls;

namespace Sift.Media.Rtp;

/// <summary>One <c>poll</c> without a wait over the sockets of a step, in an array that only ever grows.</summary>
internal sealed unsafe class LinuxSocketReadiness : ISocketReadiness
{
    // Of a socket that is none of the kernel's, as a browser leg's: it has to be asked itself.
    private const int NoPlace = -1;

    private PollDescriptor[] _descriptors = new PollDescriptor[64];
    private int _count;
    private bool _answered;

    public void Clear()
    {
        _count = 0;
        _answered = false;
    }

    public int Add(IDatagramSocket socket)
    {
        if (socket is not LinuxDatagramSocket native)
        {
            return NoPlace;
        }

        if (_count == _descriptors.Length)
        {
            Array.Resize(ref _descriptors, 2 * _count);
        }

        // The kernel passes over the negative descriptor of a closed socket.
        _descriptors[_count] = new PollDescriptor { Descriptor = native.Descriptor, Events = PollIn };
        return _count++;
    }

    public void Ask()
    {
        if (_count == 0)
        {
            return;
        }

        // A signal may end it without an answer; then every socket is asked itself, as if there were no poll.
        fixed (PollDescriptor* descriptors = _descriptors)
        {
            _answered = Poll(descriptors, (nuint)_count, 0) >= 0;
        }
    }

    // An error counts too: receiving is what clears it.
    public bool IsReady(int place) => place == NoPlace || !_answered || _descriptors[place].Returned != 0;
}
