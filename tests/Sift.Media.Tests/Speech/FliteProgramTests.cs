using Sift.Media.Speech;
using Sift.Media.Speech.Flite;

namespace Sift.Media.Tests.Speech;

public sealed class FliteProgramTests : SpeechEngineTests
{
    protected override Task<ISpeechEngine> StartAsync() => Task.FromResult<ISpeechEngine>(FliteEngine.ByProgram(Options, TimeProvider.System, null));
}
