namespace Pennypost.Routing;

/// <summary>In which order senders are tried within a channel. Total, so that the order they came in means nothing.</summary>
internal readonly struct SenderOrder(Channel channel, bool oneCurrency, bool budgeted, bool sticky)
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

    /// <summary>Whether every budget is known. Shares of some and plain credits of others cannot be compared, and are not.</summary>
    public static bool HasBudgets(ReadOnlySpan<Sender> senders)
    {
        foreach (var sender in senders)
        {
            if (sender.Credits is { Budget: <= 0 })
                return false;
        }

        return true;
    }

    /// <summary>Sorts in place, by binary insertion: most channels want the order they find, and nothing is allocated.</summary>
    public void Arrange(Span<Sender> senders)
    {
        for (var next = 1; next < senders.Length; next++)
        {
            var sender = senders[next];
            if (Compare(senders[next - 1], sender) <= 0)
                continue;

            var place = PlaceOf(sender, senders[..next]);
            senders[place..next].CopyTo(senders[(place + 1)..]);
            senders[place] = sender;
        }
    }

    private int PlaceOf(Sender sender, ReadOnlySpan<Sender> arranged)
    {
        var (from, to) = (0, arranged.Length);
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (Compare(arranged[middle], sender) < 0)
                from = middle + 1;
            else
                to = middle;
        }

        return from;
    }

    /// <summary>Negative if `a` goes first.</summary>
    private int Compare(Sender a, Sender b)
    {
        // The prospect knows this one (F31).
        var order = sticky ? b.InConversation.CompareTo(a.InConversation) : 0;

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
        var order = b.NextWouldBeForfeited.CompareTo(a.NextWouldBeForfeited);

        // The expected net cost in credits is the tenant's and the same for all; what differs is the price (F27).
        if (order == 0 && oneCurrency)
            order = a.PriceMicros.CompareTo(b.PriceMicros);

        // The larger share of its budget: so no sender runs out while another has more left than its budget is larger (F80). By cross-multiplication, because shares are no whole numbers.
        if (order == 0 && budgeted)
            order = ((Int128)b.Left * a.Budget).CompareTo((Int128)a.Left * b.Budget);

        return order != 0 ? order : b.Left.CompareTo(a.Left);
    }
}
