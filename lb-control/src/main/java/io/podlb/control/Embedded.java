package io.podlb.control;

import io.podlb.control.address.AddressMap;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.address.NodePortAddresses;
import io.podlb.control.admin.ControlView;
import io.podlb.control.check.Checks;
import io.podlb.control.source.Loaded;
import io.podlb.control.translate.FaultPermission;
import io.podlb.control.translate.TranslateOptions;
import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.SocketAddressSpec;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * A podlb inside of another program: the control plane of {@code lb run} and its data plane, without command line,
 * files, admin endpoint and simulated Pods. Faults that objects ask for are done.
 *
 * <p>{@link #view} and what {@link #server} gives may be used by any thread; {@link #apply} is for one thread at a time.
 * Whoever starts one closes it.
 */
public final class Embedded implements AutoCloseable {

    /** How long a change waits for checks to say what is ready. */
    private static final Duration FIRST_CHECKS = Duration.ofSeconds(2);

    private final Policies policies;
    private final LoadBalancer server;
    private final Checks checks;
    private final ControlLoop loop;
    private volatile Map<SocketAddressSpec, SocketAddressSpec> reachedAt = Map.of();

    private Embedded(Settings settings, AddressMap addresses, LoadBalancerConfig config, RandomSource checkJitter) {
        this.policies = settings.policies();
        this.server = LoadBalancer.start(config);
        this.checks = new Checks(checkJitter, server.metrics());
        this.loop = new ControlLoop(new Planner(settings, addresses), server, null, checks, () -> reachedAt);
    }

    /**
     * Starts one that serves nothing yet.
     *
     * @throws IllegalArgumentException in one line, if there is no such policy
     * @throws IllegalStateException in one line, if the transport that was asked for does not work here
     */
    public static Embedded start(EmbeddedOptions options) {
        RandomSource random = RandomSource.seeded(options.seed());
        Policies policies = Policies.standard(random);
        LoadBalancerConfig config = options.dataPlane()
                .apply(LoadBalancerConfig.builder()
                        .policies(policies)
                        .random(RandomSource.seeded(options.seed(), "jitter")))
                .build();
        Settings settings = new Settings(
                options.nodeName(),
                options.admission(),
                ClusterIpMode.BIND,
                NodePortAddresses.all(),
                policies,
                random,
                new TranslateOptions(
                        options.policy(),
                        options.traffic(),
                        !config.trustedProxies().isEmpty(),
                        policies.names(),
                        true,
                        null,
                        FaultPermission.GIVEN),
                false);
        return new Embedded(
                settings, AddressMap.of(options.places()), config, RandomSource.seeded(options.seed(), "checks"));
    }

    /**
     * Serves these objects from now on. Returns when that is in force: new connections are balanced by it, each front
     * end is open, closed, or known to have failed, and each endpoint with active checks was checked once.
     *
     * @param loaded every object, with what is wrong with them
     * @param reachedAt where endpoints really listen, for those that do not listen where they say
     * @throws IllegalStateException if it could not be applied; what was served before goes on
     */
    public void apply(Loaded loaded, Map<SocketAddressSpec, SocketAddressSpec> reachedAt) throws InterruptedException {
        this.reachedAt = Map.copyOf(reachedAt);
        pass(loaded);
        if (checks.awaitFirstTries(FIRST_CHECKS)) {
            pass(loaded);
        }
    }

    private void pass(Loaded loaded) throws InterruptedException {
        try {
            loop.submit(loaded).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the change could not be applied: " + e.getCause(), e.getCause());
        }
    }

    /** What is in force. */
    public ControlView view() {
        return loop.view();
    }

    /** The data plane: listeners, connections, metrics. It gets its tables from here alone. */
    public LoadBalancer server() {
        return server;
    }

    /** The balancing policies that Services may name. */
    public Policies policies() {
        return policies;
    }

    /** Resets every connection and frees every thread and socket. Waits for that, a few seconds at most. */
    @Override
    public void close() {
        loop.close();
        checks.close();
        server.close();
    }
}
