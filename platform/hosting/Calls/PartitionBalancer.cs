using System.Globalization;
using Grpc.Net.Client.Balancer;
using Microsoft.Extensions.Logging;

namespace Pennypost.Hosting;

/// <summary>
/// Sends the calls of one partition to the same instance of a peer, by <see cref="Rendezvous"/> over those that are connected; calls without a
/// partition go round. A preference that saves conflicts and caches, nothing more: a partition's fence keeps it right wherever its calls go.
/// </summary>
internal sealed class PartitionBalancer(IChannelControlHelper controller, ILoggerFactory logs) : SubchannelsLoadBalancer(controller, logs)
{
    /// <summary>In the channel's service config.</summary>
    public const string Name = "pennypost_partition";

    protected override SubchannelPicker CreatePicker(IReadOnlyList<Subchannel> readySubchannels) => new Picker(readySubchannels);

    private sealed class Picker : SubchannelPicker
    {
        private readonly Subchannel[] instances;
        private readonly ulong[] keys;
        private uint turn;

        public Picker(IReadOnlyList<Subchannel> ready)
        {
            instances = [.. ready];
            keys = [.. ready.Select(subchannel => Rendezvous.Key(Address(subchannel)))];
        }

        public override PickResult Pick(PickContext context)
        {
            if (instances.Length == 1) return PickResult.ForSubchannel(instances[0]);
            if (context.Request is { } request && request.Headers.NonValidated.TryGetValues(OnBehalf.PartitionHeader, out var partitions) && partitions.Count == 1)
                return PickResult.ForSubchannel(instances[Rendezvous.Choose(Rendezvous.Key(partitions.ToString()), keys)]);
            return PickResult.ForSubchannel(instances[Interlocked.Increment(ref turn) % (uint)instances.Length]);
        }

        // By address, not by place in the list: callers may list the same instances in another order.
        private static string Address(Subchannel subchannel)
        {
            var endPoint = (subchannel.CurrentAddress ?? subchannel.GetAddresses()[0]).EndPoint;
            return string.Create(CultureInfo.InvariantCulture, $"{endPoint.Host}:{endPoint.Port}");
        }
    }

    /// <summary>Makes them.</summary>
    internal sealed class Factory : LoadBalancerFactory
    {
        public override string Name => PartitionBalancer.Name;

        public override LoadBalancer Create(LoadBalancerOptions options) => new PartitionBalancer(options.Controller, options.LoggerFactory);
    }
}
