namespace ShardConsole.ControlPlane.Patterns;

/// <summary>
/// Communities of a weighted graph by modularity (Blondel and others: Fast unfolding of communities in large networks, 2008). Nodes are looked at in the order of their
/// numbers and ties go to the lower community, so the same graph gives the same communities.
/// </summary>
internal static class Louvain
{
    private const int MaxLevels = 16;
    private const int MaxRounds = 32;

    /// <summary>A gain below this share of the whole weight is none.</summary>
    private const double LeastGain = 1e-12;

    /// <summary>The community of each node; numbers are those of a member.</summary>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="links">Each pair once; weights above 0.</param>
    public static int[] Communities(int nodes, IReadOnlyList<(int One, int Other, double Weight)> links)
    {
        var community = Enumerable.Range(0, nodes).ToArray();
        var graph = Graph(nodes, links);
        for (var level = 0; level < MaxLevels; level++)
        {
            var (moved, found) = Move(graph);
            if (!moved)
            {
                break;
            }

            for (var i = 0; i < nodes; i++)
            {
                community[i] = found[community[i]];
            }

            graph = Fold(graph, found);
        }

        return community;
    }

    // One sorted dictionary of neighbours per node; the entry of a node itself is twice its inner weight.
    private static SortedDictionary<int, double>[] Graph(int nodes, IReadOnlyList<(int One, int Other, double Weight)> links)
    {
        var graph = new SortedDictionary<int, double>[nodes];
        for (var i = 0; i < nodes; i++)
        {
            graph[i] = [];
        }

        foreach (var (one, other, weight) in links)
        {
            Add(graph[one], other, weight);
            Add(graph[other], one, weight);
        }

        return graph;
    }

    private static (bool Moved, int[] Found) Move(SortedDictionary<int, double>[] graph)
    {
        var community = Enumerable.Range(0, graph.Length).ToArray();
        var degree = graph.Select(n => n.Values.Sum()).ToArray();
        var sums = (double[])degree.Clone();
        var whole = degree.Sum();
        var moved = false;
        for (var (round, changed) = (0, whole > 0); changed && round < MaxRounds; round++)
        {
            changed = false;
            for (var node = 0; node < graph.Length; node++)
            {
                var towards = new SortedDictionary<int, double>();
                foreach (var (neighbour, weight) in graph[node])
                {
                    if (neighbour != node)
                    {
                        Add(towards, community[neighbour], weight);
                    }
                }

                var own = community[node];
                sums[own] -= degree[node];
                var best = own;
                var most = towards.GetValueOrDefault(own) - (sums[own] * degree[node] / whole) + (LeastGain * whole);
                foreach (var (candidate, weight) in towards)
                {
                    var gain = weight - (sums[candidate] * degree[node] / whole);
                    if (gain > most)
                    {
                        (best, most) = (candidate, gain);
                    }
                }

                sums[best] += degree[node];
                if (best != own)
                {
                    (community[node], changed, moved) = (best, true, true);
                }
            }
        }

        return (moved, community);
    }

    // The communities become the nodes, under the number of the community; the others are left without links.
    private static SortedDictionary<int, double>[] Fold(SortedDictionary<int, double>[] graph, int[] community)
    {
        var folded = Graph(graph.Length, []);
        for (var node = 0; node < graph.Length; node++)
        {
            foreach (var (neighbour, weight) in graph[node])
            {
                Add(folded[community[node]], community[neighbour], weight);
            }
        }

        return folded;
    }

    private static void Add(SortedDictionary<int, double> weights, int to, double weight) => weights[to] = weights.GetValueOrDefault(to) + weight;
}
