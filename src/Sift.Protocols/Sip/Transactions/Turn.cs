using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>One call into the core: the time it came, and where its actions go.</summary>
internal readonly record struct Turn(TimeSpan Now, ISipUserAgentOutput Output);
