namespace Pennypost.Standins.Tests;

internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Waits until the condition holds, and fails if it does not within the limit.</summary>
    public static async Task Holds(Func<bool> condition, string what)
    {
        var end = DateTime.UtcNow + Limit;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, $"not within {Limit.TotalSeconds:0} s: {what}");
            await Task.Delay(10);
        }
    }

    /// <summary>The task's result within the limit.</summary>
    public static Task<T> Ends<T>(Task<T> task) => task.WaitAsync(Limit);

    /// <summary>The task's end within the limit.</summary>
    public static Task Ends(Task task) => task.WaitAsync(Limit);
}
