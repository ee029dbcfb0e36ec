using System.Globalization;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.LinkedIn;

/// <summary>
/// The whole of the sandbox's LinkedIn, in memory: who there is, what was written, what is due. Not thread-safe: <see cref="Acts.Stage"/> lets one
/// act at a time touch it and stores what changed before anybody is answered.
/// </summary>
internal sealed class World
{
    private readonly Dictionary<string, string> byPublicIdentifier = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<ulong, string> byKey = [];
    private readonly Dictionary<string, List<string>> chatsByPair = [];
    private readonly Dictionary<string, List<string>> chatsByAccount = [];
    private readonly Dictionary<string, List<Message>> messagesByChat = [];
    private readonly Dictionary<string, List<Message>> messagesByAccount = [];
    private readonly Dictionary<string, List<string>> invitationsByPair = [];
    private readonly Dictionary<string, List<string>> invitationsByAccount = [];
    private readonly Dictionary<string, List<string>> daysByAccount = [];
    private readonly SortedSet<(DateTimeOffset At, string Id)> schedule = [];

    public World(string seed)
    {
        Seed = seed;
        Accounts = new("account", a => a.Id);
        Prospects = new("prospect", p => p.Id, IndexProspect);
        Chats = new("chat", c => c.Id, IndexChat);
        Messages = new("message", m => m.Id, IndexMessage);
        Invitations = new("invitation", i => i.Id, IndexInvitation);
        Relations = new("relation", r => Pair(r.AccountId, r.MemberId));
        Deliveries = new("delivery", d => Number(d.Sequence), (old, row) =>
        {
            if (old is null && row is not null)
                DeliveryLog.Add(row);
        });
        Engagements = new("engagement", e => Number(e.Sequence), (old, row) =>
        {
            if (old is null && row is not null)
                EngagementLog.Add(row);
        });
        Credits = new("credit", c => Number(c.Sequence));
        Days = new("day", d => DayKey(d.AccountId, d.Day), IndexDay);
        Calls = new("call", c => Pair(c.Endpoint, c.AccountId));
        Dues = new("due", d => d.Id, IndexDue);
        Hooks = new("hook", h => h.Id);
        Posts = new("post", p => p.Id, IndexPost);
        Faults = new("fault", f => f.Id);
        Counters = new("counter", c => c.Name);
        Clock = new("clock", _ => "clock");
        Tables = [Accounts, Prospects, Chats, Messages, Invitations, Relations, Deliveries, Engagements, Credits, Days, Calls, Dues, Hooks, Posts, Faults, Counters, Clock];
    }

    public string Seed { get; }

    /// <summary>The sandbox's time as of the act that is going on.</summary>
    public DateTimeOffset Now { get; set; }

    public Table<Account> Accounts { get; }

    public Table<Prospect> Prospects { get; }

    public Table<Chat> Chats { get; }

    public Table<Message> Messages { get; }

    public Table<Invitation> Invitations { get; }

    public Table<Relation> Relations { get; }

    public Table<Delivery> Deliveries { get; }

    public Table<Engagement> Engagements { get; }

    public Table<CreditEntry> Credits { get; }

    public Table<DayOfUse> Days { get; }

    public Table<CallCount> Calls { get; }

    public Table<Due> Dues { get; }

    public Table<Hook> Hooks { get; }

    public Table<HookPost> Posts { get; }

    public Table<Fault> Faults { get; }

    public Table<Counter> Counters { get; }

    public Table<ClockSetting> Clock { get; }

    public IReadOnlyList<ITable> Tables { get; }

    /// <summary>Deliveries in the order in which they happened.</summary>
    public List<Delivery> DeliveryLog { get; } = [];

    /// <summary>Engagements in the order in which they happened.</summary>
    public List<Engagement> EngagementLog { get; } = [];

    /// <summary>Posts that wait for their first or next try, the soonest first.</summary>
    public SortedSet<(DateTimeOffset NotBefore, long Sequence, string Id)> PendingPosts { get; } = [];

    /// <summary>How many posts are held back by faults.</summary>
    public int HeldPosts { get; private set; }

    /// <summary>By hook, the post that waits to be overtaken: one at most.</summary>
    public Dictionary<string, string> GivingWay { get; } = [];

    /// <summary>Posts that are done with, the oldest first.</summary>
    public SortedSet<(long Sequence, string Id)> FinishedPosts { get; } = [];

    /// <summary>The number of the last post that was ever queued.</summary>
    public long LastPost { get; private set; }

    public (DateTimeOffset At, string Id)? NextDue => schedule.Count == 0 ? null : schedule.Min;

    public static string Pair(string one, string other) => one + "|" + other;

    public Prospect? ByPublicIdentifier(string identifier) =>
        byPublicIdentifier.TryGetValue(identifier, out var id) ? Prospects.Find(id) : null;

    public Prospect? ByKey(ulong key) => byKey.TryGetValue(key, out var id) ? Prospects.Find(id) : null;

    public IEnumerable<Chat> ChatsBetween(string accountId, string memberId) => At(chatsByPair, Pair(accountId, memberId)).Select(id => Chats.Find(id)!);

    public IEnumerable<Chat> ChatsOf(string accountId) => At(chatsByAccount, accountId).Select(id => Chats.Find(id)!);

    public IReadOnlyList<Message> MessagesIn(string chatId) => messagesByChat.GetValueOrDefault(chatId) ?? [];

    public IReadOnlyList<Message> MessagesOf(string accountId) => messagesByAccount.GetValueOrDefault(accountId) ?? [];

    public IEnumerable<Invitation> InvitationsBetween(string accountId, string memberId) =>
        At(invitationsByPair, Pair(accountId, memberId)).Select(id => Invitations.Find(id)!);

    public IEnumerable<Invitation> InvitationsOf(string accountId) => At(invitationsByAccount, accountId).Select(id => Invitations.Find(id)!);

    public IEnumerable<DayOfUse> DaysOf(string accountId) => At(daysByAccount, accountId).Select(id => Days.Find(id)!);

    /// <summary>The number of the next fault. None is given twice, or a fault that is ordered again would draw its chances again.</summary>
    public long TakeFaultNumber()
    {
        const string Name = "fault";
        var last = Math.Max(Counters.Find(Name)?.Last ?? 0, Faults.All.Select(f => f.Sequence).DefaultIfEmpty().Max());
        Counters.Put(new(Name, last + 1));
        return last + 1;
    }

    public DayOfUse Today(string accountId)
    {
        var day = DateOnly.FromDateTime(Now.UtcDateTime);
        return Days.Find(DayKey(accountId, day)) ?? new() { AccountId = accountId, Day = day };
    }

    public Degree DegreeBetween(Account account, Prospect prospect)
    {
        if (Relations.Find(Pair(account.Id, prospect.Id)) is not null)
            return Degree.First;
        return prospect.Degrees.TryGetValue(account.Id, out var degree)
            ? degree
            : prospect.Degree ?? Generator.DegreeOf(Seed, prospect.Id, account.Id);
    }

    public Standing StandingOf(Account account, Prospect prospect) => new()
    {
        Account = account,
        Prospect = prospect,
        Degree = DegreeBetween(account, prospect),
        HasUnansweredInmail = ChatsBetween(account.Id, prospect.Id).Any(c => c.Inmail is { SettledAt: null }),
        LastInvitation = InvitationsBetween(account.Id, prospect.Id).LastOrDefault(),
        Use = Use.Of(DaysOf(account.Id), Now),
        Now = Now,
    };

    public string ScopedIdOf(string accountId, Prospect prospect, Product product = Product.Premium) =>
        ScopedId.Of(Seed, accountId, product, ScopedId.KeyOf(Seed, prospect.Id));

    /// <summary>The account owner's own id, as the provider shows it to the account.</summary>
    public string OwnIdOf(Account account) => ScopedId.Of(Seed, account.Id, Product.Premium, ScopedId.KeyOf(Seed, account.MemberId));

    private static List<string> At(Dictionary<string, List<string>> index, string key) => index.GetValueOrDefault(key) ?? [];

    private static void Add<T>(Dictionary<string, List<T>> index, string key, T value)
    {
        if (!index.TryGetValue(key, out var list))
            index[key] = list = [];
        list.Add(value);
    }

    private static string Number(long sequence) => sequence.ToString("D12", CultureInfo.InvariantCulture);

    private static string DayKey(string accountId, DateOnly day) => Pair(accountId, day.ToString("O", CultureInfo.InvariantCulture));

    private void IndexProspect(Prospect? old, Prospect? row)
    {
        if (old is not null)
            byPublicIdentifier.Remove(old.PublicIdentifier);
        if (row is null)
            return;
        byPublicIdentifier[row.PublicIdentifier] = row.Id;
        byKey[ScopedId.KeyOf(Seed, row.Id)] = row.Id;
    }

    private void IndexChat(Chat? old, Chat? row)
    {
        if (old is not null || row is null)
            return;
        Add(chatsByPair, Pair(row.AccountId, row.MemberId), row.Id);
        Add(chatsByAccount, row.AccountId, row.Id);
    }

    private void IndexMessage(Message? old, Message? row)
    {
        if (old is not null || row is null)
            return;
        Add(messagesByChat, row.ChatId, row);
        Add(messagesByAccount, row.AccountId, row);
    }

    private void IndexInvitation(Invitation? old, Invitation? row)
    {
        if (old is not null || row is null)
            return;
        Add(invitationsByPair, Pair(row.AccountId, row.MemberId), row.Id);
        Add(invitationsByAccount, row.AccountId, row.Id);
    }

    private void IndexDay(DayOfUse? old, DayOfUse? row)
    {
        if (old is null && row is not null)
            Add(daysByAccount, row.AccountId, DayKey(row.AccountId, row.Day));
    }

    private void IndexPost(HookPost? old, HookPost? row)
    {
        if (old is not null)
        {
            HeldPosts -= old.State == PostState.Held ? 1 : 0;
            if (old is { State: PostState.Held, GivesWay: true })
                GivingWay.Remove(old.HookId);
            PendingPosts.Remove((old.NotBefore, old.Sequence, old.Id));
            FinishedPosts.Remove((old.Sequence, old.Id));
        }

        if (row is null)
            return;
        LastPost = Math.Max(LastPost, row.Sequence);
        switch (row.State)
        {
            case PostState.Pending:
                PendingPosts.Add((row.NotBefore, row.Sequence, row.Id));
                break;
            case PostState.Held:
                HeldPosts++;
                if (row.GivesWay)
                    GivingWay[row.HookId] = row.Id;
                break;
            default:
                FinishedPosts.Add((row.Sequence, row.Id));
                break;
        }
    }

    private void IndexDue(Due? old, Due? row)
    {
        if (old is not null)
            schedule.Remove((old.At, old.Id));
        if (row is not null)
            schedule.Add((row.At, row.Id));
    }
}

/// <summary>How far the sandbox's time is ahead of real time, the latest time that was ever shown, and the seed that this world was made from.</summary>
internal sealed record ClockSetting(TimeSpan Offset, DateTimeOffset Latest, string Seed);

/// <summary>A number that only grows, whatever became of what it was given to.</summary>
internal sealed record Counter(string Name, long Last);
