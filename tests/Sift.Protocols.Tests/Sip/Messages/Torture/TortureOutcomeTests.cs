using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages.Torture;

/// <summary>
/// Each message of RFC 4475 with what its section demands of a parser. Where the section leaves a choice (recover or refuse),
/// Sift refuses: a sender that is read in two ways by two elements is a way around policy.
/// </summary>
public sealed class TortureOutcomeTests
{
    public static TheoryData<string, string, SipParseError> Messages => new()
    {
        { "3.1.1.1", "wsinv", SipParseError.None },
        { "3.1.1.2", "intmeth", SipParseError.None },
        { "3.1.1.3", "esc01", SipParseError.None },
        { "3.1.1.4", "escnull", SipParseError.None },
        { "3.1.1.5", "esc02", SipParseError.None },
        { "3.1.1.6", "lwsdisp", SipParseError.None },
        { "3.1.1.7", "longreq", SipParseError.None },
        { "3.1.1.8", "dblreq", SipParseError.None },
        { "3.1.1.9", "semiuri", SipParseError.None },
        { "3.1.1.10", "transports", SipParseError.None },
        { "3.1.1.11", "mpart01", SipParseError.None },
        { "3.1.1.12", "unreason", SipParseError.None },
        { "3.1.1.13", "noreason", SipParseError.None },
        { "3.1.2.1", "badinv01", SipParseError.BadRequest },
        { "3.1.2.2", "clerr", SipParseError.BadRequest },
        { "3.1.2.3", "ncl", SipParseError.BadRequest },
        { "3.1.2.4", "scalar02", SipParseError.BadRequest },
        { "3.1.2.5", "scalarlg", SipParseError.Unanswerable },
        { "3.1.2.6", "quotbal", SipParseError.BadRequest },
        { "3.1.2.7", "ltgtruri", SipParseError.BadRequest },
        { "3.1.2.8", "lwsruri", SipParseError.BadRequest },
        { "3.1.2.9", "lwsstart", SipParseError.BadRequest },
        { "3.1.2.10", "trws", SipParseError.BadRequest },
        { "3.1.2.11", "escruri", SipParseError.BadRequest },
        { "3.1.2.12", "baddate", SipParseError.BadRequest },
        { "3.1.2.13", "regbadct", SipParseError.BadRequest },
        { "3.1.2.14", "badaspec", SipParseError.BadRequest },
        { "3.1.2.15", "baddn", SipParseError.BadRequest },
        { "3.1.2.16", "badvers", SipParseError.VersionNotSupported },
        { "3.1.2.17", "mismatch01", SipParseError.BadRequest },
        { "3.1.2.18", "mismatch02", SipParseError.BadRequest },
        { "3.1.2.19", "bigcode", SipParseError.Unanswerable },
        { "3.2.1", "badbranch", SipParseError.None },
        { "3.3.1", "insuf", SipParseError.BadRequest },
        { "3.3.2", "unkscm", SipParseError.None },
        { "3.3.3", "novelsc", SipParseError.None },
        { "3.3.4", "unksm2", SipParseError.None },
        { "3.3.5", "bext01", SipParseError.None },
        { "3.3.6", "invut", SipParseError.None },
        { "3.3.7", "regaut01", SipParseError.None },
        { "3.3.8", "multi01", SipParseError.BadRequest },
        { "3.3.9", "mcl01", SipParseError.BadRequest },
        { "3.3.10", "bcast", SipParseError.None },
        { "3.3.11", "zeromf", SipParseError.None },
        { "3.3.12", "cparam01", SipParseError.None },
        { "3.3.13", "cparam02", SipParseError.None },
        { "3.3.14", "regescrt", SipParseError.None },
        { "3.3.15", "sdp01", SipParseError.None },
        { "3.4.1", "inv2543", SipParseError.None },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Has_the_outcome_that_its_section_demands(string section, string name, SipParseError expected)
    {
        var (message, error) = TortureMessage.Parse(name);

        Assert.True(expected == error, $"RFC 4475 {section} {name}: {error}");
        var answerable = error is SipParseError.None or SipParseError.BadRequest or SipParseError.VersionNotSupported;
        Assert.Equal(answerable, message is not null);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Survives_being_written_and_read_again(string section, string name, SipParseError expected)
    {
        var (message, _) = TortureMessage.Parse(name);
        if (expected != SipParseError.None)
        {
            // A broken request still has to be answered, with its own Via on top.
            Assert.Equal(message is not null, message is SipRequest broken && SipResponse.For(broken, 400).TopVia is not null);
            return;
        }

        var bytes = SipWriter.ToArray(message!);
        Assert.True(SipParser.TryParse(bytes, out var again, out var error), $"RFC 4475 {section}: {error}");
        Assert.Equal(bytes, SipWriter.ToArray(again));
        Assert.Equal(message!.From!.ToString(), again.From!.ToString());
        Assert.Equal(message.Vias.Select(v => v.ToString()), again.Vias.Select(v => v.ToString()));
        Assert.Equal(message.Body.ToArray(), again.Body.ToArray());
    }

    [Fact]
    public void Covers_all_49_messages_and_no_file_is_left_over()
    {
        var files = Directory.GetFiles(TortureMessage.Folder, "*.dat").Select(f => Path.GetFileNameWithoutExtension(f)!).Order();
        var rows = Messages.Select(row => (string)row[1]).Order();

        Assert.Equal(rows, files);
        Assert.Equal(49, Messages.Count);
    }
}
