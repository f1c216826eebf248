package io.podlb.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A socket as a channel of Netty. After the peer's FIN Netty's native channels read on without being asked. */
final class ChannelSocket extends ChannelInboundHandlerAdapter implements RelaySocket {

    private final SocketChannel channel;
    private final EventLoop eventLoop;
    private final ChannelFutureListener written = this::written; // one object for all writes
    private boolean keptAlive;
    private @Nullable Events events; // from attach until close

    ChannelSocket(SocketChannel channel, EventLoop eventLoop, boolean keptAlive) {
        this.channel = channel;
        this.eventLoop = eventLoop;
        this.keptAlive = keptAlive;
    }

    @Override
    public void attach(Events attached) {
        events = attached;
        channel.pipeline().addLast(this);
    }

    @Override
    public void connect(InetSocketAddress address, @Nullable InetAddress source, Consumer<@Nullable Throwable> done) {
        eventLoop.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                connectFrom(source, address, done);
            } else {
                tell(done, registered.cause());
            }
        });
    }

    private void connectFrom(
            @Nullable InetAddress source, InetSocketAddress address, Consumer<@Nullable Throwable> done) {
        try {
            if (source != null) {
                bind(source);
            }
        } catch (SourceException e) {
            tell(done, e);
            return;
        }
        channel.connect(address).addListener(connected -> tell(done, connected.cause()));
    }

    private void bind(InetAddress source) throws SourceException {
        if (channel instanceof UnixChannel unix && unix.fd() instanceof Socket descriptor) {
            TransparentSource.bind(descriptor, source);
        } else {
            throw TransparentSource.unsupported();
        }
    }

    private void tell(Consumer<@Nullable Throwable> done, @Nullable Throwable cause) {
        if (events != null) {
            done.accept(cause);
        }
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return channel.remoteAddress();
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return channel.localAddress();
    }

    @Override
    public boolean isConnectedToItself() {
        return channel.localAddress() != null && channel.localAddress().equals(channel.remoteAddress());
    }

    @Override
    public void read() {
        channel.read();
    }

    @Override
    public void write(ByteBuf content) {
        channel.writeAndFlush(content).addListener(written);
    }

    private void written(ChannelFuture write) {
        if (events != null) {
            events.written(write.isSuccess());
        }
    }

    @Override
    public void shutOutput() throws IOException {
        if (channel instanceof UnixChannel unix && unix.fd() instanceof Socket descriptor) {
            // Netty's own way makes two exceptions with their stacks, for writes that might still be waiting.
            descriptor.shutdown(false, true);
            return;
        }
        ChannelFuture shut = channel.shutdownOutput(); // done when it returns
        if (!shut.isSuccess()) {
            throw new IOException("cannot shut the output", shut.cause());
        }
    }

    @Override
    public void keepAlive() {
        if (keptAlive) {
            return;
        }
        keptAlive = true;
        try {
            if (channel instanceof UnixChannel) {
                Keepalive.set(channel);
            } else {
                channel.config().setKeepAlive(true);
            }
        } catch (ChannelException gone) {
            // Closed or reset a moment ago; the relay will see it.
        }
    }

    @Override
    public void reset() {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException gone) {
            // The socket is closed or was reset by its peer: there is nobody to tell.
        }
    }

    @Override
    public void close() {
        events = null;
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf content = (ByteBuf) message;
        if (events == null) {
            content.release();
        } else {
            events.received(content);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (events != null) {
            events.readComplete();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (events == null) {
            return;
        }
        if (event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete) {
            events.inputEnded();
        } else if (event instanceof ChannelOutputShutdownEvent) {
            events.outputLost(); // a write failed
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (events == null) {
            return;
        }
        if (cause instanceof IOException) {
            events.inputLost();
        } else {
            events.failed(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (events != null) {
            events.outputLost();
        }
        if (events != null) {
            events.inputLost();
        }
    }
}
