package io.podlb.server.service;

import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What one service port asks for beyond Kubernetes. {@link #NONE} asks for nothing: then podlb does what kube-proxy does,
 * but for the retry of a connect, within {@link RetryBudget#DEFAULT}. Durations are as in the configuration; zero means off.
 *
 * @param ejection when a backend that cannot be reached is left out for a while
 * @param retryBudget how many connects to a second or third backend there may be
 * @param slowStart how long a backend that has become ready gets less than its share; zero: no time
 * @param drain what becomes of the connections of a backend that leaves
 * @param maxConnectionAge after which a connection is asked to end, a tenth more or less; zero: never
 * @param rebalance how fast backends that have more than their share lose connections that are quiet
 * @param zoneSpill how much load a zone may take for itself; whoever makes the table heeds it
 * @param activeCheck what is done to see whether an endpoint is ready; whoever makes the table heeds it
 * @param accessLog which connections are to leave a line in a log; whoever observes connections heeds it
 * @param limits how many connections there may be
 * @param proxyProtocol whether headers tell of clients, towards backends and from proxies
 * @param clientAddress which address backends see as that of their client
 */
public record TrafficRules(
        Ejection ejection,
        RetryBudget retryBudget,
        Duration slowStart,
        Drain drain,
        Duration maxConnectionAge,
        Rebalance rebalance,
        ZoneSpill zoneSpill,
        ActiveCheck activeCheck,
        AccessLog accessLog,
        ConnectionLimits limits,
        ProxyProtocol proxyProtocol,
        ClientAddress clientAddress) {

    /** Plain Kubernetes. */
    public static final TrafficRules NONE = new TrafficRules(
            Ejection.OFF,
            RetryBudget.DEFAULT,
            Duration.ZERO,
            Drain.OFF,
            Duration.ZERO,
            Rebalance.OFF,
            ZoneSpill.OFF,
            ActiveCheck.OFF,
            AccessLog.OFF,
            ConnectionLimits.OFF,
            ProxyProtocol.OFF,
            ClientAddress.OFF);

    public TrafficRules {
        zeroOrMore("slowStart", slowStart);
        zeroOrMore("maxConnectionAge", maxConnectionAge);
    }

    private static void zeroOrMore(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: zero or more)");
        }
    }

    public TrafficRules withEjection(Ejection value) {
        return with(copy -> copy.ejection = value);
    }

    public TrafficRules withRetryBudget(RetryBudget value) {
        return with(copy -> copy.retryBudget = value);
    }

    public TrafficRules withSlowStart(Duration value) {
        return with(copy -> copy.slowStart = value);
    }

    public TrafficRules withDrain(Drain value) {
        return with(copy -> copy.drain = value);
    }

    public TrafficRules withMaxConnectionAge(Duration value) {
        return with(copy -> copy.maxConnectionAge = value);
    }

    public TrafficRules withRebalance(Rebalance value) {
        return with(copy -> copy.rebalance = value);
    }

    public TrafficRules withZoneSpill(ZoneSpill value) {
        return with(copy -> copy.zoneSpill = value);
    }

    public TrafficRules withActiveCheck(ActiveCheck value) {
        return with(copy -> copy.activeCheck = value);
    }

    public TrafficRules withAccessLog(AccessLog value) {
        return with(copy -> copy.accessLog = value);
    }

    public TrafficRules withLimits(ConnectionLimits value) {
        return with(copy -> copy.limits = value);
    }

    public TrafficRules withProxyProtocol(ProxyProtocol value) {
        return with(copy -> copy.proxyProtocol = value);
    }

    public TrafficRules withClientAddress(ClientAddress value) {
        return with(copy -> copy.clientAddress = value);
    }

    private TrafficRules with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.rules();
    }

    /**
     * When a backend that cannot be reached is left out for a while. Failures of this machine do not count.
     *
     * @param afterFailures failed connects in a row, from all clients together; 0: never
     */
    public record Ejection(int afterFailures) {

        public static final int MAX_FAILURES = 1000;

        /** What is meant by whoever asks for ejections without a number. */
        public static final int USUAL_FAILURES = 3;

        public static final Ejection OFF = new Ejection(0);

        public Ejection {
            if (afterFailures < 0 || afterFailures > MAX_FAILURES) {
                throw new IllegalArgumentException(
                        "afterFailures: " + afterFailures + " (expected: 0 to " + MAX_FAILURES + ")");
            }
        }

        public boolean isOn() {
            return afterFailures > 0;
        }
    }

    /**
     * How many connects to a second or third backend there may be, beside those that each connection is allowed. A
     * hundred each second are always allowed: so one dead Pod of three fails nobody up to some 750 connections a second,
     * and an outage never doubles or trebles the connects of a large service.
     *
     * @param percent of the connections; 0: as many as each connection is allowed
     */
    public record RetryBudget(int percent) {

        public static final int MAX_PERCENT = 1000;

        public static final RetryBudget OFF = new RetryBudget(0);

        public static final RetryBudget DEFAULT = new RetryBudget(20);

        public RetryBudget {
            if (percent < 0 || percent > MAX_PERCENT) {
                throw new IllegalArgumentException("percent: " + percent + " (expected: 0 to " + MAX_PERCENT + ")");
            }
        }

        public boolean isOn() {
            return percent > 0;
        }
    }

    /**
     * What becomes of the connections of a backend that leaves. Kubernetes leaves them alone (kube-semantics 9.1).
     *
     * @param within time in which they are brought to their ends; zero: they are left alone
     * @param staying backends that may be away for a while only, since they exist and do not terminate: not ready,
     *     or left out by policy or topology. Their connections are left alone
     */
    public record Drain(Duration within, Set<SocketAddressSpec> staying) {

        public static final Drain OFF = new Drain(Duration.ZERO, Set.of());

        public Drain {
            staying = Set.copyOf(staying);
            zeroOrMore("within", within);
        }

        public boolean isOn() {
            return !within.isZero();
        }

        /** The same while these stay. */
        public Drain withStaying(Set<SocketAddressSpec> others) {
            return new Drain(within, others);
        }
    }

    /**
     * How fast backends that have more than their share lose connections that are quiet. The two rates add up.
     *
     * @param perSecond connections
     * @param percentPerSecond of all connections of the service port
     */
    public record Rebalance(int perSecond, int percentPerSecond) {

        public static final int MAX_PER_SECOND = 100_000;

        public static final Rebalance OFF = new Rebalance(0, 0);

        public Rebalance {
            if (perSecond < 0 || perSecond > MAX_PER_SECOND || percentPerSecond < 0 || percentPerSecond > 100) {
                throw new IllegalArgumentException("rate: " + perSecond + "/s and " + percentPerSecond
                        + "%/s (expected: 0 to " + MAX_PER_SECOND + " and 0 to 100)");
            }
        }

        public boolean isOn() {
            return perSecond > 0 || percentPerSecond > 0;
        }
    }

    /** Which connections and UDP flows are to leave a line in a log. */
    public enum AccessLog {
        /** None. */
        OFF,
        /** Those that fail, and one in a hundred of the others. */
        SAMPLED,
        /** All of them. */
        ALL
    }

    /** Rules that are about to differ in one component. */
    private static final class Copy {
        private Ejection ejection;
        private RetryBudget retryBudget;
        private Duration slowStart;
        private Drain drain;
        private Duration maxConnectionAge;
        private Rebalance rebalance;
        private ZoneSpill zoneSpill;
        private ActiveCheck activeCheck;
        private AccessLog accessLog;
        private ConnectionLimits limits;
        private ProxyProtocol proxyProtocol;
        private ClientAddress clientAddress;

        Copy(TrafficRules rules) {
            ejection = rules.ejection;
            retryBudget = rules.retryBudget;
            slowStart = rules.slowStart;
            drain = rules.drain;
            maxConnectionAge = rules.maxConnectionAge;
            rebalance = rules.rebalance;
            zoneSpill = rules.zoneSpill;
            activeCheck = rules.activeCheck;
            accessLog = rules.accessLog;
            limits = rules.limits;
            proxyProtocol = rules.proxyProtocol;
            clientAddress = rules.clientAddress;
        }

        TrafficRules rules() {
            return new TrafficRules(
                    ejection,
                    retryBudget,
                    slowStart,
                    drain,
                    maxConnectionAge,
                    rebalance,
                    zoneSpill,
                    activeCheck,
                    accessLog,
                    limits,
                    proxyProtocol,
                    clientAddress);
        }
    }
}
