namespace Sift.Testing;

/// <summary>Something a test expected did not happen, or cannot be simulated. The message ends with the transcript of the simulation.</summary>
public sealed class SimulationException : Exception
{
    /// <param name="message">What was expected and what came instead.</param>
    public SimulationException(string message)
        : base(message)
    {
    }

    /// <param name="message">What was expected and what came instead.</param>
    /// <param name="cause">What lies behind it.</param>
    public SimulationException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
