using Sift.Media.Rtp;
using Sift.Media.Sip;

namespace Sift.Media.Legs;

/// <summary>What the media of a leg needs of whoever carries its signalling.</summary>
internal interface ILegMediaHost : IReactor
{
    MediaEngine Engine { get; }

    /// <summary>Says it to call control, at once and in order. From the reactor only.</summary>
    void Emit(LegEvent legEvent);
}
