namespace Sift.Media.Sip;

/// <summary>
/// Work that a turn of the SIP side, or a commit, gives rise to (call control takes its next step) and that the same thread does itself when nothing else
/// waits for it: waking another thread costs more than most such work does.
/// </summary>
public interface IFollowUpWork
{
    /// <summary>From now on, what this thread hands in is kept for it.</summary>
    void Collect();

    /// <summary>
    /// Does what was kept and what that gives rise to, one piece after another while <paramref name="isFree"/> says that nobody waits for the thread.
    /// The rest goes where the work of all other threads goes.
    /// </summary>
    void Finish(Func<bool> isFree);
}
