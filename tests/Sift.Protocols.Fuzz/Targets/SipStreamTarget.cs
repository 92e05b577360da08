using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>The stream framer, fed in pieces of several sizes: the frames must not depend on how TCP cut the stream.</summary>
internal sealed class SipStreamTarget : IFuzzTarget
{
    public string Name => "sip-stream";

    public IReadOnlyList<byte[]> Dictionary => SipMessageTarget.Words;

    public void Run(ReadOnlySpan<byte> input)
    {
        var whole = Frames(input, input.Length);
        var pieces = Frames(input, 7);
        if (whole != pieces)
        {
            throw new InvalidOperationException($"Whole: {whole}; in pieces: {pieces}.");
        }
    }

    private static (int Messages, int Bytes, bool Broken) Frames(ReadOnlySpan<byte> input, int step)
    {
        using var framer = new SipStreamFramer();
        var messages = 0;
        var bytes = 0;
        while (!input.IsEmpty)
        {
            var piece = input[..Math.Min(Math.Max(step, 1), input.Length)];
            input = input[piece.Length..];
            framer.Append(piece);
            while (true)
            {
                var frame = framer.Next();
                if (frame.Kind == SipFrameKind.Broken)
                {
                    return (messages, bytes, true);
                }

                if (frame.Kind == SipFrameKind.None)
                {
                    break;
                }

                if (frame.Kind == SipFrameKind.Message)
                {
                    messages++;
                    bytes += frame.Bytes.Length;
                }
            }
        }

        return (messages, bytes, false);
    }
}
