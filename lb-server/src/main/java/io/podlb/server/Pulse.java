package io.podlb.server;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Looks after the service ports that change with time, four times a second, and sleeps while there are none.
 *
 * <p>Thread rule: the control thread.
 */
final class Pulse {

    private static final Duration PERIOD = Duration.ofMillis(250);

    private final EventExecutor control;
    private final Set<ServicePort> restless = new LinkedHashSet<>();
    private boolean beating;

    Pulse(EventExecutor control) {
        this.control = control;
    }

    /** A service port has changed. */
    void watch(ServicePort port) {
        if (port.isRestless() && restless.add(port) && !beating) {
            beating = true;
            schedule();
        }
    }

    /** A service port is gone. */
    void forget(ServicePort port) {
        restless.remove(port);
    }

    private void schedule() {
        control.schedule(this::beat, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void beat() {
        for (ServicePort port : List.copyOf(restless)) {
            port.pulse();
            if (!port.isRestless()) {
                restless.remove(port);
            }
        }
        beating = !restless.isEmpty();
        if (beating) {
            schedule();
        }
    }
}
