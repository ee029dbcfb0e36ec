namespace Pennypost.Router;

/// <summary>What the router tells: counts. Who was judged is in the answer, and the caller logs what became of it.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Judged {Candidates} candidates of {Senders} senders: {Outcome}.")]
    public static partial void Decided(this ILogger logger, int candidates, int senders, string outcome);

    [LoggerMessage(2, LogLevel.Debug, "A stream ended after {Items} decisions.")]
    public static partial void StreamEnded(this ILogger logger, long items);

    [LoggerMessage(3, LogLevel.Debug, "Planned {Prospects} prospects for {Senders} senders.")]
    public static partial void Planned(this ILogger logger, int prospects, int senders);
}
