package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.kit.Attempt.Outcome;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionLogTest {

    /** The same decisions, whatever the addresses and times of the run are. */
    private static List<ConnectionRecord> run(int network, int port, Duration started) {
        InetSocketAddress web = new InetSocketAddress("127.0." + network + ".1", port);
        InetSocketAddress outside = new InetSocketAddress("127.0." + network + ".2", port + 1);
        String outsideName = BackendName.of(outside);
        return List.of(
                new Receipt(2)
                        .from("127.0.0.1", port + 2)
                        .at(started, started)
                        .among("web-1", outsideName)
                        .on(null, outside, "two-choices: 0 active, against " + BackendName.of(web) + " with 1 active")
                        .made(),
                new Receipt(1)
                        .from("127.0.0.1", port + 3)
                        .at(started, started)
                        .among("web-1", outsideName)
                        .on("web-1", web, "two-choices: 0 active, against " + outsideName + " with 0 active")
                        .made(),
                new Receipt(1)
                        .of("kube-system/dns", "53/UDP", true)
                        .tried("dns-1", Outcome.FAILED)
                        .meeting("loss=50%", "latency=1s; pod=dns-1")
                        .among("dns-1")
                        .ended("connect-failed", true)
                        .made());
    }

    @Test
    void aLineIsADecisionAndNoAddressOfTheRun() {
        assertThat(DecisionLog.of(run(1, 30_000, Duration.ofSeconds(1)))).isEqualTo("""
                        kube-system/dns:53/UDP #1 ClusterIP random of dns-1: dns-1 failed -> (none), faults: loss=50% | latency=1s; pod=dns-1, connect-failed, 12 B to it, 340 B back
                        shop/web:http #1 ClusterIP random of web-1,endpoint-1: web-1 connected -> web-1 (two-choices: 0 active, against endpoint-1 with 0 active), client-closed, 12 B to it, 340 B back
                        shop/web:http #2 ClusterIP random of web-1,endpoint-1: endpoint-1 connected -> endpoint-1 (two-choices: 0 active, against web-1 with 1 active), client-closed, 12 B to it, 340 B back
                        """);
    }

    @Test
    void twoRunsWithTheSameDecisionsHaveTheSameText() {
        List<ConnectionRecord> one = run(1, 30_000, Duration.ofSeconds(1));
        List<ConnectionRecord> other = run(2, 50_000, Duration.ofSeconds(2));
        assertThat(DecisionLog.of(one)).isEqualTo(DecisionLog.of(other));
        assertThat(DecisionLog.withTimes(one)).isNotEqualTo(DecisionLog.withTimes(other));
    }

    @Test
    void anotherDecisionIsAnotherText() {
        assertThat(DecisionLog.of(Receipt.each("web-1", "web-2")))
                .isNotEqualTo(DecisionLog.of(Receipt.each("web-1", "web-3")));
    }

    @Test
    void timesAreThereWhereTheyAreAskedFor() {
        assertThat(DecisionLog.withTimes(Receipt.each("web-1"))).endsWith("340 B back, at PT0.01S for PT0.005S\n");
    }

    @Test
    void aNameThatWouldBreakTheLineDoesNot() {
        List<ConnectionRecord> hostile =
                List.of(new Receipt(1).among("a\nb").on("a\nb").made());
        assertThat(DecisionLog.of(hostile)).hasLineCount(1).contains("of a\\u000ab: a\\u000ab connected");
    }
}
