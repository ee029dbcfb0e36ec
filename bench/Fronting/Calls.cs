using Google.Protobuf;
using Pennypost.Bench.Load;
using Pennypost.Types.V1;

namespace Pennypost.Bench.Fronting;

/// <summary>A read and a write, as the gateway is asked for them and as it asks the service behind it, with what that service answers.</summary>
internal static class Calls
{
    public const string Key = "pp_live_bench.kbench.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    /// <summary>Another tenant's.</summary>
    public const string GreedyKey = "pp_live_greedy.kgreedy.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private const string Public = "pennypost.gateway.v1.PennypostService";

    private static readonly Prospect Somebody = new() { Profile = "ada-lovelace", FirstName = "Ada", Company = "Analytical Engines" };
    private static readonly Content Text = new() { Subject = "One question", Body = "You wrote about looms. May I ask you one question about your notes?" };

    public static Pool Pool { get; } = new()
    {
        PoolId = "pool-1",
        PlanId = "sales_navigator_core",
        Product = Product.SalesNavigator,
        Balance = new Balance { Available = 41, Held = 2, Spent = 7, Granted = 50 },
        Cap = 150,
        Lots = { new Lot { LotId = "1", Available = 41 } },
        Version = 12,
    };

    public static Message Message { get; } = new() { MessageId = "m-1", ProspectId = "p_aaaaaaaaaaaaaaaaaaaaaaaaaa", State = MessageState.Accepted, CampaignId = "spring", Priority = Priority.Normal };

    /// <summary>By gRPC, through the gateway.</summary>
    public static IReadOnlyDictionary<string, Requests> Fronted { get; } = new Dictionary<string, Requests>
    {
        ["a read"] = new Repeated(Public, "GetPool", new Gateway.V1.GetPoolRequest { PoolId = Pool.PoolId }.ToByteArray()),
        ["a write"] = new Repeated(Public, "SendMessage", new Gateway.V1.SendMessageRequest { Message = new() { MessageId = Message.MessageId, Prospect = Somebody, Content = Text, CampaignId = "spring" } }.ToByteArray()),
    };

    /// <summary>By gRPC, direct.</summary>
    public static IReadOnlyDictionary<string, Requests> Direct { get; } = new Dictionary<string, Requests>
    {
        ["a read"] = new Repeated("pennypost.credits.v1.CreditsService", "GetPool", new Credits.V1.GetPoolRequest { PoolId = Pool.PoolId }.ToByteArray()),
        ["a write"] = new Repeated("pennypost.dispatcher.v1.DispatcherService", "Accept", new Dispatcher.V1.AcceptRequest { Message = new() { MessageId = Message.MessageId, Prospect = Somebody, Content = Text, CampaignId = "spring" } }.ToByteArray()),
    };

    /// <summary>By JSON.</summary>
    public static IReadOnlyDictionary<string, JsonRequest> Json { get; } = new Dictionary<string, JsonRequest>
    {
        ["a read"] = new("GET", "/v1/pools/pool-1", ""),
        ["a write"] = new("POST", "/v1/messages", JsonFormatter.Default.Format(new Gateway.V1.MessageSpec { MessageId = Message.MessageId, Prospect = Somebody, Content = Text, CampaignId = "spring" })),
    };

    /// <summary>What the gateway answers, for those who echo it.</summary>
    public static Gateway.V1.GetPoolResponse ReadAnswer { get; } = new() { Pool = Pool };

    public static Gateway.V1.SendMessageResponse WriteAnswer { get; } = new() { Message = Message };
}
