package io.podlb.control;

import io.podlb.control.address.LocalRoute;
import io.podlb.control.admin.AdminServer;
import io.podlb.control.admin.AdminSources;
import io.podlb.control.admin.ControlView;
import io.podlb.control.admin.FaultControl;
import io.podlb.control.translate.FaultPermission;
import io.podlb.server.LoadBalancer;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the verbs that serve have in common. */
final class Serving {

    private static final Logger log = LoggerFactory.getLogger(Serving.class);

    private Serving() {}

    /** The result of a start; what keeps it from starting is for the user to mend. */
    static <T extends @Nullable Object> T started(Supplier<T> start) {
        try {
            return start.get();
        } catch (IllegalStateException e) {
            throw CommandFailure.failed(String.valueOf(e.getMessage()));
        }
    }

    /** Lets open connections finish for so long, cuts the others, and says so. */
    static void drain(LoadBalancer server, Duration timeout) throws InterruptedException {
        log.info("stopping: open connections have {} s to finish", timeout.toMillis() / 1000.0);
        try {
            int cut = server.drain(timeout).toCompletableFuture().get();
            log.info("stopped: {} connections were cut", cut);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** A second signal: nothing is waited for, but the machine is left as it was. */
    static void quit(@Nullable LocalRoute added) {
        if (added != null) {
            added.close();
        }
        Runtime.getRuntime().halt(CommandFailure.FAILED);
    }

    /** Opens the admin endpoint. */
    static AdminServer admin(
            ServerOptions options, Settings settings, Supplier<ControlView> view, LoadBalancer server) {
        boolean faults = settings.translation().faults() == FaultPermission.GIVEN;
        return started(() -> AdminServer.start(
                options.admin,
                options.adminHosts,
                new AdminSources(
                        view,
                        server::listeners,
                        server::connections,
                        server::flows,
                        server::drains,
                        server.metrics(),
                        settings.policies(),
                        VersionCommand.version(),
                        faults ? new FaultControl(server::faults, server::faults) : null)));
    }
}
