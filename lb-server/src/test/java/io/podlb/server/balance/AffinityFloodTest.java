package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One million clients of a sticky service port, each with an address of its own. */
@Timeout(120)
class AffinityFloodTest {

    private static final int FLOOD = 1_000_000;
    private static final int REGULARS = 1_000;

    private final FakeTicker ticker = new FakeTicker();
    private final AffinityTable table =
            new AffinityTable(Duration.ofHours(3), BackendPool.MAX_AFFINITY_ENTRIES, ticker);
    private final Sticky sticky = new Sticky(new RoundRobin(Backends.equal(10), new AtomicLong()), table);

    /** Every other one IPv4, the others IPv6. */
    private static InetAddress stranger(int number) {
        try {
            byte[] address = new byte[number % 2 == 0 ? 4 : 16];
            address[0] = (byte) (number % 2 == 0 ? 11 : 0xfd);
            byte[] low = BigInteger.valueOf(number).toByteArray();
            System.arraycopy(low, 0, address, address.length - low.length, low.length);
            return InetAddress.getByAddress(address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private SocketAddressSpec connect(InetAddress client) {
        PickContext context = new PickContext(client);
        Pick pick = sticky.pick(context);
        sticky.connected(context, pick.backend());
        return pick.backend().address();
    }

    @Test
    void clientsThatComeBackStayWithTheirEndpointsWhileAMillionStrangersPassBy() {
        Map<InetAddress, SocketAddressSpec> regulars = new HashMap<>();
        for (int i = 0; i < REGULARS; i++) {
            regulars.put(Backends.client(i), connect(Backends.client(i)));
        }
        int moved = 0;
        for (int i = 0; i < FLOOD; i++) {
            ticker.advance(Duration.ofNanos(50_000)); // 20 000 connections a second
            connect(stranger(i));
            if (i % 50 == 0) { // each of them comes back 20 times
                InetAddress regular = Backends.client(i / 50 % REGULARS);
                if (!connect(regular).equals(regulars.get(regular))) {
                    moved++;
                }
            }
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> table.size() <= BackendPool.MAX_AFFINITY_ENTRIES);
        System.out.println(FLOOD + " clients passed by, " + table.size() + " are remembered; of " + FLOOD / 50
                + " connections of " + REGULARS + " clients that came back " + moved + " went elsewhere");
        assertThat(moved).isZero();
    }

    @Test
    void whatIsRememberedOfThemIsBounded() throws Exception {
        long before = liveBytes();
        for (int i = 0; i < FLOOD; i++) {
            connect(stranger(i));
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> table.size() <= BackendPool.MAX_AFFINITY_ENTRIES);
        long held = liveBytes() - before;
        System.out.println(FLOOD + " clients: " + table.size() + " remembered in " + held / 1024 + " KiB");
        assertThat(table.size()).isGreaterThan(BackendPool.MAX_AFFINITY_ENTRIES / 2);
        assertThat(held)
                .as("300 bytes for each that is remembered")
                .isLessThan(300L * BackendPool.MAX_AFFINITY_ENTRIES);
        assertThat(sticky.candidates()).hasSize(10); // still in use, so still in memory
    }

    private static long liveBytes() throws Exception {
        Path histogram = Files.createTempFile("podlb", ".histogram");
        try {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(ProcessHandle.current().pid()),
                            "GC.class_histogram")
                    .redirectOutput(histogram.toFile())
                    .start();
            assertThat(jcmd.waitFor()).isZero();
            return Files.readAllLines(histogram).stream()
                    .filter(line -> line.startsWith("Total"))
                    .mapToLong(line -> Long.parseLong(line.split(" +")[2]))
                    .sum();
        } finally {
            Files.delete(histogram);
        }
    }
}
