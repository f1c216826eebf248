package io.podlb.server;

import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * An address of loopback that takes connects and never answers them, as a machine that is gone: a listener whose queue
 * of connections is full, of which Linux drops every further SYN.
 */
public final class BlackHole implements AutoCloseable {

    private final ServerSocket server;
    private final List<Socket> queue = new ArrayList<>();

    private BlackHole(ServerSocket server) {
        this.server = server;
    }

    public static BlackHole open() throws IOException {
        BlackHole hole = new BlackHole(new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")));
        while (hole.fill()) {
            if (hole.queue.size() > 64) {
                throw new IllegalStateException("the queue never fills");
            }
        }
        return hole;
    }

    private boolean fill() throws IOException {
        Socket socket = new Socket();
        queue.add(socket);
        try {
            socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 300);
            return true;
        } catch (SocketTimeoutException full) {
            return false;
        }
    }

    public BackendSpec spec() {
        return BackendSpec.of(new SocketAddressSpec(server.getInetAddress(), server.getLocalPort()));
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : queue) {
            socket.close();
        }
        server.close();
    }
}
