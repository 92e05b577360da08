using System.Runtime.InteropServices;
using static Sift.Media.Rtp.LinuxSystemCalls;

namespace Sift.Media.Rtp;

/// <summary>One <c>epoll_wait</c> without a wait per step: sockets with nothing in them cost nothing, not even a look at them.</summary>
internal sealed unsafe class LinuxSocketReadiness : ISocketReadiness
{
    // Of a socket that is none of the kernel's, as a browser leg's, or that the kernel takes no more of: it has to be asked itself.
    private const int NoPlace = -1;

    // struct epoll_event { uint32_t events; uint64_t data; } is packed on x86-64 only.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - sizeof(ulong);

    private readonly int _set = OpenEventSet(EventSetCloseOnExec);
    private readonly Stack<int> _free = new();
    private byte[] _events = new byte[64 * 16];

    // By place: the step in which something was there.
    private uint[] _readyIn = new uint[64];
    private int _places;
    private uint _step;

    public int Enter(IDatagramSocket socket)
    {
        if (socket is not LinuxDatagramSocket { Descriptor: >= 0 and var descriptor })
        {
            return NoPlace;
        }

        var place = _free.Count > 0 ? _free.Pop() : _places++;
        if (place == _readyIn.Length)
        {
            Array.Resize(ref _readyIn, 2 * place);
            _events = new byte[2 * _events.Length];
        }

        _readyIn[place] = _step - 1;
        var wanted = stackalloc byte[16];
        *(uint*)wanted = (uint)PollIn;
        Marshal.WriteInt64((nint)wanted, DataOffset, place);
        if (ChangeEventSet(_set, EventSetAdd, descriptor, wanted) == 0)
        {
            return place;
        }

        _free.Push(place);
        return NoPlace;
    }

    public void Leave(int place, IDatagramSocket socket)
    {
        if (place == NoPlace)
        {
            return;
        }

        // A closed socket has left by itself.
        if (socket is LinuxDatagramSocket { Descriptor: >= 0 and var descriptor })
        {
            var unused = stackalloc byte[16];
            ChangeEventSet(_set, EventSetRemove, descriptor, unused);
        }

        _free.Push(place);
    }

    public void Ask()
    {
        _step++;
        fixed (byte* events = _events)
        {
            // At most as many as there are places; a signal may end it without an answer, which the next step brings.
            var count = AwaitEvents(_set, events, _readyIn.Length, 0);
            for (var i = 0; i < count; i++)
            {
                _readyIn[Marshal.ReadInt64((nint)events, (i * EventSize) + DataOffset)] = _step;
            }
        }
    }

    public bool IsReady(int place) => place == NoPlace || _readyIn[place] == _step;

    public void Dispose() => Close(_set);
}
