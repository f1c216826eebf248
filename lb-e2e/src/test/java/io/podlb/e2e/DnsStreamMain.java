package io.podlb.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * The process of {@link DnsStream}. A line on standard input asks for a count. The socket is connected, so the kernel
 * lets nothing in but answers from the address and port that were called.
 */
final class DnsStreamMain {

    private static final Duration PACE = Duration.ofMillis(1);
    private static final int PATIENCE_MILLIS = 500;
    private static final int LAST_PATIENCE_MILLIS = 3_000;

    private final DatagramSocket socket = new DatagramSocket();
    private final Set<Short> waiting = new HashSet<>(); // questions that may still be answered
    private final Set<String> pods = new TreeSet<>();
    private short id;
    private int answered;
    private int refused;

    private DnsStreamMain(String address, int port) throws IOException {
        socket.connect(InetAddress.getByName(address), port);
    }

    public static void main(String[] arguments) throws Exception {
        BlockingQueue<String> commands = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> read(commands), "commands");
        reader.setDaemon(true);
        reader.start();
        DnsStreamMain stream = new DnsStreamMain(arguments[0], Integer.parseInt(arguments[1]));
        while (true) {
            stream.ask();
            if (commands.poll() != null) {
                stream.count();
            }
            LockSupport.parkNanos(PACE.toNanos()); // the load that is offered, not a wait for something
        }
    }

    private static void read(BlockingQueue<String> commands) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            in.lines().forEach(commands::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.exit(0);
    }

    private void ask() throws IOException {
        byte[] question = question(++id);
        waiting.add(id);
        try {
            socket.send(new DatagramPacket(question, question.length));
            receive(PATIENCE_MILLIS);
        } catch (PortUnreachableException e) {
            refused++;
            waiting.remove(id);
        }
    }

    /** Takes the answer to the last question; those of earlier ones, too, if they come first. */
    private void receive(int patienceMillis) throws IOException {
        socket.setSoTimeout(patienceMillis);
        short last;
        do {
            DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
            try {
                socket.receive(packet);
            } catch (SocketTimeoutException e) {
                return; // it may still come, and is counted as lost if it has not when the count ends
            }
            last = answered(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
        } while (last != id);
    }

    private short answered(ByteBuffer answer) {
        short to = answer.getShort();
        if (waiting.remove(to)) {
            answered++;
        }
        int record = question(to).length; // the question is repeated before the answer
        ByteBuffer text = answer.position(record + 12); // name, type, class, time to live, length
        byte[] pod = new byte[text.get()];
        text.get(pod);
        pods.add(new String(pod, StandardCharsets.US_ASCII));
        return to;
    }

    private void count() throws IOException {
        if (!waiting.isEmpty()) {
            try {
                receive(LAST_PATIENCE_MILLIS);
            } catch (PortUnreachableException e) {
                refused++; // told late: that question is still one without an answer
            }
        }
        System.out.println(answered + " " + waiting.size() + " " + refused + " " + String.join(" ", pods));
        answered = 0;
        refused = 0;
        waiting.clear();
        pods.clear();
    }

    /** Who are you: whoami.lab TXT. */
    private static byte[] question(short id) {
        ByteBuffer question = ByteBuffer.allocate(512);
        question.putShort(id).putShort((short) 0x0100).putShort((short) 1).putShort((short) 0);
        question.putShort((short) 0).putShort((short) 0);
        for (String label : new String[] {"whoami", "lab", ""}) {
            question.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        question.putShort((short) 16).putShort((short) 1); // TXT, IN
        byte[] bytes = new byte[question.position()];
        question.flip().get(bytes);
        return bytes;
    }
}
