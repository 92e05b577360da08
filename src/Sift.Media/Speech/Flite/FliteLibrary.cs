using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Sift.Media.Speech.Flite;

/// <summary>
/// libflite by P/Invoke, with audio given out while it is made. To be used in a worker process only and by one thread: a crash in it
/// takes the process along.
/// </summary>
internal sealed unsafe class FliteLibrary
{
    private static AudioTaker? taker;
    private readonly Dictionary<string, IntPtr> _voices = [];
    private readonly delegate* unmanaged[Cdecl]<byte*, IntPtr, Wave*> _textToWave;
    private readonly delegate* unmanaged[Cdecl]<Wave*, void> _deleteWave;

    private FliteLibrary(IntPtr library)
    {
        ((delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(library, "flite_init"))();
        _textToWave = (delegate* unmanaged[Cdecl]<byte*, IntPtr, Wave*>)NativeLibrary.GetExport(library, "flite_text_to_wave");
        _deleteWave = (delegate* unmanaged[Cdecl]<Wave*, void>)NativeLibrary.GetExport(library, "delete_wave");
        var newStreaming = (delegate* unmanaged[Cdecl]<Streaming*>)NativeLibrary.GetExport(library, "new_audio_streaming_info");
        var streamingValue = (delegate* unmanaged[Cdecl]<Streaming*, IntPtr>)NativeLibrary.GetExport(library, "audio_streaming_info_val");
        var setFeature = (delegate* unmanaged[Cdecl]<IntPtr, byte*, IntPtr, void>)NativeLibrary.GetExport(library, "feat_set");
        foreach (var name in KnownVoices)
        {
            if (!NativeLibrary.TryLoad($"libflite_cmu_us_{name}.so.1", out var voiceLibrary)
                || !NativeLibrary.TryGetExport(voiceLibrary, $"register_cmu_us_{name}", out var register))
            {
                continue;
            }

            var voice = ((delegate* unmanaged[Cdecl]<IntPtr, IntPtr>)register)(IntPtr.Zero);
            var streaming = newStreaming();
            streaming->Callback = (IntPtr)(delegate* unmanaged[Cdecl]<Wave*, int, int, int, IntPtr, int>)&OnAudio;
            // flite keeps the pointer to the name, so it must never move or be freed: a literal in the image. cst_voice: features at 8.
            var features = *(IntPtr*)(voice + 8);
            setFeature(features, (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("streaming_info\0"u8)), streamingValue(streaming));
            _voices[name] = voice;
        }
    }

    /// <summary>Gets samples; returns false to stop.</summary>
    public delegate bool AudioTaker(int sampleRate, ReadOnlySpan<short> samples);

    /// <summary>Voices that could be loaded, the default first.</summary>
    public IReadOnlyList<string> Voices => [.. KnownVoices.Where(_voices.ContainsKey)];

    public static bool TryLoad(out FliteLibrary? flite, out string? error)
    {
        flite = null;
        error = "libflite.so.1 is missing (apt install flite)";
        if (!NativeLibrary.TryLoad("libflite.so.1", out var library))
        {
            return false;
        }

        var loaded = new FliteLibrary(library);
        if (loaded.Voices.Count == 0)
        {
            error = "libflite has no voices (apt install flite)";
            return false;
        }

        flite = loaded;
        error = null;
        return true;
    }

    public void Speak(string voice, string text, AudioTaker audio)
    {
        var bytes = Encoding.UTF8.GetBytes(text + '\0');
        var streamed = false;
        taker = (rate, samples) =>
        {
            streamed = true;
            return audio(rate, samples);
        };
        fixed (byte* pointer = bytes)
        {
            var wave = _textToWave(pointer, _voices[voice]);
            if (wave is null)
            {
                return;
            }

            if (!streamed)
            {
                audio(wave->SampleRate, new ReadOnlySpan<short>(wave->Samples, wave->Count));
            }

            _deleteWave(wave);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnAudio(Wave* wave, int start, int size, int last, IntPtr streaming) =>
        size <= 0 || taker!(wave->SampleRate, new ReadOnlySpan<short>(wave->Samples + start, size)) ? StreamContinue : StreamStop;

    // cst_wave of flite 2: {const char *type; int sample_rate; int num_samples; int num_channels; short *samples}.
    [StructLayout(LayoutKind.Sequential)]
    private struct Wave
    {
        public IntPtr Type;
        public int SampleRate;
        public int Count;
        public int Channels;
        public short* Samples;
    }

    // The head of cst_audio_streaming_info: {int min_buffsize; callback asc; …}.
    [StructLayout(LayoutKind.Sequential)]
    private struct Streaming
    {
        public int MinBuffer;
        public IntPtr Callback;
    }

    internal static readonly string[] KnownVoices = ["slt", "rms", "awb", "kal16"];
    private const int StreamContinue = 0;
    private const int StreamStop = -1;
}
