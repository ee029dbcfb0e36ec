using System.Globalization;
using System.Text;
using Pennypost.Bench.Figures;

namespace Pennypost.Bench.Load;

/// <summary>Requests by number, as protobuf. Written by hand: the client shares the machine with what is measured, and should take as little of it as it can.</summary>
internal abstract class Requests(string service, string method)
{
    /// <summary>No request for credits is longer.</summary>
    public const int MaxBytes = 256;
    private const string Credits = "pennypost.credits.v1.CreditsService";
    private const string Account = "account-1";

    /// <summary>The path of the method.</summary>
    public string Path { get; } = $"/{service}/{method}";

    /// <summary>No request of these is longer.</summary>
    public virtual int Longest => MaxBytes;

    /// <summary>Writes one request and says how long it is. Any thread.</summary>
    public abstract int Write(Span<byte> into, long number);

    /// <summary>Holds, each with an id of its own, on pools of this choice.</summary>
    /// <param name="prefix">What the pools' names begin with.</param>
    /// <param name="choice">Which pools.</param>
    /// <param name="ids">What the ids of the holds begin with.</param>
    public sealed class Holds(string prefix, PoolChoice choice, string ids) : Requests(Credits, "PlaceHold")
    {
        public override int Write(Span<byte> into, long number)
        {
            Span<byte> pool = stackalloc byte[64];
            var at = Text(into, 0, 1, pool[..Pool(pool, prefix, number / choice.RequestsPerEpoch, choice.Of(number))]);
            into[at++] = (2 << 3) | 2;
            var length = Encoding.ASCII.GetBytes(ids, into[(at + 1)..]);
            into[at + 1 + length++] = (byte)'_';
            number.TryFormat(into[(at + 1 + length)..], out var digits, default, CultureInfo.InvariantCulture);
            into[at] = (byte)(length + digits);
            at += 1 + length + digits;
            Span<byte> account = stackalloc byte[Account.Length];
            Encoding.ASCII.GetBytes(Account, account);
            return Text(into, at, 3, account);
        }
    }

    /// <summary>The pools that <see cref="Holds"/> of the same prefix and choice will ask for, each with as many credits as a pool may be opened with.</summary>
    public sealed class Pools(string prefix, PoolChoice choice) : Requests(Credits, "CreatePool")
    {
        private const string Plan = "sales_navigator_core";

        /// <summary>How many there are to open for so many holds.</summary>
        public long Count(long holds) => choice.Pools * ((holds / choice.RequestsPerEpoch) + 1);

        public override int Write(Span<byte> into, long number)
        {
            Span<byte> text = stackalloc byte[64];
            var at = Text(into, 0, 1, text[..Pool(text, prefix, number / choice.Pools, number % choice.Pools)]);
            at = Text(into, at, 2, text[..Encoding.ASCII.GetBytes(Plan, text)]);
            into[at++] = 4 << 3;
            for (var balance = (ulong)Ledger.Pool.MaxBalance; ; balance >>= 7)
            {
                into[at++] = (byte)(balance > 127 ? (balance & 127) | 128 : balance);
                if (balance <= 127) return at;
            }
        }
    }

    private static int Text(Span<byte> into, int at, int field, ReadOnlySpan<byte> text)
    {
        into[at] = (byte)((field << 3) | 2);
        into[at + 1] = (byte)text.Length;
        text.CopyTo(into[(at + 2)..]);
        return at + 2 + text.Length;
    }

    private static int Pool(Span<byte> into, string prefix, long epoch, long pool)
    {
        var at = Encoding.ASCII.GetBytes(prefix, into);
        into[at++] = (byte)'-';
        epoch.TryFormat(into[at..], out var digits, default, CultureInfo.InvariantCulture);
        at += digits;
        into[at++] = (byte)'-';
        pool.TryFormat(into[at..], out digits, default, CultureInfo.InvariantCulture);
        return at + digits;
    }
}

/// <summary>One request, asked again and again: for a service to which the second costs as much as the first.</summary>
internal class Repeated(string service, string method, byte[] request) : Requests(service, method)
{
    public override int Longest => request.Length;

    public override int Write(Span<byte> into, long number)
    {
        request.CopyTo(into);
        return request.Length;
    }
}
