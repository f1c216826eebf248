package io.podlb.control;

import io.podlb.control.access.AccessLog;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.address.LocalRoute;
import io.podlb.control.admin.AdminServer;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.health.NodeHealth;
import io.podlb.control.report.ServiceEvents;
import io.podlb.control.source.ApiServer;
import io.podlb.control.source.InformerSource;
import io.podlb.control.source.InformerSource.Selection;
import io.podlb.control.source.Patience;
import io.podlb.control.source.SourceStatus;
import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.service.Cidr;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of podlb as a node of a cluster, from the connection to the API server to the drain. Used once, by one thread,
 * which waits in it for a signal or an interrupt. Owns everything that it starts but the API server's client.
 */
final class Daemon {

    private static final Logger log = LoggerFactory.getLogger(Daemon.class);

    private final Settings settings;
    private final ServerOptions options;
    private final AccessLog access;
    private final LoadBalancerConfig config;
    private final ApiServer api;
    private final Clock clock;
    private final ClusterOptions cluster;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile @Nullable LocalRoute route; // for the signal that wants an end at once

    /**
     * Prepares a run; opens nothing.
     *
     * @throws CommandFailure if options cannot be meant so together
     */
    Daemon(
            Settings settings,
            ServerOptions options,
            NodeOptions node,
            ClusterOptions cluster,
            LogOptions log,
            ApiServer api,
            Clock clock) {
        this.settings = settings;
        this.options = options;
        this.access = options.accessLog(settings, log, clock);
        this.config = options.config(settings, node, access);
        this.api = api;
        this.clock = clock;
        this.cluster = cluster;
    }

    /**
     * Serves until it is told to stop. An API server that does not answer is waited for.
     *
     * @return the exit status
     * @throws CommandFailure if it cannot begin to serve
     */
    int serve() {
        Inventory inventory = new Inventory(config.ticker()::nanoTime, clock.instant(), "API server");
        try (Signals signals = Signals.install(stop::countDown, () -> Serving.quit(route));
                LocalRoute localRoute = route();
                AccessLog accessLog = access.start();
                LoadBalancer server = Serving.started(() -> LoadBalancer.start(config));
                InformerSource source = new InformerSource(
                        api,
                        new Selection(settings.nodeName(), cluster.proxyName),
                        inventory,
                        clock,
                        Patience.DEFAULT);
                NodeHealth health = health(server);
                NodeLoop loop = new NodeLoop(
                        settings,
                        inventory,
                        new HandOver(server, cluster.shadow),
                        new NodeRoutes(localRoute, settings.admission().serviceCidrs()),
                        health);
                NodeReport report = report(loop, server, health, inventory);
                AdminServer admin =
                        Serving.admin(options, settings, () -> loop.view().stale(stale(source.status())), server)) {
            accessLog.register(server.metrics());
            log.info(
                    "node {}: API server {}, admin endpoint http://{}",
                    settings.nodeName(),
                    api.url(),
                    admin.address());
            warnOfLoop(settings.admission().serviceCidrs());
            source.start();
            stop.await();
            loop.drain();
            Serving.drain(server, options.drainTimeout);
            return 0;
        } catch (InterruptedException e) {
            return 0; // whoever runs this in a thread of his own ends it so
        }
    }

    /** None in shadow mode: what another proxy serves is not for this one to complain of. */
    private @Nullable NodeReport report(NodeLoop loop, LoadBalancer server, NodeHealth health, Inventory inventory) {
        if (cluster.shadow) {
            return null;
        }
        ServiceEvents events = new ServiceEvents(api::create, settings.nodeName(), clock);
        return new NodeReport(loop::view, server, health, inventory, events);
    }

    /** In shadow mode another proxy answers for the node. */
    private NodeHealth health(LoadBalancer server) {
        return cluster.shadow
                ? NodeHealth.silent(config.ticker()::nanoTime, clock, server.metrics())
                : NodeHealth.start(cluster.healthz(), config.ticker()::nanoTime, clock, server.metrics());
    }

    private static @Nullable String stale(SourceStatus status) {
        return status.stale() ? status.detail() : null;
    }

    private void warnOfLoop(List<Cidr> ranges) {
        String warning = ApiServer.loopWarning(api.url(), ranges, System.getenv());
        if (warning != null) {
            log.warn("{}", warning);
        }
    }

    /** Which ranges need one is known when the cluster has said where its cluster IPs come from. */
    private @Nullable LocalRoute route() {
        if (settings.mode() == ClusterIpMode.BIND && !cluster.shadow) {
            route = LocalRoute.ensure(List.of(), LocalRoute::run);
        }
        return route;
    }
}
