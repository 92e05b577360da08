using Sift.Media.Speech;

namespace Sift.Media.Tests.Speech;

public sealed class FakeEngineTests : SpeechEngineTests
{
    protected override Task<ISpeechEngine> StartAsync() => Task.FromResult<ISpeechEngine>(new FakeEngine());
}
