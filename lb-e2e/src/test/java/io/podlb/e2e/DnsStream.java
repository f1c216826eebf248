package io.podlb.e2e;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A client in a namespace that asks one DNS question after the other, all from one port: one flow for podlb. It asks on
 * until it is closed.
 */
final class DnsStream implements AutoCloseable {

    private final ChildJvm jvm;

    /**
     * What happened since the last count.
     *
     * @param lost questions without an answer, although there was time for one
     * @param refused questions that met with "port unreachable"
     * @param pods who answered
     */
    record Count(int answered, int lost, int refused, Set<String> pods) {}

    private DnsStream(ChildJvm jvm) {
        this.jvm = jvm;
    }

    /** Starts one. */
    static DnsStream start(List<String> prefix, String address, int port) {
        return new DnsStream(ChildJvm.start(
                prefix,
                List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"),
                DnsStreamMain.class,
                List.of(address, Integer.toString(port))));
    }

    /** Ends the count and begins another one; between them, every answer has had time to come. */
    Count count() {
        String[] words = jvm.ask("count").split(" ");
        return new Count(
                Integer.parseInt(words[0]),
                Integer.parseInt(words[1]),
                Integer.parseInt(words[2]),
                new TreeSet<>(List.of(words).subList(3, words.length)));
    }

    /** The sum of counts until this many were answered. */
    Count count(int answers) {
        Count[] sum = {new Count(0, 0, 0, Set.of())};
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            Count more = count();
            Set<String> pods = new TreeSet<>(sum[0].pods);
            pods.addAll(more.pods);
            sum[0] = new Count(
                    sum[0].answered + more.answered, sum[0].lost + more.lost, sum[0].refused + more.refused, pods);
            return sum[0].answered >= answers;
        });
        return sum[0];
    }

    /** The Pod that answers now. */
    String pod() {
        count(); // who answered before does not matter: the stream may have moved since it was last counted
        Set<String> pods = count(20).pods;
        if (pods.size() != 1) {
            throw new IllegalStateException("answered by " + pods);
        }
        return pods.iterator().next();
    }

    @Override
    public void close() {
        jvm.close();
    }
}
