using System.Net;
using Sift.Media.Speech;
using Sift.Media.Speech.Http;
using Sift.Media.Tests.Audio;

namespace Sift.Media.Tests.Speech;

public sealed class HttpSpeechEngineTests : SpeechEngineTests
{
    private readonly Server _server = new();

    protected override Task<ISpeechEngine> StartAsync() => Task.FromResult<ISpeechEngine>(Engine());

    [Fact]
    public async Task Posts_the_sentence_with_voice_language_and_token()
    {
        await using var engine = Engine();

        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], "Grüß Gott & so", new PcmTaker(), default));

        Assert.Equal("POST http://tts.example/speak?key=1&voice=anna%20b&language=de-DE Bearer secret text/plain; charset=utf-8 Grüß Gott & so", _server.Seen);
    }

    [Theory]
    [InlineData(500, "the speech engine answered 500")]
    [InlineData(204, "the speech engine's answer is not a wav file")]
    [InlineData(0, "the speech engine cannot be reached: refused")]
    public async Task Says_what_went_wrong(int status, string expected)
    {
        _server.Status = status;
        await using var engine = Engine();

        Assert.Equal(expected, await engine.SynthesizeAsync(engine.Voices[0], "Hello.", new PcmTaker(), default));
    }

    private HttpSpeechEngine Engine()
    {
        var http = new HttpSpeechOptions { Endpoint = new Uri("http://tts.example/speak?key=1"), BearerToken = "secret" };
        http.Voices["anna b"] = "de-DE";
        return new HttpSpeechEngine(http, Options, new HttpMessageInvoker(_server), TimeProvider.System);
    }

    private sealed class Server : HttpMessageHandler
    {
        public int Status { get; set; } = 200;

        public string? Seen { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var text = await request.Content!.ReadAsStringAsync(cancellationToken);
            Seen = $"{request.Method} {request.RequestUri!.AbsoluteUri} {request.Headers.Authorization} {request.Content.Headers.ContentType} {text}";
            if (Status == 0)
            {
                throw new HttpRequestException("refused");
            }

            var taker = new PcmTaker();
            await new FakeEngine().SynthesizeAsync(new SpeechVoice("a", "de", "a"), text, taker, cancellationToken);
            return new HttpResponseMessage((HttpStatusCode)Status) { Content = new ByteArrayContent(Status == 200 ? Signal.Wav([.. taker.Samples], 16000) : []) };
        }
    }
}
