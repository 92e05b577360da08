namespace Sift.Media.Sip.Trunks;

/// <summary>A trunk as people see it: one consistent picture, safe to read from any thread.</summary>
/// <param name="Available">False when its name does not resolve or its last keep-alive went unanswered; calls then prefer other trunks.</param>
/// <param name="Registered">Null when the trunk does not register.</param>
/// <param name="LastStatus">The status last heard from the carrier to REGISTER or OPTIONS; null when it did not answer.</param>
/// <param name="Detail">What is wrong, for people; null when nothing is.</param>
public sealed record TrunkState(
    string Name,
    bool Available,
    bool? Registered,
    int? LastStatus,
    DateTimeOffset? LastAnswerAt,
    DateTimeOffset? NextAttemptAt,
    string? Detail);
