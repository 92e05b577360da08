using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>
/// Writes SIP messages as bytes (UTF-8, CRLF, long header names), with Content-Length from the body. No value can add a line:
/// <see cref="SipHeaders"/>, the method and the reason phrase refuse line breaks when they are set, and a URI is refused here.
/// </summary>
public static class SipWriter
{
    /// <exception cref="ArgumentException">The Request-URI holds white space or control characters.</exception>
    public static void Write(SipMessage message, IBufferWriter<byte> output)
    {
        if (message is SipRequest request)
        {
            var target = request.RequestUri.ToString();
            if (target.AsSpan().ContainsAnyInRange('\0', ' '))
            {
                throw new ArgumentException("The Request-URI holds white space or control characters.", nameof(message));
            }

            Text(output, request.Method, " ", target, " SIP/2.0\r\n");
        }
        else if (message is SipResponse response)
        {
            Text(output, "SIP/2.0 ", Number(response.StatusCode), " ", response.ReasonPhrase);
            output.Write("\r\n"u8);
        }

        foreach (var (name, value) in message.Headers)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                Text(output, name, ": ", value, "\r\n");
            }
        }

        Text(output, "Content-Length: ", Number(message.Body.Length), "\r\n", "\r\n");
        output.Write(message.Body.Span);
    }

    /// <summary>The message as one new array.</summary>
    public static byte[] ToArray(SipMessage message)
    {
        var output = new ArrayBufferWriter<byte>(1024 + message.Body.Length);
        Write(message, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Text(IBufferWriter<byte> output, string a, string b, string c, string d)
    {
        // Three bytes per UTF-16 unit is the most that UTF-8 needs.
        var span = output.GetSpan(3 * (a.Length + b.Length + c.Length + d.Length));
        var length = Encoding.UTF8.GetBytes(a, span);
        length += Encoding.UTF8.GetBytes(b, span[length..]);
        length += Encoding.UTF8.GetBytes(c, span[length..]);
        length += Encoding.UTF8.GetBytes(d, span[length..]);
        output.Advance(length);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
