package io.podlb.control.health;

import com.codahale.metrics.MetricRegistry;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.netty.channel.ChannelFuture;
import io.podlb.control.cluster.Inventory.ChangeCounts;
import io.podlb.control.cluster.Inventory.Touched;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What balancers and the kubelet are told of this node: which Services have endpoints on it, whether the proxy keeps up,
 * and whether the node is to be used (kube-semantics 11).
 *
 * <p>{@link #queued}, {@link #failures} and {@link #address} are for any thread; {@link #close} for the one that made it, once the control
 * thread has ended; the others for the control thread. Owns its sockets and its event loop.
 */
public final class NodeHealth implements AutoCloseable {

    /** Where kube-proxy answers {@code /healthz} if nothing else is said (kube-semantics 11.10). */
    public static final int DEFAULT_PORT = 10256;

    /** Time from the first news of a change until new connections are balanced by it. */
    public static final String UPDATE_TO_EFFECT = ProxyMetrics.UPDATE_TO_EFFECT;

    private static final String TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler";
    private static final Duration RETRY = Duration.ofSeconds(10);

    private final boolean silent;
    private final HttpListeners http = new HttpListeners();
    private final ProxyHealth proxy;
    private final ServiceHealthServers services;
    private final HealthzServer healthz;
    private final ProxyMetrics metrics;
    private final Set<ServiceKey> changed = new HashSet<>(); // control thread, as is the next one
    private final Map<ServiceKey, Touched> waiting = new HashMap<>();
    private volatile boolean eligible = true; // written by the control thread

    private NodeHealth(boolean silent, LongSupplier nanoTime, InstantSource wall, MetricRegistry metrics) {
        this.silent = silent;
        this.proxy = new ProxyHealth(nanoTime, wall, ProxyHealth.TIMEOUT);
        this.services = new ServiceHealthServers(http, () -> proxy.state().healthy());
        this.healthz = new HealthzServer(http, proxy::state, () -> eligible, wall, metrics);
        this.metrics = new ProxyMetrics(nanoTime, wall, metrics);
    }

    /**
     * Starts to answer; the servers of Services follow with {@link #updated}.
     *
     * @param healthz where to answer {@code /healthz} and {@code /livez}, port 0 for any; null: nowhere. If it is taken,
     *     that is logged and tried again
     * @param metrics where requests are counted, and where what kube-proxy measures of its passes is found under the same
     *     names (kube-semantics 12)
     */
    public static NodeHealth start(
            @Nullable SocketAddressSpec healthz, LongSupplier nanoTime, InstantSource wall, MetricRegistry metrics) {
        NodeHealth health = new NodeHealth(false, nanoTime, wall, metrics);
        if (healthz != null) {
            ChannelFuture unused = health.healthz.start(healthz, RETRY);
        }
        return health;
    }

    /** The same for a node that somebody else answers for: measures, and opens nothing. */
    public static NodeHealth silent(LongSupplier nanoTime, InstantSource wall, MetricRegistry metrics) {
        return new NodeHealth(true, nanoTime, wall, metrics);
    }

    /** Where {@code /healthz} is answered; null while it is not. */
    public @Nullable SocketAddressSpec address() {
        return healthz.address();
    }

    /** A change came, and waits from now on for a pass. */
    public void queued() {
        proxy.queued();
        metrics.queued();
    }

    /** A pass begins; call it before the changes are taken. */
    public void begun() {
        proxy.begun();
        metrics.begun();
    }

    /** Shows the changes that came, under kube-proxy's names. */
    public void watchChanges(Supplier<ChangeCounts> counts) {
        metrics.watchChanges(counts);
    }

    /** The pass that has begun found nothing to do. */
    public void idle() {
        proxy.idle();
    }

    /** The pass that has begun failed; what it was about comes again, but may not come out different. */
    public void failed() {
        waiting.clear();
        proxy.failed();
    }

    /**
     * This node's object; null if there is none (kube-semantics 11.10). As with kube-proxy a node is to be used until its
     * object has said otherwise, and one whose object is gone as before.
     */
    public void node(@Nullable Node node) {
        if (node == null) {
            return;
        }
        eligible = node.getMetadata().getDeletionTimestamp() == null
                && taints(node).stream().map(Taint::getKey).noneMatch(TO_BE_DELETED::equals);
    }

    private static List<Taint> taints(Node node) {
        List<Taint> taints = node.getSpec() == null ? null : node.getSpec().getTaints();
        return taints == null ? List.of() : taints;
    }

    /**
     * What the pass is about. Nobody is told before the data plane has it.
     *
     * @param different the Services whose plans have come out different
     * @param touched what was taken, whether it makes a difference or not
     */
    public void changed(Collection<ServiceKey> different, Map<ServiceKey, Touched> touched) {
        changed.addAll(different);
        waiting.putAll(touched);
    }

    /**
     * The pass is complete.
     *
     * @param everything whether it was about all Services
     * @param plans the plan of a Service; null if it is gone
     * @param addresses where node ports are open
     */
    public void updated(
            boolean everything, Function<ServiceKey, @Nullable ServicePlan> plans, List<InetAddress> addresses) {
        Map<ServiceKey, @Nullable ServiceHealth> latest = new HashMap<>();
        for (ServiceKey key : changed) {
            ServicePlan plan = plans.apply(key);
            latest.put(key, ServiceHealth.of(plan));
            metrics.noLocalEndpoints(key, plan);
        }
        waiting.forEach((key, touched) -> metrics.programmed(plans.apply(key), touched));
        metrics.updated(everything);
        changed.clear();
        waiting.clear();
        services.update(silent ? Map.of() : latest, addresses);
        proxy.updated();
    }

    /** From time to time: tries again to open what could not be opened, and follows the addresses. */
    public void repair(List<InetAddress> addresses) {
        services.repair(addresses);
    }

    /** Whose health check node port cannot be opened, and why; ordered. Any thread. */
    public SortedMap<ServiceKey, String> failures() {
        SortedMap<ServiceKey, String> failures = new TreeMap<>();
        services.failures()
                .forEach(
                        (key, failure) -> failures.put(key, "its health check node port cannot be opened: " + failure));
        return failures;
    }

    @Override
    public void close() {
        http.close();
    }
}
