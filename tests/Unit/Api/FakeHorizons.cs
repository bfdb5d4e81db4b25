using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;

namespace ShardConsole.Unit.Api;

/// <summary>Two horizons of the fleet; segment 7 has seen nine days and refused three values.</summary>
internal sealed class FakeHorizons : IHorizonQueries
{
    public Task<HorizonReport?> HorizonsAsync(int? segment, CancellationToken cancellation)
    {
        var weights = new Dictionary<string, double> { ["Theta"] = 0.6, ["last value"] = 0.4 };
        var skills = new Dictionary<string, double> { ["Theta"] = 0.3, ["last value"] = -2 };
        HorizonQuality At(int minutes, double skill) => new(minutes, 1 - skill, 1, skill, weights, skills, [0.51, 0.79, 0.91]);
        var report = new HorizonReport(segment, 9.5, 28, segment == 7 ? 3 : 0, 0, [At(5, 0.42), At(1350, 0.17)]);
        return Task.FromResult(segment > 1023 ? null : report);
    }
}
