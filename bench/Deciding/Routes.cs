using Pennypost.Bench.Load;

namespace Pennypost.Bench.Deciding;

/// <summary>One question, asked again and again: the router keeps nothing, so that the second costs as much as the first.</summary>
internal sealed class Routes(byte[] question) : Requests(Service, "Route")
{
    public const string Service = "pennypost.router.v1.RouterService";

    public override int Longest => question.Length;

    public override int Write(Span<byte> into, long number)
    {
        question.CopyTo(into);
        return question.Length;
    }
}
