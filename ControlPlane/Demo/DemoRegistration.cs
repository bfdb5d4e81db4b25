namespace ShardConsole.ControlPlane.Demo;

/// <summary>Adds the demonstration where one is asked for.</summary>
internal static class DemoRegistration
{
    /// <summary>Adds generated history and load, with --demo only.</summary>
    public static IServiceCollection AddDemo(this IServiceCollection services, ControlPlaneOptions control, DemoOptions options) =>
        control.Demo ? services.AddSingleton(options).AddHostedService<DemoDriver>() : services;
}
