package io.podlb.server;

import com.codahale.metrics.MetricRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.podlb.server.balance.BackendPool;
import io.podlb.server.balance.PoolSettings;
import io.podlb.server.fault.FaultInjection;
import io.podlb.server.fault.FaultView;
import io.podlb.server.fault.Faults;
import io.podlb.server.limit.Limiter;
import io.podlb.server.listener.Admission;
import io.podlb.server.listener.DescriptorBudget;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.listener.Listeners;
import io.podlb.server.metrics.ProcessMetrics;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.relay.ConnectionView;
import io.podlb.server.relay.FlowView;
import io.podlb.server.relay.OpenConnections;
import io.podlb.server.relay.RelayLoops;
import io.podlb.server.relay.RelaySettings;
import io.podlb.server.relay.UdpLoops;
import io.podlb.server.relay.UdpSettings;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FaultSet;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.ServiceTable;
import io.podlb.server.service.TableChange;
import io.podlb.server.transport.Transport;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running data plane: it serves the latest {@link ServiceTable} that it was given.
 *
 * <p>Thread rule: every method may be called by any thread and none blocks but {@link #close}. One control thread of its
 * own makes all changes; connections are confined to event loops. Whoever starts one closes it.
 */
public final class LoadBalancer implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(LoadBalancer.class);

    private final LoadBalancerConfig config;
    private final Transport transport;
    private final MetricRegistry metrics = new MetricRegistry();
    private final EventExecutor control;
    private final EventLoopGroup loops;
    private final OpenConnections connections;
    private final RelayLoops relays;
    private final EventLoopGroup datagramLoops; // the same where the transport is
    private final UdpLoops flows;
    private final Listeners listeners;
    private final PoolSettings pools;
    private final Pulse pulse;
    private final Closings closings;
    private final Faults faults;
    private final ProcessMetrics processMetrics;
    private final Map<ServicePortName, ServicePort> ports = new ConcurrentHashMap<>(); // written by the control thread
    private boolean draining; // control thread

    private LoadBalancer(LoadBalancerConfig config, Transport transport, DescriptorBudget budget) {
        this.config = config;
        this.transport = transport;
        this.control = Transport.newThread("podlb-control", config.ticker());
        this.pulse = new Pulse(control);
        this.loops = transport.newEventLoops(config.eventLoops(), "podlb-relay", config.ticker());
        this.connections = new OpenConnections(budget::connections);
        this.relays = new RelayLoops(
                loops,
                transport,
                RelaySettings.of(
                        config.connectTimeout(),
                        config.connectAttempts(),
                        config.connectBudget(),
                        config.idleTimeout(),
                        config.halfClosedTimeout(),
                        config.observer()),
                connections);
        Transport datagrams = transport.forDatagrams();
        this.datagramLoops = datagrams == transport
                ? loops
                : datagrams.newEventLoops(config.eventLoops(), "podlb-datagram", config.ticker());
        this.flows = new UdpLoops(
                datagramLoops,
                datagrams,
                UdpSettings.of(config.udpIdleTimeout(), budget::flows, config.observer()),
                new SecureRandom());
        this.pools = new PoolSettings(
                config.policies(),
                config.ticker()::nanoTime,
                config.random(),
                control,
                config.connectTimeout().plusSeconds(1));
        this.closings = new Closings(relays, config.random(), control, config.ticker());
        this.faults = new Faults(config.ticker(), config.random());
        this.processMetrics = new ProcessMetrics(metrics, budget::connections, budget::waiting);
        this.listeners = new Listeners(
                control,
                relays,
                flows,
                new Admission(config.nodeLocalClients(), config.trustedProxies(), config.ticker()),
                budget,
                processMetrics.acceptPauses());
        relays.neverDial(address -> listeners.listensOn(Protocol.TCP, address));
        flows.neverSend(address -> listeners.listensOn(Protocol.UDP, address));
        if (config.ticker() instanceof VirtualClock clock) {
            clock.drive(control);
            clock.drive(loops);
            clock.drive(datagramLoops);
        }
    }

    /**
     * Starts one that serves nothing yet.
     *
     * @throws IllegalStateException in one line, if the transport that was asked for does not work here
     */
    public static LoadBalancer start(LoadBalancerConfig config) {
        Transport transport = Transport.choose(config.transport());
        DescriptorBudget budget = DescriptorBudget.of(
                DescriptorBudget.ofThisProcess(), config.eventLoops(), config.maxConnections(), config.udpMaxFlows());
        logger.info(
                "transport {} ({}), {} event loops; {}, without listeners at most {} connections",
                transport.name(),
                transport.reason(),
                config.eventLoops(),
                budget.explain(),
                budget.connections());
        if (budget.isExceeded()) {
            logger.warn(
                    "{} connections are allowed, more than the descriptor limit is enough for; raise it (ulimit -n)",
                    config.maxConnections());
        }
        return new LoadBalancer(config, transport, budget);
    }

    /**
     * Serves this table from now on. What is equal to before is not touched; connections that exist are never cut.
     *
     * @return completes when it is in force: new connections are balanced by it, and every listener is open, closed, or
     *     known to have failed. Failed binds do not fail it; {@link #listeners} has them.
     */
    public CompletionStage<Void> apply(ServiceTable table) {
        return apply(table.version(), () -> TableChange.to(table, ports.keySet()));
    }

    /**
     * The same for the difference to what is served now, at the cost of the difference. Changes take effect in the order
     * of the calls; a caller that mixes tables and changes sees to it that they follow each other.
     */
    public CompletionStage<Void> apply(TableChange change) {
        return apply(change.version(), () -> change);
    }

    private CompletionStage<Void> apply(long version, Supplier<TableChange> change) {
        long start = config.ticker().nanoTime();
        return CompletableFuture.supplyAsync(() -> change(change.get()), control)
                .thenCompose(settled -> settled)
                .thenRun(() -> processMetrics.applied(version, config.ticker().nanoTime() - start));
    }

    /** In an order that never has two service ports on one address, nor an address open before its pool is complete. */
    private CompletableFuture<Void> change(TableChange change) {
        if (draining) {
            return CompletableFuture.completedFuture(null);
        }
        for (ServicePortName name : change.removed()) {
            ServicePort gone = ports.remove(name);
            if (gone != null) {
                pulse.forget(gone);
                gone.close();
            }
        }
        List<ServicePortSpec> changed = new ArrayList<>();
        for (ServicePortSpec spec : change.put()) {
            ServicePort port = ports.get(spec.name());
            if (port == null || !port.runs(spec)) {
                changed.add(spec);
            }
        }
        changed.sort(Comparator.comparing(ServicePortSpec::name)); // claims do not depend on the order of a map
        for (ServicePortSpec spec : changed) {
            ServicePort port = ports.get(spec.name());
            if (port != null) {
                port.releaseFrontends(spec);
            }
        }
        for (ServicePortSpec spec : changed) {
            ServicePort port = ports.computeIfAbsent(spec.name(), name -> create(spec));
            port.update(spec);
            pulse.watch(port);
        }
        return listeners.settle().thenRunAsync(() -> changed.forEach(this::warnOfCircles), control);
    }

    private void warnOfCircles(ServicePortSpec spec) {
        for (EndpointSet set : EndpointSet.values()) {
            for (BackendSpec backend : spec.backends(set)) {
                if (listeners.listensOn(spec.name().protocol(), backend.address())) {
                    logger.warn(
                            "{} endpoint {} is a front end of podlb itself and is never dialled; name the Pods behind it",
                            spec.name(),
                            backend.address());
                }
            }
        }
    }

    private ServicePort create(ServicePortSpec spec) {
        ServicePortMetrics portMetrics = new ServicePortMetrics(metrics, spec.name());
        BackendPool pool = new BackendPool(spec, pools, portMetrics);
        Limiter limiter = new Limiter(pool, pools.ticker(), portMetrics.traffic());
        return new ServicePort(
                spec, pool, portMetrics, limiter, listeners, closings, faults.of(spec.name(), portMetrics.traffic()));
    }

    /**
     * Does these faults to connections and UDP flows from now on, beside those that specs bring along, and no longer the
     * ones that were set so before. All change as one. A rule without a time of its own that was set before goes on; what
     * ends does so for connections that have met it as well, but what was done stays done.
     */
    public void faults(FaultSet set) {
        faults.set(set);
    }

    /**
     * Does these faults as well, whatever {@link #faults(FaultSet)} sets meanwhile. They begin as one, and end as one when
     * what is given back is closed.
     */
    public FaultInjection inject(FaultSet added) {
        return faults.inject(added);
    }

    /** The faults that are set and those that specs bring along, with what they have done. */
    public List<FaultView> faults() {
        return faults.views();
    }

    /** What became of every front end, ordered by service port. */
    public List<ListenerView> listeners() {
        return ports.values().stream()
                .sorted(Comparator.comparing(port -> port.spec().name()))
                .flatMap(port -> port.listeners().stream())
                .toList();
    }

    /** All open connections and the latest ended ones, in no particular order. */
    public CompletionStage<List<ConnectionView>> connections() {
        return relays.snapshot();
    }

    /** All open UDP flows and the latest ended ones, in no particular order. */
    public CompletionStage<List<FlowView>> flows() {
        return flows.snapshot();
    }

    /** What became of the connections of backends that were drained lately, the oldest first. */
    public List<DrainReceipt> drains() {
        return closings.receipts();
    }

    /** Every metric of this data plane; see {@link io.podlb.server.metrics.MetricNames}. */
    public MetricRegistry metrics() {
        return metrics;
    }

    /** {@code io_uring}, {@code epoll} or {@code nio}. */
    public String transport() {
        return transport.name();
    }

    /**
     * Takes no new clients for good, lets connections and UDP flows come to their ends, and resets and ends those that
     * are left after the timeout. New clients of TCP are refused. A UDP socket stays open as long as a flow needs it,
     * since answers must come from the address that was called; datagrams of new clients are dropped and counted.
     *
     * @return completes with the number of connections that were reset
     */
    public CompletionStage<Integer> drain(Duration timeout) {
        CompletableFuture<Void> stopped =
                CompletableFuture.supplyAsync(this::stopListening, control).thenCompose(closed -> closed);
        return stopped.thenComposeAsync(closed -> drained(timeout), control)
                .thenComposeAsync(done -> endFlows(), control)
                .thenCompose(ended -> relays.cutAll());
    }

    private CompletableFuture<Void> stopListening() {
        draining = true;
        ports.values().forEach(pulse::forget);
        ports.values().forEach(ServicePort::drain);
        ports.clear();
        return listeners.settle();
    }

    private CompletableFuture<Void> drained(Duration timeout) {
        CompletableFuture<Void> done =
                CompletableFuture.allOf(connections.whenEmpty().toCompletableFuture(), listeners.drained());
        Future<?> timer = control.schedule(() -> done.complete(null), timeout.toNanos(), TimeUnit.NANOSECONDS);
        return done.whenComplete((result, failure) -> timer.cancel(false));
    }

    private CompletableFuture<Void> endFlows() {
        listeners.endFlows();
        return listeners.drained();
    }

    /** Resets all connections and frees every thread and socket. Waits for that, a few seconds at most. */
    @Override
    public void close() {
        drain(Duration.ZERO).toCompletableFuture().join();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        datagramLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        control.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
