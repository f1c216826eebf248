package io.podlb.kit;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the record of one connection; what is not said has a plain default. Pods web-1, web-2 and web-3 are candidates. */
final class Receipt {

    static final Duration MILLI = Duration.ofMillis(1);

    private final long ordinal;
    private final List<Attempt> attempts = new ArrayList<>();
    private String service = "shop/web";
    private String port = "http";
    private boolean udp;
    private InetSocketAddress client;
    private List<String> candidates = List.of("web-1", "web-2", "web-3");
    private List<String> faults = List.of();
    private @Nullable String pod;
    private @Nullable InetSocketAddress backend;
    private @Nullable String why;
    private Duration started;
    private Duration lasted = Duration.ofMillis(5);
    private @Nullable String end = "client-closed";
    private boolean failed;

    Receipt(long ordinal) {
        this.ordinal = ordinal;
        client = new InetSocketAddress("127.0.0.9", 40_000 + (int) ordinal);
        started = Duration.ofMillis(10 * ordinal);
    }

    static InetSocketAddress addressOf(String pod) {
        return new InetSocketAddress("10.244.0." + (pod.hashCode() & 0x7f), 80);
    }

    /** Connected to that Pod after the tries so far. */
    Receipt on(String pod) {
        return on(pod, addressOf(pod), "random: one of 3");
    }

    Receipt on(@Nullable String pod, InetSocketAddress backend, String why) {
        this.pod = pod;
        this.backend = backend;
        this.why = why;
        attempts.add(new Attempt(pod, backend, why, Attempt.Outcome.CONNECTED, MILLI));
        return this;
    }

    Receipt tried(String pod, Attempt.Outcome outcome) {
        attempts.add(new Attempt(pod, addressOf(pod), "random: one of 3", outcome, MILLI));
        return this;
    }

    Receipt of(String service, String port, boolean udp) {
        this.service = service;
        this.port = port;
        this.udp = udp;
        return this;
    }

    Receipt from(String host, int port) {
        client = new InetSocketAddress(host, port);
        return this;
    }

    Receipt among(String... pods) {
        candidates = List.of(pods);
        return this;
    }

    Receipt meeting(String... rules) {
        faults = List.of(rules);
        return this;
    }

    Receipt at(Duration started, Duration lasted) {
        this.started = started;
        this.lasted = lasted;
        return this;
    }

    Receipt ended(@Nullable String end, boolean failed) {
        this.end = end;
        this.failed = failed;
        return this;
    }

    ConnectionRecord made() {
        return new ConnectionRecord(
                ordinal,
                service,
                port,
                udp,
                "ClusterIP",
                client,
                "random",
                candidates,
                attempts,
                faults,
                pod,
                backend,
                why,
                12,
                340,
                started,
                lasted,
                end,
                failed);
    }

    /** One connection on each of these, in that order. */
    static List<ConnectionRecord> each(String... pods) {
        List<ConnectionRecord> records = new ArrayList<>();
        for (String pod : pods) {
            records.add(new Receipt(records.size() + 1).on(pod).made());
        }
        return records;
    }

    /** That many on web-1, web-2 and web-3. */
    static List<ConnectionRecord> counts(int first, int second, int third) {
        List<String> pods = new ArrayList<>();
        pods.addAll(Collections.nCopies(first, "web-1"));
        pods.addAll(Collections.nCopies(second, "web-2"));
        pods.addAll(Collections.nCopies(third, "web-3"));
        return each(pods.toArray(String[]::new));
    }
}
