package io.podlb.control;

import io.podlb.control.access.AccessLog;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.address.LocalRoute;
import io.podlb.control.admin.AdminServer;
import io.podlb.control.check.Checks;
import io.podlb.control.simulate.PodServers;
import io.podlb.control.source.Loaded;
import io.podlb.control.source.ManifestSource;
import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One run of podlb without a cluster, from the first table to the drain. Used once, by one thread, which waits in it
 * for a signal or an interrupt. Owns everything that it starts.
 */
final class Standalone {

    /** How long the list of what is served waits for checks to say what is ready. */
    private static final Duration FIRST_CHECKS = Duration.ofSeconds(2);

    private final Settings settings;
    private final ServerOptions options;
    private final AccessLog access;
    private final LoadBalancerConfig config;
    private final Planner planner;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile @Nullable LocalRoute route; // for the signal that wants an end at once

    /**
     * Prepares a run; opens nothing.
     *
     * @throws CommandFailure if options cannot be meant so together
     */
    Standalone(Settings settings, ServerOptions options, NodeOptions node, LogOptions log, Clock clock) {
        this.settings = settings;
        this.options = options;
        this.planner = new Planner(settings);
        this.access = options.accessLog(settings, log, clock);
        this.config = options.config(settings, node, access);
    }

    /**
     * Serves until it is told to stop.
     *
     * @param first what to serve
     * @param source where changes come from; null if there are none
     * @param demo whether to print what to try
     * @return the exit status
     * @throws CommandFailure if it cannot begin to serve
     */
    int serve(Loaded first, @Nullable ManifestSource source, PrintWriter out, boolean demo) {
        try (Signals signals = Signals.install(stop::countDown, () -> Serving.quit(route));
                LocalRoute localRoute = Serving.started(this::route);
                AccessLog log = access.start();
                LoadBalancer server = Serving.started(() -> LoadBalancer.start(config));
                PodServers pods = settings.simulatePods()
                        ? new PodServers(settings.admission().nodePortRange())
                        : null;
                Checks checks = new Checks(settings.random(), server.metrics());
                ControlLoop loop = new ControlLoop(planner, server, pods, checks);
                AdminServer admin = Serving.admin(options, settings, loop::view, server)) {
            log.register(server.metrics());
            serveFirst(loop, first);
            if (checks.awaitFirstTries(FIRST_CHECKS)) {
                serveFirst(loop, first); // so that what is listed is what has passed
            }
            new Listing(loop.view(), server.listeners(), admin.address()).print(out, demo);
            if (source != null) {
                source.watch(loop::submit);
            }
            stop.await();
            loop.drain();
            Serving.drain(server, options.drainTimeout);
            return 0;
        } catch (InterruptedException e) {
            return 0; // whoever runs this in a thread of his own ends it so
        }
    }

    private static void serveFirst(ControlLoop loop, Loaded first) throws InterruptedException {
        try {
            loop.submit(first).get();
        } catch (ExecutionException e) {
            throw CommandFailure.failed("nothing can be served (" + e.getCause() + "); the log has the details");
        }
    }

    private @Nullable LocalRoute route() {
        if (settings.mode() == ClusterIpMode.BIND) {
            route = LocalRoute.ensure(settings.admission().serviceCidrs(), LocalRoute::run);
        }
        return route;
    }
}
