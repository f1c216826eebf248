package io.podlb.kit;

import io.podlb.server.service.Fault;
import io.podlb.server.service.Fault.ByteRange;
import io.podlb.server.service.Fault.Direction;
import io.podlb.server.service.Fault.Share;
import io.podlb.server.service.FaultRule;
import io.podlb.server.service.FaultScope;
import io.podlb.server.service.FaultScope.Ordinals;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong on purpose between clients and Pods, for {@link Lab#inject(KitFault...)} and its like on
 * Services and Pods:
 *
 * <pre>{@code
 * service.pod(0).inject(KitFault.reset().onConnections(3));
 * service.inject(KitFault.latency(Duration.ofMillis(100)).jitter(Duration.ofMillis(20)).toClient());
 * lab.inject(KitFault.loss(0.1).onlyFor(Duration.ofSeconds(30)));
 * }</pre>
 *
 * <p>Without further words it is for every connection, both ways, until it is taken back. Loss, duplicates and another
 * order are for UDP, latency is for both, all others are for TCP. Immutable.
 */
public final class KitFault {

    private final FaultRule rule;
    private final @Nullable Function<Direction, Fault> directed; // null: it has no direction
    private final Direction direction;

    private KitFault(FaultRule rule, @Nullable Function<Direction, Fault> directed, Direction direction) {
        this.rule = rule;
        this.directed = directed;
        this.direction = direction;
    }

    private static KitFault inPlaceOfThePod(Fault fault) {
        return new KitFault(new FaultRule(FaultScope.ALL, fault), null, Direction.BOTH);
    }

    private static KitFault onTheWay(Function<Direction, Fault> directed) {
        return new KitFault(new FaultRule(FaultScope.ALL, directed.apply(Direction.BOTH)), directed, Direction.BOTH);
    }

    /** The connect is refused, so another Pod is tried. */
    public static KitFault refuse() {
        return inPlaceOfThePod(new Fault.Refuse());
    }

    /** The connect never completes, so another Pod is tried once the time for one try is over. */
    public static KitFault blackhole() {
        return inPlaceOfThePod(new Fault.Blackhole());
    }

    /** The connection is reset as soon as it is made. */
    public static KitFault reset() {
        return inPlaceOfThePod(new Fault.Reset());
    }

    /** The connection is made, and nothing ever comes back. */
    public static KitFault silent() {
        return inPlaceOfThePod(new Fault.Silent());
    }

    /** Bytes, ends of streams and datagrams come that much later. */
    public static KitFault latency(Duration delay) {
        return onTheWay(way -> new Fault.Latency(way, delay, Duration.ZERO));
    }

    /** No more bytes pass in any second. */
    public static KitFault bandwidth(long bytesPerSecond) {
        return onTheWay(way -> new Fault.Bandwidth(way, bytesPerSecond));
    }

    /** The end of a stream comes that much later than its last byte. */
    public static KitFault closeDelay(Duration delay) {
        return onTheWay(way -> new Fault.CloseDelay(way, delay));
    }

    /** The end of a stream is never passed on. */
    public static KitFault halfOpen() {
        return onTheWay(Fault.HalfOpen::new);
    }

    /** The connection is reset once exactly so many bytes of a stream have passed. */
    public static KitFault cutAfter(long bytes) {
        return onTheWay(way -> new Fault.Cut(way, bytes));
    }

    /**
     * These bytes of a stream arrive inverted.
     *
     * @param from the first one, from 0
     * @param to the first one after them; {@link Long#MAX_VALUE}: all that follow
     */
    public static KitFault corrupt(long from, long to) {
        List<ByteRange> bytes = List.of(new ByteRange(from, to));
        return onTheWay(way -> new Fault.Corrupt(way, bytes));
    }

    /**
     * These bytes of a stream never arrive, those behind them do.
     *
     * @param from the first one, from 0
     * @param to the first one after them; {@link Long#MAX_VALUE}: all that follow
     */
    public static KitFault drop(long from, long to) {
        List<ByteRange> bytes = List.of(new ByteRange(from, to));
        return onTheWay(way -> new Fault.Drop(way, bytes));
    }

    /**
     * Datagrams get lost.
     *
     * @param probability above 0, at most 1
     */
    public static KitFault loss(double probability) {
        Share share = share(probability);
        return onTheWay(way -> new Fault.Loss(way, share));
    }

    /** Datagrams arrive twice, with that probability. */
    public static KitFault duplicate(double probability) {
        Share share = share(probability);
        return onTheWay(way -> new Fault.Duplicate(way, share));
    }

    /** Datagrams are overtaken by the next one of their flow, with that probability. */
    public static KitFault reorder(double probability) {
        Share share = share(probability);
        return onTheWay(way -> new Fault.Reorder(way, share));
    }

    private static Share share(double probability) {
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException(
                    "probability: " + probability + " (expected: above 0 and at most 1, like 0.1)");
        }
        return new Share(Math.max(1, (int) Math.round(probability * Share.ALL)));
    }

    /**
     * Makes latency vary.
     *
     * @param most that it differs, either way, evenly distributed; at most the delay
     * @throws IllegalStateException if this is not latency
     */
    public KitFault jitter(Duration most) {
        if (!(rule.fault() instanceof Fault.Latency latency)) {
            throw new IllegalStateException(
                    "jitter means nothing for " + rule.fault().label() + "; leave it out");
        }
        return directed(way -> new Fault.Latency(way, latency.delay(), most), direction);
    }

    /**
     * Only what the Pod sends is affected.
     *
     * @throws IllegalStateException if the fault takes the place of the Pod
     */
    public KitFault toClient() {
        return directed(Direction.TO_CLIENT);
    }

    /**
     * Only what the client sends is affected.
     *
     * @throws IllegalStateException if the fault takes the place of the Pod
     */
    public KitFault toBackend() {
        return directed(Direction.TO_BACKEND);
    }

    private KitFault directed(Direction way) {
        if (directed == null) {
            throw new IllegalStateException(
                    "a direction means nothing for " + rule.fault().label() + "; leave it out");
        }
        return directed(directed, way);
    }

    private KitFault directed(Function<Direction, Fault> make, Direction way) {
        return new KitFault(new FaultRule(rule.scope(), make.apply(way), rule.lasting()), make, way);
    }

    /** Only connections to the port of that name are affected, the empty one where it has none. */
    public KitFault onPort(String name) {
        return with(rule.scope().ofPort(name));
    }

    /**
     * Only these connections are affected.
     *
     * @param ordinals their places among all connections (UDP: flows) of the service port since the lab began, from 1;
     *     see {@link ConnectionRecord#ordinal}
     */
    public KitFault onConnections(long... ordinals) {
        if (ordinals.length == 0) {
            throw new IllegalArgumentException("ordinals: none (expected: at least one)");
        }
        return with(rule.scope()
                .ofConnections(LongStream.of(ordinals).mapToObj(Ordinals::of).toArray(Ordinals[]::new)));
    }

    /** Only connections from that one on are affected. */
    public KitFault fromConnection(long ordinal) {
        return with(rule.scope().ofConnections(new Ordinals(ordinal, Long.MAX_VALUE)));
    }

    /** It ends that long after it was injected, by the clock of the lab, for connections that are open as well. */
    public KitFault onlyFor(Duration time) {
        return new KitFault(new FaultRule(rule.scope(), rule.fault(), time), directed, direction);
    }

    private KitFault with(FaultScope scope) {
        return new KitFault(rule.withScope(scope), directed, direction);
    }

    static List<FaultRule> rules(KitFault... faults) {
        return Arrays.stream(faults).map(fault -> fault.rule).toList();
    }

    /** The rule for one Service or Pod. */
    static FaultRule bind(FaultRule rule, String namespace, @Nullable String service, @Nullable String pod) {
        FaultScope scope = rule.scope();
        if ((service != null && scope.service() != null) || (pod != null && scope.pod() != null)) {
            throw new IllegalArgumentException(
                    rule + " names what it is injected into; leave out " + (pod == null ? "service=" : "pod="));
        }
        return rule.withScope(new FaultScope(
                scope.namespace() == null ? namespace : scope.namespace(),
                service == null ? scope.service() : service,
                scope.port(),
                pod == null ? scope.pod() : pod,
                scope.endpoint(),
                scope.connections()));
    }

    /** As rules are written in text: {@code latency=100ms; to=client}. */
    @Override
    public String toString() {
        return rule.toString();
    }
}
