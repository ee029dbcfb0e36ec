using System.Net;
using Pennypost.Gateway.WebhooksOut;

namespace Pennypost.Gateway.Tests;

/// <summary>Which addresses a webhook is never posted to.</summary>
public sealed class CheckingAddresses
{
    public static TheoryData<string> Forbidden => [.. All];

    /// <summary>Private, local, metadata, reserved, and whatever carries one of them.</summary>
    internal static IReadOnlyList<string> All =>
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192",
        "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1",
        "100::1", "2001::1", "2001:0:7f00:1::", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:a00:1::1", "2002:808:808::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%1", "febf::1",
        "fec0::1", "ff02::1", "ff0e::1", "4000::1", "5f00::1",
    ];

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void Of_every_address_that_is_not_public_none_is_connected_to(string address) => Assert.False(Addresses.MayConnect(IPAddress.Parse(address), allowLoopback: false));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2a00:1450:4001:80e::200e")]
    public void A_public_address_may_be_connected_to(string address) => Assert.True(Addresses.MayConnect(IPAddress.Parse(address), allowLoopback: false));

    /// <summary>And nothing else: not what is mapped onto it, and no neighbour.</summary>
    [Theory]
    [MemberData(nameof(Forbidden))]
    public void For_development_loopback_may_be_allowed_and_no_more(string address) =>
        Assert.Equal(address is "::1" || address.StartsWith("127.", StringComparison.Ordinal), Addresses.MayConnect(IPAddress.Parse(address), allowLoopback: true));

    [Theory]
    [InlineData("https://example.com/hooks?x=1", null)]
    [InlineData("https://8.8.8.8/", null)]
    [InlineData("http://example.com/", "must be an https address")]
    [InlineData("ftp://example.com/", "must be an https address")]
    [InlineData("//example.com", "must be an https address")]
    [InlineData("hooks", "must be an https address")]
    [InlineData("https://user@example.com/", "must have a host, and no user and no fragment")]
    [InlineData("https://example.com/#x", "must have a host, and no user and no fragment")]
    [InlineData("https://127.0.0.1/", "must be a public address")]
    [InlineData("https://2130706433/", "must be a public address")]
    [InlineData("https://0x7f.1/", "must be a public address")]
    [InlineData("https://0177.0.0.1/", "must be a public address")]
    [InlineData("https://[::ffff:10.0.0.1]/", "must be a public address")]
    [InlineData("https://[64:ff9b::a00:1]/", "must be a public address")]
    [InlineData("https://169.254.169.254/latest/meta-data", "must be a public address")]
    public void What_is_wrong_with_an_address_as_it_is_written_is_said_at_once(string url, string? violation) => Assert.Equal(violation, Addresses.Violation(url, allowLoopback: false));

    [Theory]
    [InlineData("http://127.0.0.1:5000/", null)]
    [InlineData("http://localhost:5000/", null)]
    [InlineData("http://10.0.0.1/", "must be a public address")]
    [InlineData("ftp://127.0.0.1/", "must be an https or http address")]
    public void For_development_http_may_be_allowed(string url, string? violation) => Assert.Equal(violation, Addresses.Violation(url, allowLoopback: true));
}
