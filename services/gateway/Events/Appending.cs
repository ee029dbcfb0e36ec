using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Pennypost.Gateway.Stored;
using Pennypost.Store;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Events;

/// <summary>
/// Each event once into the timeline. Events of one source (a message, the journal of a pool or an account) come in order and at least once, so that the last sequence number of each source tells what was told
/// before. Pure.
/// </summary>
internal static class Appending
{
    private const int MaxKeyLength = 190;
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:/@=+-");

    /// <summary>What appending some events comes to.</summary>
    /// <param name="Fresh">Those that are new, in order.</param>
    /// <param name="Streams">How far each of their sources is then, by record key.</param>
    /// <param name="Repeated">Events that were there already.</param>
    /// <param name="Missed">Events of messages that were never heard of: their numbers have no gaps.</param>
    internal sealed record Appended(IReadOnlyList<Event> Fresh, IReadOnlyDictionary<string, long> Streams, int Repeated, long Missed);

    /// <summary>Decides what is new.</summary>
    /// <param name="events">As they were told, of one tenant.</param>
    /// <param name="known">The last sequence of a source, by its record key; null if it is unknown.</param>
    public static Appended Append(IReadOnlyList<Event> events, Func<string, long?> known)
    {
        var (fresh, streams, repeated, missed) = (new List<Event>(events.Count), new Dictionary<string, long>(StringComparer.Ordinal), 0, 0L);
        foreach (var happened in events)
        {
            var key = StreamKey(happened.EventId);
            var last = streams.TryGetValue(key, out var here) ? here : known(key);
            if (happened.Sequence <= last)
            {
                repeated++;
                continue;
            }

            // Of a source that is not known any more nobody can tell.
            if (last is { } before && happened.DataCase == Event.DataOneofCase.Message) missed += happened.Sequence - before - 1;
            streams[key] = happened.Sequence;
            fresh.Add(happened);
        }

        return new Appended(fresh, streams, repeated, missed);
    }

    /// <summary>The record of an event's source: its id without the number at its end.</summary>
    public static string StreamKey(string eventId)
    {
        var source = eventId.AsSpan(0, Math.Max(0, eventId.AsSpan().LastIndexOfAny('.', ':')));
        return source.Length is > 0 and <= MaxKeyLength && !source.ContainsAnyExcept(KeyCharacters)
            ? $"s/{source}"
            : $"s/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source.ToString())))}";
    }

    /// <summary>The line of the journal. It wakes no relay: nobody is told of a timeline but by reading it.</summary>
    public static JournalEntry Line(Event happened) => new(happened.Type, happened.ToByteArray()) { IsNews = false };

    /// <summary>The event of a line; null for a line of another kind.</summary>
    public static Event? Read(JournaledEntry line)
    {
        if (!Families.Contains(Transport.EventTypes.FamilyOf(line.Type))) return null;
        var happened = Event.Parser.ParseFrom(line.Payload.Span);
        happened.RecordTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(line.Time);
        return happened;
    }

    private static readonly HashSet<string> Families = [.. Transport.EventTypes.Families.Keys];

    /// <summary>When the oldest events are to be looked at: when the first that is kept becomes too old, at most some fifty times in that while.</summary>
    public static DateTimeOffset TrimTime(DateTimeOffset oldest, DateTimeOffset now, TimeSpan keepFor)
    {
        var (due, soonest) = (oldest + keepFor, now + (keepFor / 50));
        return due > soonest ? due : soonest;
    }

    /// <summary>Whether more is kept than may be, by so much that it is worth a look.</summary>
    public static bool IsFull(StoredTimeline head, int most) => head.Appended - head.Trimmed > most + Math.Max(1, most / 50);
}
