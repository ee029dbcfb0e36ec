namespace Pennypost.Hosting;

/// <summary>Where the instances of a peer are, as its setting says.</summary>
internal abstract record PeerAddresses
{
    /// <summary>The most addresses that one setting may list.</summary>
    public const int MaxListed = 64;

    private PeerAddresses() { }

    /// <summary>Addresses that do not change; all of one scheme.</summary>
    public sealed record Listed(IReadOnlyList<(string Host, int Port)> Instances, bool Tls) : PeerAddresses;

    /// <summary>Whatever the name resolves to, asked again from time to time.</summary>
    public sealed record Named(string Host, int Port) : PeerAddresses;

    /// <summary>
    /// Reads <c>http://a:7001</c>, <c>http://a:7001,http://b:7001</c> or <c>dns:///credits:7001</c>.
    /// </summary>
    /// <param name="setting">The text.</param>
    /// <param name="violations">What is wrong with it, each a sentence's end (<c>must ...</c>); empty if nothing is.</param>
    /// <returns>Null if there are violations.</returns>
    public static PeerAddresses? Parse(string? setting, out IReadOnlyList<string> violations)
    {
        var wrong = new List<string>();
        violations = wrong;
        var parts = (setting ?? "").Split(',', StringSplitOptions.TrimEntries);
        if (parts.Any(part => part.StartsWith("dns:", StringComparison.OrdinalIgnoreCase)))
        {
            if (parts.Length > 1) wrong.Add("must be one dns:/// name, or a list of addresses, not both");
            var name = NameOf(parts[0]);
            if (parts.Length == 1 && name is null) wrong.Add($"must be dns:///name:port, not {parts[0]}");
            return wrong.Count == 0 ? name : null;
        }
        if (parts.Length > MaxListed) wrong.Add($"must list at most {MaxListed} addresses");
        var instances = new List<(string, int)>();
        var schemes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            if (!Uri.TryCreate(part, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
                wrong.Add(parts.Length == 1 ? "must be an http or https address" : $"must list http or https addresses; '{part}' is none");
            else if (address.PathAndQuery != "/" || address.UserInfo.Length > 0 || address.Fragment.Length > 0)
                wrong.Add($"must list addresses of scheme, host and port only; '{part}' has more");
            else if (instances.Contains((address.IdnHost, address.Port)))
                wrong.Add($"must list each address once; '{part}' is there twice");
            else
            {
                instances.Add((address.IdnHost, address.Port));
                schemes.Add(address.Scheme);
            }
        }
        if (schemes.Count > 1) wrong.Add("must list addresses of one scheme, all http or all https");
        return wrong.Count == 0 ? new Listed(instances, schemes.Contains(Uri.UriSchemeHttps)) : null;
    }

    // An authority would name the DNS server to ask, which the resolver cannot do; without a port it would have to be guessed.
    private static Named? NameOf(string part)
    {
        const string prefix = "dns:///";
        if (!part.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) return null;
        var target = part[prefix.Length..];
        var colon = target.LastIndexOf(':');
        return colon > 0 && Uri.CheckHostName(target[..colon]) == UriHostNameType.Dns && ushort.TryParse(target[(colon + 1)..], out var port) && port > 0
            ? new Named(target[..colon], port)
            : null;
    }
}
