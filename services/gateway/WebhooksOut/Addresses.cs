using System.Net;
using System.Net.Sockets;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>
/// Which addresses a webhook may be posted to. Pure. Addresses of the special registries (RFC 6890 and its followers) are not, nor any IPv6 address that carries an IPv4 one: what it leads to depends on whose network
/// it is.
/// </summary>
internal static class Addresses
{
    private static readonly Network[] Closed =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // Inside what is open of IPv6: protocol assignments with Teredo and ORCHID, documentation, 6to4, AS112, and more documentation.
            "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        }.Select(Network.Parse),
    ];

    // Global unicast. Everything else of IPv6 is closed: loopback, mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96, 64:ff9b:1::/48), unique local, link-local, site-local, multicast.
    private static readonly Network Open6 = Network.Parse("2000::/3");

    /// <summary>Whether it may be connected to.</summary>
    /// <param name="address">As the name was resolved to.</param>
    /// <param name="allowLoopback">For development: 127.0.0.0/8 and ::1 too.</param>
    public static bool MayConnect(IPAddress address, bool allowLoopback)
    {
        if (allowLoopback && !address.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(address)) return true;
        return address.AddressFamily switch
        {
            // A zone names an interface of this machine: only what is local has one.
            AddressFamily.InterNetworkV6 => address.ScopeId == 0 && Open6.Contains(address) && !IsClosed(address),
            AddressFamily.InterNetwork => !IsClosed(address),
            _ => false,
        };
    }

    private static bool IsClosed(IPAddress address) => Array.Exists(Closed, network => network.Contains(address));

    /// <summary>A network, compared bit by bit: <see cref="IPNetwork.Contains(IPAddress)"/> takes a mapped IPv4 address to be in 2000::/3.</summary>
    private sealed record Network(byte[] Prefix, int Length)
    {
        public static Network Parse(string text)
        {
            var network = IPNetwork.Parse(text);
            return new Network(network.BaseAddress.GetAddressBytes(), network.PrefixLength);
        }

        public bool Contains(IPAddress address)
        {
            Span<byte> bytes = stackalloc byte[16];
            address.TryWriteBytes(bytes, out var written);
            if (written != Prefix.Length) return false;
            var (whole, rest) = (Length / 8, Length % 8);
            return bytes[..whole].SequenceEqual(Prefix.AsSpan(0, whole)) && (rest == 0 || ((bytes[whole] ^ Prefix[whole]) & (0xFF << (8 - rest)) & 0xFF) == 0);
        }
    }

    /// <summary>What is wrong with a webhook's address as it is written; null if nothing is.</summary>
    public static string? Violation(string url, bool allowLoopback)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || !(address.Scheme == Uri.UriSchemeHttps || (allowLoopback && address.Scheme == Uri.UriSchemeHttp)))
            return allowLoopback ? "must be an https or http address" : "must be an https address";
        if (address.UserInfo.Length > 0 || address.Fragment.Length > 0 || address.Host.Length == 0) return "must have a host, and no user and no fragment";
        return IPAddress.TryParse(address.DnsSafeHost, out var literal) && !MayConnect(literal, allowLoopback) ? "must be a public address" : null;
    }
}
