package io.podlb.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A socket on a ring. At most one receive and one send are under way; the kernel itself waits for either. A send goes on
 * until the whole buffer was taken, or can never be.
 *
 * <p>A reset is found by reading or writing. While neither is asked for, no poll could tell of it: the kernel ends each
 * poll of a socket whose peer has sent FIN, whatever it waits for.
 */
final class RingSocket implements RelaySocket, Ring.Owner {

    private static final int POLL_FIRST = 1; // with RECV
    private static final int WHOLE_WITHOUT_SIGNAL = 0x100 | 0x4000; // MSG_WAITALL, MSG_NOSIGNAL
    private static final int EINTR = -4; // numbers of Linux
    private static final int EAGAIN = -11;
    private static final int ENOBUFS = -105;

    private final Ring ring;
    private final Socket socket;
    private final int slot;
    private boolean keptAlive;
    private int connectedPort;
    private @Nullable Events events;
    private @Nullable Consumer<@Nullable Throwable> connecting;
    private @Nullable ByteBuf inFlight;
    private boolean reading;
    private boolean fast; // the last buffer was filled
    private boolean moreToRead = true;
    private boolean inputDone;
    private boolean closed;

    RingSocket(Ring ring, Socket socket, boolean keptAlive) {
        this.ring = ring;
        this.socket = socket;
        this.keptAlive = keptAlive;
        this.slot = ring.slot(this);
    }

    @Override
    public void attach(Events attached) {
        events = attached;
    }

    @Override
    public void connect(InetSocketAddress address, @Nullable InetAddress source, Consumer<@Nullable Throwable> done) {
        connecting = done;
        connectedPort = address.getPort();
        try {
            socket.setTcpNoDelay(true);
            if (source != null) {
                TransparentSource.bind(socket, source);
            }
        } catch (IOException e) {
            connected(e);
            return;
        }
        RingAddresses addresses = ring.addresses();
        submit(Ring.CONNECT, 0, 0, RingAddresses.length(), addresses.write(address), 0, 0, 0);
    }

    private void connected(@Nullable Throwable failure) {
        Consumer<@Nullable Throwable> done = connecting;
        connecting = null;
        if (done != null && !closed) {
            done.accept(failure);
        }
    }

    private void submit(byte opcode, int flags, int ioprio, long off, long addr, int len, int opFlags, int group) {
        ring.submit(slot, opcode, flags, ioprio, socket.intValue(), off, addr, len, opFlags, group);
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return socket.remoteAddress();
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return socket.localAddress();
    }

    @Override
    public boolean isConnectedToItself() {
        InetSocketAddress local = socket.localAddress();
        return local != null && local.getPort() == connectedPort && local.equals(socket.remoteAddress());
    }

    @Override
    public void read() {
        if (reading || inputDone || closed) {
            return;
        }
        reading = true;
        int group = ring.buffers().group(fast).id();
        submit(Ring.RECV, Ring.SELECT_BUFFER, moreToRead ? 0 : POLL_FIRST, 0, 0, 0, 0, group);
    }

    @Override
    public void write(ByteBuf content) {
        inFlight = content;
        send(content);
    }

    private void send(ByteBuf content) {
        long address = RingBuffers.address(content, content.readerIndex());
        submit(Ring.SEND, 0, 0, 0, address, content.readableBytes(), WHOLE_WITHOUT_SIGNAL, 0);
    }

    @Override
    public void completed(byte opcode, int result, int flags) {
        switch (opcode) {
            case Ring.RECV -> received(result, flags);
            case Ring.SEND -> sent(result);
            case Ring.CONNECT -> connected(result < 0 ? Errors.newIOException("connect", result) : null);
            default -> {} // a cancel or a close: whatever it found, the socket is gone
        }
    }

    private void received(int result, int flags) {
        reading = false;
        RingBuffers.Group group = ring.buffers().group(fast);
        ByteBuf content = null;
        if ((flags & Ring.HAS_BUFFER) != 0) {
            content = group.take(flags >>> 16, Math.max(0, result));
        }
        Events to = events;
        if (closed || to == null || result <= 0) {
            if (content != null) {
                content.release();
            }
            if (!closed && to != null) {
                notReceived(result, group, to);
            }
            return;
        }
        if (content == null) {
            throw new IllegalStateException("received " + result + " bytes without a buffer");
        }
        moreToRead = (flags & Ring.SOCKET_NOT_EMPTY) != 0;
        fast = fast ? result >= RingBuffers.LARGE / 4 : result == RingBuffers.SMALL;
        to.received(content);
        if (!closed) {
            to.readComplete();
        }
    }

    private void notReceived(int result, RingBuffers.Group group, Events to) {
        switch (result) {
            case 0 -> {
                inputDone = true;
                to.inputEnded();
            }
            case ENOBUFS -> {
                group.provideMore();
                read();
            }
            case EINTR, EAGAIN -> read();
            default -> {
                inputDone = true;
                to.inputLost();
            }
        }
    }

    private void sent(int result) {
        ByteBuf content = inFlight;
        if (content == null) {
            throw new IllegalStateException("nothing is in flight");
        }
        if (result > 0) {
            content.skipBytes(result);
        }
        boolean again = result >= 0 || result == EINTR || result == EAGAIN;
        if (content.isReadable() && again && !closed) {
            send(content);
            return;
        }
        boolean success = !content.isReadable();
        content.release();
        inFlight = null;
        Events to = events;
        if (!closed && to != null) {
            to.written(success);
        }
    }

    @Override
    public void shutOutput() throws IOException {
        // As an operation it would always go to another thread, and might find the descriptor closed and used anew.
        socket.shutdown(false, true);
    }

    @Override
    public void keepAlive() {
        if (!keptAlive) {
            keptAlive = true;
            try {
                Keepalive.set(socket);
            } catch (IOException gone) {
                // Reset a moment ago; the relay will see it.
            }
        }
    }

    @Override
    public void reset() {
        try {
            socket.setSoLinger(0);
        } catch (IOException gone) {
            // The socket was reset by its peer: there is nobody to tell.
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!ring.isIdle(slot)) {
            // They hold the socket open, and its RST back.
            ring.cancel(slot, socket.intValue());
        }
        ring.close(slot, socket.intValue());
    }

    @Override
    public void failed(RuntimeException cause) {
        Events to = events;
        if (closed || to == null) {
            throw cause; // Netty logs it
        }
        to.failed(cause);
    }

    @Override
    public void shutDown() {
        Events to = events;
        if (!closed && to != null) {
            to.outputLost();
            inputDone = true;
            to.inputLost();
        }
        reset();
        close();
    }

    @Override
    public void terminated() {
        ByteBuf content = inFlight;
        if (content != null) {
            inFlight = null;
            content.release();
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }
}
