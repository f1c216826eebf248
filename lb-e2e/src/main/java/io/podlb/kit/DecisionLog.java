package io.podlb.kit;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What was decided for each connection, as text to compare: two runs with the same seed and the same clients give the
 * same text, byte for byte, and the first line that differs is the first decision that did.
 *
 * <pre>{@code
 * shop/web:http #1 ClusterIP random of web-1,web-2,web-3: web-2 failed, web-3 connected -> web-3 (random: one of 2), client-closed, 12 B to it, 340 B back
 * }</pre>
 *
 * <p>One line for each connection, by Service, port and ordinal. It has no client address and no time. An endpoint
 * without a Pod, whose address can be another in each run, is called {@code endpoint-1}, {@code endpoint-2} in the order
 * of the text.
 */
public final class DecisionLog {

    private static final Comparator<ConnectionRecord> ORDER = Comparator.comparing(ConnectionRecord::service)
            .thenComparing(ConnectionRecord::port)
            .thenComparingLong(ConnectionRecord::ordinal)
            // The two families of a dual-stack port count for themselves.
            .thenComparing(record -> record.client().getAddress() instanceof Inet6Address)
            .thenComparing(ConnectionRecord::frontEnd);

    /** As {@link BackendName} spells addresses. */
    private static final Pattern ADDRESS = Pattern.compile("\\[[0-9a-f:]+(%\\w+)?]:\\d+|\\d+(\\.\\d+){3}:\\d+");

    private final boolean withTimes;
    private final Map<String, String> podsByAddress = new HashMap<>();
    private final Set<String> pods = new HashSet<>();
    private final Map<String, String> numbered = new HashMap<>();

    private DecisionLog(boolean withTimes) {
        this.withTimes = withTimes;
    }

    /** The log without times. */
    public static String of(List<ConnectionRecord> records) {
        return new DecisionLog(false).text(records);
    }

    /** The log with the beginning and the length of each connection, for labs whose clock is virtual. */
    public static String withTimes(List<ConnectionRecord> records) {
        return new DecisionLog(true).text(records);
    }

    private String text(List<ConnectionRecord> records) {
        List<ConnectionRecord> inOrder = records.stream().sorted(ORDER).toList();
        inOrder.forEach(this::learn);
        return inOrder.stream().map(this::line).collect(Collectors.joining());
    }

    private void learn(ConnectionRecord record) {
        record.attempts().forEach(attempt -> learn(attempt.pod(), attempt.address()));
        learn(record.pod(), record.backend());
    }

    private void learn(@Nullable String pod, @Nullable InetSocketAddress address) {
        if (pod != null) {
            pods.add(pod);
            if (address != null) {
                podsByAddress.putIfAbsent(BackendName.of(address), pod);
            }
        }
    }

    private String line(ConnectionRecord record) {
        StringBuilder line = new StringBuilder(OneLine.servicePort(record))
                .append(" #")
                .append(record.ordinal())
                .append(' ')
                .append(OneLine.of(record.frontEnd()))
                .append(' ')
                .append(OneLine.of(record.policy()))
                .append(" of ")
                .append(record.candidates().isEmpty() ? "none" : candidates(record))
                .append(": ")
                .append(record.attempts().isEmpty() ? "no try" : attempts(record))
                .append(" -> ")
                .append(name(BackendName.orNone(record)));
        if (record.why() != null) {
            line.append(" (").append(clause(record.why())).append(')');
        }
        if (!record.faults().isEmpty()) {
            line.append(", faults: ").append(clause(String.join(" | ", record.faults())));
        }
        line.append(", ")
                .append(OneLine.end(record))
                .append(", ")
                .append(record.bytesToBackend())
                .append(" B to it, ")
                .append(record.bytesToClient())
                .append(" B back");
        if (withTimes) {
            line.append(", at ").append(record.started()).append(" for ").append(record.lasted());
        }
        return line.append('\n').toString();
    }

    private String candidates(ConnectionRecord record) {
        return record.candidates().stream().map(this::name).collect(Collectors.joining(","));
    }

    private String attempts(ConnectionRecord record) {
        StringJoiner text = new StringJoiner(", ");
        record.attempts()
                .forEach(attempt -> text.add(
                        name(BackendName.of(attempt)) + " " + attempt.outcome().label()));
        return text.toString();
    }

    /** The name of a backend, which is an address where there is no Pod. */
    private String name(String backend) {
        return pods.contains(backend) ? OneLine.of(backend) : clause(backend);
    }

    /** A clause for people, which can name the address of a backend that was compared. */
    private String clause(String text) {
        return ADDRESS.matcher(OneLine.of(text)).replaceAll(found -> Matcher.quoteReplacement(stable(found.group())));
    }

    private String stable(String address) {
        String pod = podsByAddress.get(address);
        return pod != null
                ? OneLine.of(pod)
                : numbered.computeIfAbsent(address, unknown -> "endpoint-" + (numbered.size() + 1));
    }
}
