namespace Sift.Media.Sip;

/// <summary>The one thread on which everything of signalling happens.</summary>
internal interface IReactor
{
    /// <summary>Does something later on the reactor. From the reactor only.</summary>
    ReactorTimer After(TimeSpan delay, Action due);

    /// <summary>Does something on the reactor as soon as it can. From any thread.</summary>
    void Post(Action work);
}
