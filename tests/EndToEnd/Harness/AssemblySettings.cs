using Xunit.Sdk;
using Xunit.v3;

// One cluster at a time: several on a small machine would only measure each other's fsyncs.
[assembly: Parallelization(Mode = ParallelMode.None)]
