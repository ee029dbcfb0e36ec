using Pennypost.Bench.Load;

namespace Pennypost.Bench.Deciding;

/// <summary>One question to the router, which keeps nothing.</summary>
internal sealed class Routes(byte[] question) : Repeated(Service, "Route", question)
{
    public const string Service = "pennypost.router.v1.RouterService";
}
