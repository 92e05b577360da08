using System.Net;
using Sift.Web.Accounts;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Accounts;

public sealed class LoginThrottleTests
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1");

    private readonly ManualTime time = new();

    [Fact]
    public void Lets_an_address_fail_up_to_the_burst_then_makes_it_wait_one_refill()
    {
        var throttle = new LoginThrottle(time);
        for (var i = 0; i < LoginThrottle.Burst; i++)
        {
            Assert.Null(throttle.MustWait(Address));
            throttle.Failed(Address);
        }

        Assert.Equal(LoginThrottle.Refill, throttle.MustWait(Address));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(throttle.MustWait(Address));
        throttle.Failed(Address);
        Assert.NotNull(throttle.MustWait(Address));
        Assert.Null(throttle.MustWait(IPAddress.Parse("192.0.2.2")));
    }

    [Fact]
    public void Counts_an_ipv6_network_as_one_address_and_a_mapped_address_as_its_ipv4()
    {
        var throttle = new LoginThrottle(time);
        for (var i = 0; i < LoginThrottle.Burst; i++)
        {
            throttle.Failed(IPAddress.Parse($"2001:db8:1:2::{i + 1:x}"));
            throttle.Failed(IPAddress.Parse("::ffff:192.0.2.1"));
        }

        Assert.NotNull(throttle.MustWait(IPAddress.Parse("2001:db8:1:2:ffff::1")));
        Assert.Null(throttle.MustWait(IPAddress.Parse("2001:db8:1:3::1")));
        Assert.NotNull(throttle.MustWait(Address));
    }

    [Fact]
    public void Forgets_failures_after_a_success()
    {
        var throttle = new LoginThrottle(time);
        for (var i = 0; i < LoginThrottle.Burst - 1; i++)
        {
            throttle.Failed(Address);
        }

        throttle.Succeeded(Address);
        throttle.Failed(Address);
        throttle.Failed(Address);
        Assert.Null(throttle.MustWait(Address));
    }
}
