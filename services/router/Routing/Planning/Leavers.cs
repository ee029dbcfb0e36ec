namespace Pennypost.Routing.Planning;

/// <summary>
/// The prospects of one slot by what it would cost to give them another one, cheapest first. Those who have left are dropped when they
/// come to the top; who comes back stands here twice, which changes nothing.
/// </summary>
internal sealed class Leavers
{
    private readonly PriorityQueue<int, long> byLoss = new();

    public void Add(int prospect, long loss) => byLoss.Enqueue(prospect, loss);

    /// <summary>The cheapest of those who are still in the slot.</summary>
    public bool TryPeek(int[] slotOf, int slot, out int prospect, out long loss)
    {
        while (byLoss.TryPeek(out prospect, out loss))
        {
            if (slotOf[prospect] == slot)
                return true;
            byLoss.Dequeue();
        }

        return false;
    }
}
