package io.podlb.kit;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TCP socket whose connections get a {@link SocketHandler} and a thread each. */
final class HandledListener implements PodListener {

    private static final Logger log = LoggerFactory.getLogger(HandledListener.class);
    private static final int BACKLOG = 128;

    private final String pod;
    private final SocketHandler handler;
    private final ServerSocket listener;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;
    private volatile boolean closed;

    private HandledListener(String pod, SocketHandler handler, ServerSocket listener) {
        this.pod = pod;
        this.handler = handler;
        this.listener = listener;
        this.acceptor = thread("kit-accept-" + pod, this::accept);
    }

    /**
     * Listens for connections.
     *
     * @throws IllegalStateException if the address cannot be bound
     */
    static HandledListener open(String pod, SocketHandler handler, InetSocketAddress address) {
        ServerSocket socket = null;
        try {
            socket = new ServerSocket();
            socket.bind(address, BACKLOG);
        } catch (IOException e) {
            close(socket);
            throw new IllegalStateException("Pod " + pod + " cannot listen on " + address + ": " + e.getMessage(), e);
        }
        HandledListener listening = new HandledListener(pod, handler, socket);
        listening.acceptor.start();
        return listening;
    }

    private static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                connections.add(client);
                thread("kit-" + pod, () -> serve(client)).start();
            } catch (IOException e) {
                if (!closed) {
                    log.warn("Pod {} accepts no more: {}", pod, e.getMessage());
                }
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            handler.handle(pod, client);
        } catch (IOException e) {
            log.debug("Pod {}: a connection ended: {}", pod, e.getMessage());
        } catch (RuntimeException e) {
            log.warn("the handler of Pod {} failed, its connection is closed", pod, e);
        } finally {
            connections.remove(client);
        }
    }

    @Override
    public void close(boolean reset) {
        closed = true;
        close(listener);
        try {
            // The kernel accepts until the thread that waits for a connection has left; that one may still come.
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Socket client : connections) {
            try {
                if (reset) {
                    client.setSoLinger(true, 0);
                }
            } catch (IOException e) {
                log.debug("Pod {}: a connection was closed already: {}", pod, e.getMessage());
            }
            close(client);
        }
    }

    private static void close(@Nullable Closeable socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            log.debug("a socket does not close: {}", e.getMessage());
        }
    }
}
