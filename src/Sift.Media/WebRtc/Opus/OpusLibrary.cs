using System.Runtime.InteropServices;

namespace Sift.Media.WebRtc.Opus;

/// <summary>
/// The few functions of libopus, found at run time: without the library calls use G.711. The two <c>ctl</c> functions are variadic in C; with
/// one int argument the Linux calling conventions of x64 and arm64 pass it like any other.
/// </summary>
internal static unsafe class OpusLibrary
{
    public const int ApplicationVoice = 2048;
    public const int SetBitrate = 4002;
    public const int SetComplexity = 4010;
    public const int SetInbandFec = 4012;
    public const int SetPacketLossPercent = 4014;
    public const int SetDiscontinuous = 4016;
    public const int SetSignal = 4024;
    public const int SignalVoice = 3001;

    public static readonly delegate* unmanaged[Cdecl]<int, int, int, int*, IntPtr> CreateEncoder;
    public static readonly delegate* unmanaged[Cdecl]<IntPtr, void> DestroyEncoder;
    public static readonly delegate* unmanaged[Cdecl]<IntPtr, short*, int, byte*, int, int> Encode;
    public static readonly delegate* unmanaged[Cdecl]<IntPtr, int, int, int> ControlEncoder;
    public static readonly delegate* unmanaged[Cdecl]<int, int, int*, IntPtr> CreateDecoder;
    public static readonly delegate* unmanaged[Cdecl]<IntPtr, void> DestroyDecoder;
    public static readonly delegate* unmanaged[Cdecl]<IntPtr, byte*, int, short*, int, int, int> Decode;

    static OpusLibrary()
    {
        if (!OperatingSystem.IsLinux() || !TryLoad(out var library))
        {
            return;
        }

        CreateEncoder = (delegate* unmanaged[Cdecl]<int, int, int, int*, IntPtr>)NativeLibrary.GetExport(library, "opus_encoder_create");
        DestroyEncoder = (delegate* unmanaged[Cdecl]<IntPtr, void>)NativeLibrary.GetExport(library, "opus_encoder_destroy");
        Encode = (delegate* unmanaged[Cdecl]<IntPtr, short*, int, byte*, int, int>)NativeLibrary.GetExport(library, "opus_encode");
        ControlEncoder = (delegate* unmanaged[Cdecl]<IntPtr, int, int, int>)NativeLibrary.GetExport(library, "opus_encoder_ctl");
        CreateDecoder = (delegate* unmanaged[Cdecl]<int, int, int*, IntPtr>)NativeLibrary.GetExport(library, "opus_decoder_create");
        DestroyDecoder = (delegate* unmanaged[Cdecl]<IntPtr, void>)NativeLibrary.GetExport(library, "opus_decoder_destroy");
        Decode = (delegate* unmanaged[Cdecl]<IntPtr, byte*, int, short*, int, int, int>)NativeLibrary.GetExport(library, "opus_decode");
        IsAvailable = true;
    }

    public static bool IsAvailable { get; }

    private static bool TryLoad(out IntPtr library) =>
        NativeLibrary.TryLoad("libopus.so.0", out library) || NativeLibrary.TryLoad("libopus.so", out library);
}
