package io.podlb.e2e.bench;

import io.netty.util.concurrent.Ticker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A client with many connections to an echo. Arguments: host, port. Lines: {@code open N} opens N more and has a byte go
 * round on each, {@code touch} has one go round on each of all, {@code close} closes all. Each is answered by its time.
 */
final class IdleMain {

    /** Bytes that are on their way at a time: a burst that no accept queue is too short for. */
    private static final int WINDOW = 200;

    private final InetSocketAddress address;
    private final List<SocketChannel> open = new ArrayList<>();
    private final ByteBuffer one = ByteBuffer.allocateDirect(1);

    private IdleMain(InetSocketAddress address) {
        this.address = address;
    }

    public static void main(String[] arguments) throws IOException {
        IdleMain idle = new IdleMain(new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])));
        Ticker ticker = Ticker.systemTicker();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            long start = ticker.nanoTime();
            idle.obey(line);
            System.out.println("{\"nanos\": " + (ticker.nanoTime() - start) + "}");
        }
    }

    private void obey(String line) throws IOException {
        if (line.startsWith("open ")) {
            int from = open.size();
            int to = from + Integer.parseInt(line.substring("open ".length()));
            for (int i = from; i < to; i += WINDOW) {
                for (int j = i; j < Math.min(to, i + WINDOW); j++) {
                    open.add(SocketChannel.open(address));
                }
                touch(open.subList(i, open.size()));
            }
        } else if (line.equals("touch")) {
            touch(open);
        } else {
            for (SocketChannel channel : open) {
                channel.close();
            }
            open.clear();
        }
    }

    private void touch(List<SocketChannel> channels) throws IOException {
        Deque<SocketChannel> sent = new ArrayDeque<>();
        for (SocketChannel channel : channels) {
            one.clear();
            channel.write(one);
            sent.add(channel);
            if (sent.size() == WINDOW) {
                receive(sent.remove());
            }
        }
        while (!sent.isEmpty()) {
            receive(sent.remove());
        }
    }

    private void receive(SocketChannel channel) throws IOException {
        one.clear();
        if (channel.read(one) != 1) {
            throw new IOException(channel + " ended");
        }
    }
}
