using Pennypost.Store;

namespace Pennypost.Gateway.Events;

/// <summary>Which of the oldest lines go. Pure.</summary>
internal static class Trimming
{
    /// <summary>The beginning of the page that is too old or too many, up to the end of a commit: only whole commits can go.</summary>
    /// <param name="page">The oldest lines, in order.</param>
    /// <param name="before">Older than this is too old.</param>
    /// <param name="upTo">Up to this number are too many.</param>
    /// <param name="isEnd">Whether nothing comes after the page, so that its last commit is whole.</param>
    public static IReadOnlyList<JournaledEntry> Going(IReadOnlyList<JournaledEntry> page, DateTimeOffset before, long upTo, bool isEnd)
    {
        var going = 0;
        for (var next = 1; next <= page.Count; next++)
        {
            var last = page[next - 1];
            if (last.Time >= before && last.Number > upTo) break;
            var isWhole = next == page.Count ? isEnd : page[next].Sequence != last.Sequence;
            if (isWhole) going = next;
        }
        return [.. page.Take(going)];
    }
}
