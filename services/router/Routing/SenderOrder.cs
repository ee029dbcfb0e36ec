namespace Pennypost.Routing;

/// <summary>In which order senders are tried within a channel. Total, so that the order they came in means nothing.</summary>
internal readonly struct SenderOrder(Channel channel, bool oneCurrency)
{
    /// <summary>Whether all prices are in one currency. Prices in several cannot be compared, and are not.</summary>
    public static bool HasOneCurrency(ReadOnlySpan<Sender> senders)
    {
        string? currency = null;
        foreach (var sender in senders)
        {
            if (sender.Credits is not { PriceMicros: > 0 } credits)
                continue;
            currency ??= credits.Currency;
            if (!string.Equals(currency, credits.Currency, StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    /// <summary>Sorts in place, by insertion: there are few senders, and nothing is allocated.</summary>
    public void Arrange(Span<Sender> senders)
    {
        for (var next = 1; next < senders.Length; next++)
        {
            var sender = senders[next];
            var place = next;
            for (; place > 0 && Compare(sender, senders[place - 1]) < 0; place--)
                senders[place] = senders[place - 1];
            senders[place] = sender;
        }
    }

    /// <summary>Negative if `a` goes first.</summary>
    private int Compare(Sender a, Sender b)
    {
        // The prospect knows this one (F31).
        var order = b.InConversation.CompareTo(a.InConversation);

        if (order == 0 && channel == Channel.InMail)
            order = CompareCredits(a.Credits, b.Credits);
        if (order == 0 && channel == Channel.OpenProfileInMail)
            order = b.OpenProfileRemaining.CompareTo(a.OpenProfileRemaining);

        return order != 0 ? order : string.CompareOrdinal(a.AccountId, b.AccountId);
    }

    private int CompareCredits(SenderCredits? a, SenderCredits? b)
    {
        if (a is null || b is null)
            return (a is null).CompareTo(b is null);

        // A credit that would be forfeited anyway costs nothing, whatever its price (F28).
        var order = (b.ForfeitsAtRenewal > 0).CompareTo(a.ForfeitsAtRenewal > 0);

        // The expected net cost in credits is the tenant's and the same for all; what differs is the price (F27).
        if (order == 0 && oneCurrency)
            order = a.PriceMicros.CompareTo(b.PriceMicros);

        return order != 0 ? order : b.Available.CompareTo(a.Available);
    }
}
