package io.podlb.server.transport;

import io.netty.channel.ServerChannel;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.podlb.server.service.IpFamily;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening socket on a ring. Netty's channel binds and closes it; one operation accepts all connections until it
 * fails, and is submitted again only while accepting is not paused.
 */
final class RingListener implements ListenSocket, Ring.Owner {

    private static final Logger logger = LoggerFactory.getLogger(RingListener.class);
    private static final int MULTISHOT = 1;
    private static final int SOCK_CLOEXEC = 0x80000; // a number of Linux

    private final Ring ring;
    private final Transport transport;
    private final Acceptance acceptance;
    private final ServerChannel server;
    private final CompletableFuture<Void> free = new CompletableFuture<>();
    private volatile boolean paused; // any thread
    private int slot = -1; // event loop, as all below; from the bind on
    private boolean accepting;
    private boolean closing;

    RingListener(Ring ring, Transport transport, Acceptance acceptance) {
        this.ring = ring;
        this.transport = transport;
        this.acceptance = acceptance;
        this.server = transport.newServer();
        server.config().setAutoRead(false); // Netty itself accepts nothing
    }

    @Override
    public void allowAnyAddressRoute(IpFamily family) {
        transport.allowAnyAddressRoute(server, family);
    }

    @Override
    public CompletableFuture<InetSocketAddress> bind(InetSocketAddress address) {
        return transport.bind(ring.eventLoop(), server, address).thenApply(local -> {
            if (!closing) { // completed by the event loop
                slot = ring.slot(this);
                accept();
            }
            return local;
        });
    }

    private void accept() {
        if (slot >= 0 && !accepting && !paused && !closing) {
            accepting = true;
            ring.submit(slot, Ring.ACCEPT, 0, MULTISHOT, descriptor(), 0, 0, 0, SOCK_CLOEXEC, 0);
        }
    }

    private int descriptor() {
        return ((UnixChannel) server).fd().intValue();
    }

    @Override
    public void completed(byte opcode, int result, int flags) {
        if (opcode != Ring.ACCEPT) {
            return;
        }
        accepting = (flags & Ring.MORE_COMPLETIONS) != 0;
        if (result >= 0) {
            Socket socket = new Socket(result);
            acceptance.accepted((loop, then) -> ((Ring) loop).adopt(socket, then));
        } else if (!closing) {
            acceptance.failed(Errors.newIOException("accept", result));
        }
        if (closing && !accepting) {
            closeServer();
        } else {
            accept();
        }
    }

    @Override
    public void failed(RuntimeException cause) {
        throw cause; // Netty logs it
    }

    @Override
    public void pause() {
        // An operation under way accepts on until there is no descriptor for the next one, and then ends by itself.
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        ring.eventLoop().execute(this::accept);
    }

    @Override
    public CompletableFuture<Void> close() {
        if (ring.eventLoop().inEventLoop()) {
            beginClose();
        } else if (ring.eventLoop().isShuttingDown()) {
            closeServer();
        } else {
            ring.eventLoop().execute(this::beginClose);
        }
        return free;
    }

    private void beginClose() {
        if (closing) {
            return;
        }
        closing = true;
        if (accepting) {
            ring.cancel(slot, descriptor()); // it holds the socket open, and its address with it
        } else {
            if (slot >= 0 && ring.isIdle(slot)) {
                ring.release(slot);
            }
            closeServer();
        }
    }

    private void closeServer() {
        transport.closeServer(server).thenRun(() -> free.complete(null));
    }

    @Override
    public void shutDown() {
        beginClose();
    }

    @Override
    public void terminated() {
        // No operation of it uses memory.
    }

    @Override
    public boolean isClosed() {
        return closing && !accepting;
    }

    /** Closes a socket that nobody took. */
    static void closeNow(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            logger.debug("could not close {}: {}", socket, e.toString());
        }
    }
}
