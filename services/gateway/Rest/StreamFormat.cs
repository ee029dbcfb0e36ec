using Google.Protobuf;
using Google.Protobuf.Reflection;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Rest;

/// <summary>How the items of a stream are written over HTTP.</summary>
internal abstract class StreamFormat
{
    private StreamFormat() { }

    /// <summary>What the caller accepts; without a wish, server-sent events.</summary>
    public static StreamFormat Of(string accept, MessageDescriptor item, JsonFormatter json)
    {
        if (accept.Contains(Lines.Type, StringComparison.OrdinalIgnoreCase)) return new Lines(json);
        return accept.Contains(Table.Type, StringComparison.OrdinalIgnoreCase) && TableColumns.Of(item) is { } columns ? new Table(columns) : new Events(json);
    }

    public abstract string ContentType { get; }

    /// <summary>What an idle stream says, so that nobody on the way closes it; null if nothing may be said.</summary>
    public virtual string? Heartbeat => null;

    /// <summary>Before the first item.</summary>
    public virtual string Start => "";

    public abstract string Item(IMessage item);

    /// <summary>After the last item.</summary>
    public virtual string End => "";

    /// <summary>In place of the end; null if a reader would take it for an item. Then the answer breaks off.</summary>
    public abstract string? Fault(RpcFault fault);

    /// <summary><c>text/event-stream</c>: an item's resume token is the event's id.</summary>
    private sealed class Events(JsonFormatter json) : StreamFormat
    {
        public override string ContentType => "text/event-stream";

        public override string? Heartbeat => ": still here\n\n";

        public override string Item(IMessage item)
        {
            var token = item.Descriptor.FindFieldByName("resume_token")?.Accessor.GetValue(item) as string;
            return $"{(string.IsNullOrEmpty(token) ? "" : $"id: {token}\n")}data: {json.Format(item)}\n\n";
        }

        public override string End => "event: end\ndata: {}\n\n";

        public override string Fault(RpcFault fault) => $"event: error\ndata: {HttpFault.Body(fault)}\n\n";
    }

    /// <summary>One JSON object a line.</summary>
    private sealed class Lines(JsonFormatter json) : StreamFormat
    {
        public const string Type = RequestLines.Type;

        public override string ContentType => Type;

        public override string Item(IMessage item) => json.Format(item) + "\n";

        public override string Fault(RpcFault fault) => HttpFault.Body(fault) + "\n";
    }

    /// <summary>A table with a header line (RFC 4180).</summary>
    private sealed class Table(TableColumns columns) : StreamFormat
    {
        public const string Type = "text/csv";

        public override string ContentType => "text/csv; charset=utf-8; header=present";

        public override string Start => columns.Header;

        public override string Item(IMessage item) => columns.Row(item);

        public override string? Fault(RpcFault fault) => null;
    }
}
