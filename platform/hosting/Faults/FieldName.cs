using System.Globalization;

namespace Pennypost.Hosting;

/// <summary>
/// The name of a field of a request, as violations give it ("senders[3].credits.pool_id"), put together only when somebody reads it: most
/// fields are fine, and naming those of a large request costs more than looking at them.
/// </summary>
public readonly record struct FieldName
{
    private readonly string outer;
    private readonly string? list;
    private readonly int index;
    private readonly string? inner;
    private readonly string? last;

    private FieldName(string outer, string? list = null, int index = 0, string? inner = null, string? last = null) =>
        (this.outer, this.list, this.index, this.inner, this.last) = (outer, list, index, inner, last);

    /// <summary>A name that is there already.</summary>
    public static implicit operator FieldName(string name) => new(name);

    /// <summary>What all fields of one item of a list begin with: "senders[3].".</summary>
    public static FieldName Item(FieldName place, string list, int index) => new(place.ToString(), list, index);

    /// <summary>The name with more of it: a place and the field there.</summary>
    public static FieldName operator +(FieldName place, string more) =>
        place.inner is null ? new(place.outer, place.list, place.index, more)
        : place.last is null ? new(place.outer, place.list, place.index, place.inner, more)
        : new(place.outer, place.list, place.index, place.inner, place.last + more);

    /// <inheritdoc/>
    public override string ToString()
    {
        if (list is null)
            return inner is null ? outer : outer + inner + last;
        return string.Create(CultureInfo.InvariantCulture, $"{outer}{list}[{index}].{inner}{last}");
    }
}
