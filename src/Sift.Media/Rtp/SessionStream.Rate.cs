namespace Sift.Media.Rtp;

/// <summary>
/// At which rate the codec runs. Opus sounds the same on the wire whatever rate it is coded at, so a leg that talks to a narrower one is
/// coded at the other's rate: half the work, and nothing to resample.
/// </summary>
internal sealed partial class SessionStream
{
    private int _ownRate;

    private int WantedRate(MediaParameters parameters)
    {
        if (parameters.Format.Name != AudioFormat.OpusName)
        {
            return parameters.Format.SampleRate;
        }

        // A prompt under way would have to begin again; it is resampled for its rest instead.
        if (Player.Playing)
        {
            return parameters.Format.SampleRate;
        }

        return _partner is { _ownRate: > 0 and var theirs } ? Math.Min(theirs, _ownRate) : _ownRate;
    }

    private void UseFormat(MediaParameters parameters)
    {
        _parameters = parameters;
        Inlet.Configure(parameters);
        Outlet.Configure(parameters.Format, parameters.SendPtime);
        Player.SetSampleRate(parameters.Format.SampleRate);
        if (_input.Length != Outlet.FrameSamples)
        {
            _input = new short[Outlet.FrameSamples];
            _output = new short[Outlet.FrameSamples];
            _detector = null;
            _tone = null;
        }
    }
}
