namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// How many segments may be closed at once. Each closed segment takes part in the same commits on the same nodes: with many the clients of all of them wait for the last, and
/// those of other segments with them. So M's leader begins with one and lets more be under way while they are short: additive increase, multiplicative decrease
/// (Chiu and Jain, 1989), by what the last took and by whether clients wait. At least one is always allowed.
/// </summary>
/// <param name="most">Most at once.</param>
/// <param name="aimMicros">A cut-over that takes longer, from its permission until the new owner serves, is too long.</param>
internal sealed class CutOverPace(int most, long aimMicros)
{
    private double window = 1;
    private int spared;

    /// <summary>Segments that may be closed at once, 1 or more.</summary>
    public int AtOnce => (int)window;

    /// <summary>A cut-over ended: all that were under way with it were as long for the same reason, so that a round counts once.</summary>
    /// <param name="micros">From its permission until the new owner served.</param>
    public void OnServed(long micros)
    {
        if (micros <= aimMicros)
        {
            window = Math.Min(Math.Max(1, most), window + (1 / Math.Floor(window)));
        }
        else if (spared > 0)
        {
            spared--;
        }
        else
        {
            Halve();
        }
    }

    /// <summary>Once a second: the clients of a node that takes part wait longer than the guard allows.</summary>
    public void OnClientsWait() => Halve();

    private void Halve()
    {
        spared = AtOnce - 1;
        window = Math.Max(1, window / 2);
    }
}
