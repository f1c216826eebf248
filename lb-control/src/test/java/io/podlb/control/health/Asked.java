package io.podlb.control.health;

import io.podlb.server.service.InetAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Asks the health servers of tests as a balancer would. */
final class Asked {

    static final InetAddress LOOPBACK = InetAddresses.parse("127.0.0.1");

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private Asked() {}

    static HttpResponse<String> get(int port, String path) throws Exception {
        return ask("GET", "127.0.0.1", port, path);
    }

    static HttpResponse<String> ask(String method, String host, int port, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
                .timeout(Duration.ofSeconds(10))
                .method(method, BodyPublishers.noBody())
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    static boolean listens(int port) {
        try {
            get(port, "/");
            return true;
        } catch (Exception e) {
            return false;
        }
    }

    /** A port that nobody had a moment ago. */
    static int freePort() throws IOException {
        try (ServerSocket socket = taken()) {
            return socket.getLocalPort();
        }
    }

    static ServerSocket taken() throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress(LOOPBACK, 0));
        return socket;
    }
}
