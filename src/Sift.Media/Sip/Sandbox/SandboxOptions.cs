namespace Sift.Media.Sip.Sandbox;

/// <summary>The carrier that needs no carrier: phones register as any number, magic numbers answer by themselves.</summary>
public sealed class SandboxOptions
{
    /// <summary>On or off; null is on exactly when no trunk is configured.</summary>
    public bool? Enabled { get; set; }

    /// <summary>The password every sandbox phone registers with; when empty nobody can register.</summary>
    public string Password { get; set; } = "";

    /// <summary>The longest registration granted.</summary>
    public TimeSpan MaxExpires { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The shortest registration granted; shorter ones get 423 (RFC 3261 10.3 step 6).</summary>
    public TimeSpan MinExpires { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Contacts kept for one number.</summary>
    public int MaxContacts { get; set; } = 8;
}
