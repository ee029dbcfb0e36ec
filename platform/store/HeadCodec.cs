using Google.Protobuf;

namespace Pennypost.Store;

/// <summary>How a head becomes bytes and comes back. Make one per type and keep it. Heads are immutable: one is shared by every command that looks at it.</summary>
/// <param name="read">Bytes that were written by this or an earlier version.</param>
/// <param name="write">Called once per commit, however many commands it holds.</param>
public sealed class HeadCodec<THead>(Func<ReadOnlyMemory<byte>, THead> read, Func<THead, byte[]> write) : IHeadWriter
    where THead : class
{
    internal THead Read(ReadOnlyMemory<byte> bytes) => read(bytes);

    internal byte[] Write(THead head) => write(head);

    byte[] IHeadWriter.Write(object head) => write((THead)head);
}

/// <summary>A codec for whoever does not know the head's type.</summary>
internal interface IHeadWriter
{
    byte[] Write(object head);
}

/// <summary>Codecs for heads that are protobuf messages, or are mapped onto one.</summary>
public static class HeadCodec
{
    /// <summary>A head that is a message itself. Do not change it in place: clone it.</summary>
    public static HeadCodec<TMessage> Message<TMessage>(MessageParser<TMessage> parser)
        where TMessage : class, IMessage<TMessage> =>
        new(bytes => parser.ParseFrom(bytes.Span), message => message.ToByteArray());

    /// <summary>A head of the domain that is stored as a message.</summary>
    public static HeadCodec<THead> Mapped<THead, TMessage>(MessageParser<TMessage> parser, Func<TMessage, THead> fromStored, Func<THead, TMessage> toStored)
        where THead : class
        where TMessage : class, IMessage<TMessage> =>
        new(bytes => fromStored(parser.ParseFrom(bytes.Span)), head => toStored(head).ToByteArray());
}
