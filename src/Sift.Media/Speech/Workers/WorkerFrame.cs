using System.Buffers.Binary;

namespace Sift.Media.Speech.Workers;

/// <summary>What a frame between server and speech worker carries. Frame: payload length (4 bytes, little-endian), kind (1 byte), payload.</summary>
internal enum WorkerFrameKind : byte
{
    /// <summary>To the worker: voice length (1 byte), voice, text, all UTF-8.</summary>
    Speak = 1,

    /// <summary>First frame of the worker: names of its voices, comma-separated.</summary>
    Hello = 16,

    /// <summary>Sample rate (4 bytes), then PCM16 samples.</summary>
    Audio = 17,

    /// <summary>The sentence is spoken.</summary>
    Done = 18,

    /// <summary>It is not, or the worker cannot work at all: the reason in UTF-8.</summary>
    Failed = 19,
}

/// <summary>Reads and writes frames.</summary>
internal static class WorkerFrame
{
    public static byte[] Encode(WorkerFrameKind kind, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderBytes + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        frame[4] = (byte)kind;
        payload.CopyTo(frame.AsSpan(HeaderBytes));
        return frame;
    }

    /// <summary>The next frame; null at the end of the stream, in the middle of a frame, or when the length makes no sense.</summary>
    public static async ValueTask<(WorkerFrameKind Kind, byte[] Payload)?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        if (await stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < HeaderBytes)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < 0 or > MaxPayload)
        {
            return null;
        }

        var payload = new byte[length];
        return await stream.ReadAtLeastAsync(payload, length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < length
            ? null
            : ((WorkerFrameKind)header[4], payload);
    }

    public const int HeaderBytes = 5;
    public const int MaxPayload = 1024 * 1024;
}
