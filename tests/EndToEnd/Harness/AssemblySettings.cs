// One cluster at a time: several on a small machine would only measure each other's fsyncs.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
