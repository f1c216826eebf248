package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.VoidChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One of the two sockets of a session: what it reads is written to the other one.
 *
 * <p>A side is read on demand, while the other one can take more. The end of its stream is passed on once everything
 * before it was flushed. Both native transports read on by themselves after the peer's FIN, so bytes and the end of the
 * stream can come unasked, even before the backend is connected: they are kept until the sides are joined.
 *
 * <p>When a write to a side fails, what its peer sent before is still read and delivered; only then both are reset, as
 * a kernel on the path would let it look.
 *
 * <p>Ownership: every buffer read is written to the other side, kept until the join, or released here. Thread rule: the
 * event loop of the session.
 */
final class Side extends ChannelInboundHandlerAdapter {

    /** State of one direction of a socket. */
    private enum Stream {
        OPEN,
        /** Complete on our part; the flush and the FIN are on their way. Outputs only. */
        ENDING,
        /** Complete: the FIN was seen or sent. */
        ENDED,
        /** Cut off: reset, failed, vanished. */
        LOST
    }

    private final Session session;
    private final SocketChannel channel;
    private final ChannelPromise unobserved; // a failed write shows as a shut output or a closed channel
    private @Nullable Side other; // set by join
    private @Nullable Deque<ByteBuf> early; // what came before the join
    private Stream input = Stream.OPEN;
    private Stream output = Stream.OPEN;
    private long bytesRead;

    Side(Session session, SocketChannel channel) {
        this.session = session;
        this.channel = channel;
        this.unobserved = new VoidChannelPromise(channel, false);
    }

    SocketChannel channel() {
        return channel;
    }

    /** Bytes taken from this side and written towards the other. */
    long bytesRead() {
        return bytesRead;
    }

    /** Whether the stream from this side came to its regular end. */
    boolean inputEnded() {
        return input == Stream.ENDED;
    }

    /** Whether the streams from and to this side came to their regular ends. */
    boolean finished() {
        return input == Stream.ENDED && output == Stream.ENDED;
    }

    /** Starts both streams, with what came early first. */
    static void join(Side client, Side backend) {
        client.other = backend;
        backend.other = client;
        client.begin(backend);
        backend.begin(client);
    }

    private void begin(Side peer) {
        if (early != null) {
            for (ByteBuf buffer : early) {
                forward(buffer, peer);
            }
            early = null;
            peer.channel.flush();
        }
        if (input == Stream.ENDED) {
            peer.endOutput();
        } else {
            readIfWanted();
        }
    }

    /** Releases what came early and was never passed on. */
    void discardEarly() {
        if (early != null) {
            early.forEach(ByteBuf::release);
            early = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        if (session.hasEnded()) {
            buffer.release();
        } else if (other == null) {
            if (early == null) {
                early = new ArrayDeque<>(2);
            }
            early.addLast(buffer);
        } else {
            forward(buffer, other);
        }
    }

    /** Netty releases the buffer, also if the peer is beyond writing; the session then ends as a reset. */
    private void forward(ByteBuf buffer, Side peer) {
        int size = buffer.readableBytes();
        bytesRead += size;
        session.relayed(this, size);
        peer.channel.write(buffer, peer.unobserved);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (other != null && !session.hasEnded()) {
            other.channel.flush();
            readIfWanted();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (other != null && channel.isWritable()) {
            other.readIfWanted();
        }
    }

    private void readIfWanted() {
        Side peer = other;
        if (peer != null && input == Stream.OPEN && peer.takesMore() && !session.hasEnded()) {
            channel.read();
        }
    }

    private boolean takesMore() {
        return output == Stream.OPEN && channel.isWritable();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete) {
            if (input == Stream.OPEN && !session.hasEnded()) {
                endInput();
            }
        } else if (event instanceof ChannelOutputShutdownEvent && output == Stream.OPEN && !session.hasEnded()) {
            loseOutput(); // nobody asked for it: a write failed
        }
    }

    private void endInput() {
        input = Stream.ENDED;
        session.inputEnded(this);
        if (output == Stream.LOST) {
            giveUp();
        } else if (other != null) {
            other.endOutput();
        }
    }

    /** The stream to this side is complete: shuts the output once all of it was flushed. */
    private void endOutput() {
        if (output != Stream.OPEN) {
            return;
        }
        output = Stream.ENDING;
        // Shutting the output fails writes that are still pending, so the end waits in line behind them.
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
            if (flushed.isSuccess()) {
                channel.shutdownOutput().addListener(shut -> outputShut(shut.isSuccess()));
            } else {
                outputShut(false);
            }
        });
    }

    private void outputShut(boolean success) {
        if (session.hasEnded()) {
            return;
        }
        if (success) {
            output = Stream.ENDED;
            session.outputEnded();
        } else {
            loseOutput();
        }
    }

    /** Bytes for this side were lost. Its own stream may still have an end, which the other side should see. */
    private void loseOutput() {
        output = Stream.LOST;
        if (input == Stream.OPEN && other != null) {
            readIfWanted();
        } else {
            giveUp();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (session.hasEnded()) {
            return;
        }
        if (cause instanceof IOException) {
            loseInput();
        } else {
            session.failed(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!session.hasEnded()) {
            output = Stream.LOST;
            loseInput();
        }
    }

    private void loseInput() {
        if (input != Stream.LOST) {
            input = Stream.LOST;
            giveUp();
        }
    }

    /** Nothing more will come from this side: ends the session as its reset, once the other side has what came before. */
    private void giveUp() {
        Side peer = other;
        if (peer == null) {
            session.lost(this);
        } else {
            peer.channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> session.lost(this));
        }
    }
}
