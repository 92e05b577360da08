using Sift.Media.Audio.Programs;

namespace Sift.Media.Audio.Sounds;

/// <summary>
/// Decodes mp3 with a program in a process of its own: decoders of foreign files are where memory errors live. Which one was found
/// decides at start; ffmpeg is told to read mp3 from a pipe and nothing else, so that no file can make it open another.
/// </summary>
internal sealed class Mp3Decoder(TimeProvider time)
{
    private readonly (string Path, string[] Arguments)? _program = Choose();

    /// <summary>Null when mp3 can be played; else what to install.</summary>
    public string? Trouble => _program is null ? "mp3 files cannot be played: no decoder is installed (apt install ffmpeg)" : null;

    /// <summary>ID3v2, or a frame header of MPEG layer III (ISO 11172-3 2.4.1.3) with no reserved value in it.</summary>
    public static bool LooksLike(ReadOnlySpan<byte> file)
    {
        if (file.Length < 4)
        {
            return false;
        }

        return file[..3].SequenceEqual("ID3"u8)
            || (file[0] == 0xFF && (file[1] & 0xE6) == 0xE2 && (file[1] & 0x18) != 0x08 && (file[2] & 0xF0) != 0xF0 && (file[2] & 0x0C) != 0x0C);
    }

    /// <summary>Gives a wav file, or an error for people.</summary>
    public async Task<ProgramResult> DecodeAsync(ReadOnlyMemory<byte> mp3, SoundOptions options, CancellationToken cancellationToken)
    {
        if (_program is not { } program)
        {
            return new(null, Trouble);
        }

        var limits = new ProgramLimits(options.DecodeDeadline, MaxWav, MaxMemory, (int)Math.Ceiling(options.DecodeDeadline.TotalSeconds));
        var result = await ExternalProgram.RunAsync(program.Path, program.Arguments, mp3, limits, time, cancellationToken).ConfigureAwait(false);
        return result.Error is null ? result : new(null, $"the mp3 file cannot be decoded: {result.Error}");
    }

    private static (string, string[])? Choose() =>
        ExternalProgram.Find("ffmpeg") is { } ffmpeg
            ? (ffmpeg, ["-hide_banner", "-loglevel", "error", "-threads", "1", "-protocol_whitelist", "pipe", "-f", "mp3", "-i", "pipe:0", "-map", "0:a:0", "-vn", "-ac", "1", "-c:a", "pcm_s16le", "-f", "wav", "-bitexact", "pipe:1"])
            : ExternalProgram.Find("mpg123") is { } mpg123
                ? (mpg123, ["-q", "-m", "-w", "-", "-"])
                : null;

    // Half an hour of mono at 48 kHz.
    private const int MaxWav = 180 * 1024 * 1024;
    private const long MaxMemory = 1024L * 1024 * 1024;
}
