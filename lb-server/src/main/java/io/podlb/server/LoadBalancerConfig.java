package io.podlb.server;

import io.netty.util.concurrent.Ticker;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.relay.ConnectionObserver;
import io.podlb.server.service.Cidr;
import io.podlb.server.transport.Transport;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link LoadBalancer}; immutable. Durations must be positive.
 *
 * @param transport {@code io_uring}, {@code epoll} or {@code nio}; null: the first of these that works here
 * @param eventLoops threads that move bytes; by default one per processor
 * @param policies the balancing policies that specs may name
 * @param connectTimeout for one try of one backend; 1 s by default
 * @param connectAttempts distinct backends that one connection tries; 3 by default
 * @param connectBudget for all tries of one connection; 3 s by default
 * @param idleTimeout a connection without a byte either way for this long is reset; 1 h by default
 * @param halfClosedTimeout the same once one side has finished its stream; 60 s by default
 * @param maxConnections connections at a time; 0, the default: what listeners and UDP flows
 *     leave of the descriptor limit of the process, two descriptors each
 * @param udpIdleTimeout a UDP flow without a datagram either way for this long ends; 30 s by default
 * @param udpMaxFlows UDP flows at a time, 32 768 by default; less where the descriptor limit allows less
 * @param nodeLocalClients blocks of clients that count as local to this node beside its own addresses: the addresses of
 *     its Pods (kube-semantics 5.8); none by default
 * @param trustedProxies blocks of proxies that are believed whom they speak for, where a Service requires the PROXY
 *     protocol; none by default
 * @param random where jitter comes from; policies have a source of their own, so that jitter disturbs no picks
 * @param ticker the clock of everything, the timers of event loops included; the system's by default, and a {@link
 *     VirtualClock} where time is to be moved by hand
 * @param observer is told of every connection and UDP flow that has ended; nobody by default
 */
public record LoadBalancerConfig(
        @Nullable String transport,
        int eventLoops,
        Policies policies,
        Duration connectTimeout,
        int connectAttempts,
        Duration connectBudget,
        Duration idleTimeout,
        Duration halfClosedTimeout,
        int maxConnections,
        Duration udpIdleTimeout,
        int udpMaxFlows,
        List<Cidr> nodeLocalClients,
        List<Cidr> trustedProxies,
        RandomSource random,
        Ticker ticker,
        ConnectionObserver observer) {

    public LoadBalancerConfig {
        if (transport != null && !Transport.NAMES.contains(transport)) {
            throw new IllegalArgumentException(
                    "transport: " + transport + " (expected: one of " + Transport.NAMES + ")");
        }
        positive("connectTimeout", connectTimeout);
        positive("connectBudget", connectBudget);
        positive("idleTimeout", idleTimeout);
        positive("halfClosedTimeout", halfClosedTimeout);
        positive("udpIdleTimeout", udpIdleTimeout);
        atLeast("udpMaxFlows", udpMaxFlows, 1);
        atLeast("eventLoops", eventLoops, 1);
        atLeast("connectAttempts", connectAttempts, 1);
        atLeast("maxConnections", maxConnections, 0);
        nodeLocalClients = List.copyOf(nodeLocalClients);
        trustedProxies = List.copyOf(trustedProxies);
    }

    public static LoadBalancerConfig defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: positive)");
        }
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least " + least + ")");
        }
    }

    /** Collects settings; each method returns the builder. Not thread-safe. */
    public static final class Builder {
        private @Nullable String transport;
        private int eventLoops = Math.max(1, Runtime.getRuntime().availableProcessors());
        private Policies policies = Policies.standard(RandomSource.system());
        private Duration connectTimeout = Duration.ofSeconds(1);
        private int connectAttempts = 3;
        private Duration connectBudget = Duration.ofSeconds(3);
        private Duration idleTimeout = Duration.ofHours(1);
        private Duration halfClosedTimeout = Duration.ofSeconds(60);
        private int maxConnections;
        private Duration udpIdleTimeout = Duration.ofSeconds(30);
        private int udpMaxFlows = 32_768;
        private List<Cidr> nodeLocalClients = List.of();
        private List<Cidr> trustedProxies = List.of();
        private RandomSource random = RandomSource.system();
        private Ticker ticker = Ticker.systemTicker();
        private ConnectionObserver observer = ConnectionObserver.NONE;

        private Builder() {}

        public Builder transport(@Nullable String name) {
            transport = name;
            return this;
        }

        public Builder eventLoops(int count) {
            eventLoops = count;
            return this;
        }

        public Builder policies(Policies value) {
            policies = value;
            return this;
        }

        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        public Builder connectAttempts(int count) {
            connectAttempts = count;
            return this;
        }

        public Builder connectBudget(Duration value) {
            connectBudget = value;
            return this;
        }

        public Builder idleTimeout(Duration value) {
            idleTimeout = value;
            return this;
        }

        public Builder halfClosedTimeout(Duration value) {
            halfClosedTimeout = value;
            return this;
        }

        public Builder maxConnections(int count) {
            maxConnections = count;
            return this;
        }

        public Builder udpIdleTimeout(Duration value) {
            udpIdleTimeout = value;
            return this;
        }

        public Builder udpMaxFlows(int count) {
            udpMaxFlows = count;
            return this;
        }

        public Builder nodeLocalClients(List<Cidr> blocks) {
            nodeLocalClients = blocks;
            return this;
        }

        public Builder trustedProxies(List<Cidr> blocks) {
            trustedProxies = blocks;
            return this;
        }

        public Builder random(RandomSource value) {
            random = value;
            return this;
        }

        public Builder ticker(Ticker value) {
            ticker = value;
            return this;
        }

        public Builder observer(ConnectionObserver value) {
            observer = value;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if one of them is out of its range
         */
        public LoadBalancerConfig build() {
            return new LoadBalancerConfig(
                    transport,
                    eventLoops,
                    policies,
                    connectTimeout,
                    connectAttempts,
                    connectBudget,
                    idleTimeout,
                    halfClosedTimeout,
                    maxConnections,
                    udpIdleTimeout,
                    udpMaxFlows,
                    nodeLocalClients,
                    trustedProxies,
                    random,
                    ticker,
                    observer);
        }
    }
}
