package io.podlb.server;

import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** A real backend on loopback: one thread per connection runs a script over plain JDK sockets. */
public final class Backends implements AutoCloseable {

    /** What a backend does with a connection. The socket is closed after it. */
    public interface Script {
        void run(Socket socket) throws IOException;
    }

    private final ServerSocket server;
    private final Script script;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "backend");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> accepting;
    private final AtomicInteger accepted = new AtomicInteger();

    private Backends(int port, Script script) throws IOException {
        this.script = script;
        this.server = new ServerSocket(port, 1024, InetAddress.getByName("127.0.0.1"));
        this.accepting = CompletableFuture.runAsync(this::acceptAll, threads);
    }

    public static Backends running(Script script) {
        return running(0, script);
    }

    /** One on a port of its own choice, where another one has been perhaps. */
    public static Backends running(int port, Script script) {
        try {
            return new Backends(port, script);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends back what it gets, and its end too. */
    public static Backends echo() {
        return running(socket -> {
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        });
    }

    /** Says its name and closes. */
    public static Backends saying(String name) {
        return saying(0, name);
    }

    /** The same on a port of its own choice. */
    public static Backends saying(int port, String name) {
        return running(
                port, socket -> socket.getOutputStream().write(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    /** An address of loopback where nobody listens. */
    public static BackendSpec refusing() {
        return BackendSpec.of(Rig.freeAddress());
    }

    public BackendSpec spec() {
        return spec(server.getLocalPort());
    }

    private static BackendSpec spec(int port) {
        return BackendSpec.of(new SocketAddressSpec(InetAddress.getLoopbackAddress(), port));
    }

    public int accepted() {
        return accepted.get();
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket socket = server.accept();
                accepted.incrementAndGet();
                sockets.add(socket);
                try {
                    threads.execute(() -> serve(socket));
                } catch (RejectedExecutionException closed) {
                    socket.close();
                }
            }
        } catch (IOException closed) {
            // The end of this backend.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            script.run(socket);
        } catch (IOException e) {
            // The peer reset it; the test looks at the peer.
        } finally {
            sockets.remove(socket);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            accepting.join(); // not one more is accepted after this returns
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        threads.shutdownNow();
    }
}
