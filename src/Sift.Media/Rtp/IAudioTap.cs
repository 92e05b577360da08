namespace Sift.Media.Rtp;

/// <summary>Hears both directions of a session, aligned frame by frame: the way to recording and recognition.</summary>
internal interface IAudioTap
{
    /// <summary>
    /// Called on the media thread each 20 ms with what was received (concealed where lost, silence where nothing came) and what was
    /// sent. Copy and return: the spans are reused.
    /// </summary>
    void OnFrame(ReadOnlySpan<short> received, ReadOnlySpan<short> sent, int sampleRate);

    /// <summary>No frame comes any more: the tap was taken off or the session closed. On the media thread too.</summary>
    void OnEnd()
    {
    }
}
