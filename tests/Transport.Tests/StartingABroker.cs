using System.Net;
using System.Net.Sockets;

namespace Transport.Tests;

/// <summary>The tests' own broker: a whole run once failed because another server took one of its ports before it listened there.</summary>
public sealed class StartingABroker
{
    [Fact]
    public void A_port_that_was_given_once_is_not_given_again()
    {
        var given = Enumerable.Range(0, 100).SelectMany(_ => Ports.Free(10)).ToList();

        Assert.Equal(given.Count, given.Distinct().Count());
    }

    [Fact]
    public async Task It_starts_on_other_ports_when_that_for_its_other_nodes_was_taken_meanwhile()
    {
        var taken = new List<TcpListener>();
        try
        {
            await using var broker = await RabbitServer.StartOnAsync(count =>
            {
                var ports = Ports.Free(count);
                if (taken.Count == 0)
                {
                    taken.Add(new(IPAddress.Loopback, ports[1]));
                    taken[0].Start();
                }

                return ports;
            });

            Assert.Single(taken);
            Assert.NotEqual(0, new Uri($"amqp://{broker.Hosts[0]}").Port);
        }
        finally
        {
            taken.ForEach(listener => listener.Stop());
        }
    }
}
