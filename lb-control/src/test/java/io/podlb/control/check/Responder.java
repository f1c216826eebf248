package io.podlb.control.check;

import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers each connection of a check with what it is told to, and notes what was asked. */
public final class Responder implements AutoCloseable {

    /** Takes the connection and says nothing. */
    public static final String SILENCE = "";

    private final ServerSocket server;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> silent = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> accepting;
    private volatile String answer;

    private Responder(int port, String answer) throws IOException {
        this.answer = answer;
        this.server = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
        this.accepting = CompletableFuture.runAsync(this::serve, task -> {
            Thread thread = new Thread(task, "responder");
            thread.setDaemon(true);
            thread.start();
        });
    }

    /** One that answers with this line of status. */
    public static Responder of(String status) throws IOException {
        return on(0, status);
    }

    public static Responder on(int port, String status) throws IOException {
        return new Responder(port, status);
    }

    public void answer(String status) {
        answer = status;
    }

    public SocketAddressSpec address() {
        return new SocketAddressSpec(server.getInetAddress(), server.getLocalPort());
    }

    /** The first lines of the requests that came. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private void serve() {
        try {
            while (true) {
                Socket socket = server.accept();
                if (answer.equals(SILENCE)) {
                    silent.add(socket);
                } else {
                    respond(socket);
                }
            }
        } catch (IOException closed) {
            // The end of this responder.
        }
    }

    private void respond(Socket socket) {
        try (socket) {
            byte[] request = new byte[4096];
            int length = socket.getInputStream().read(request);
            if (length > 0) {
                requests.add(new String(request, 0, length, StandardCharsets.US_ASCII));
                socket.getOutputStream()
                        .write((answer + "\r\nContent-Length: 0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException gone) {
            // A check that only connects has gone by now.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        accepting.join();
        for (Socket socket : silent) {
            socket.close();
        }
    }
}
