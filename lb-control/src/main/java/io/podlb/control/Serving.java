package io.podlb.control;

import io.podlb.control.admin.AdminServer;
import io.podlb.control.admin.AdminSources;
import io.podlb.control.admin.ControlView;
import io.podlb.server.LoadBalancer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the verbs that serve have in common. */
final class Serving {

    private Serving() {}

    /** The result of a start; what keeps it from starting is for the user to mend. */
    static <T extends @Nullable Object> T started(Supplier<T> start) {
        try {
            return start.get();
        } catch (IllegalStateException e) {
            throw CommandFailure.failed(String.valueOf(e.getMessage()));
        }
    }

    /** Opens the admin endpoint. */
    static AdminServer admin(
            ServerOptions options, Settings settings, Supplier<ControlView> view, LoadBalancer server) {
        return started(() -> AdminServer.start(
                options.admin,
                options.adminHosts,
                new AdminSources(
                        view,
                        server::listeners,
                        server::connections,
                        server.metrics(),
                        settings.policies(),
                        VersionCommand.version())));
    }
}
