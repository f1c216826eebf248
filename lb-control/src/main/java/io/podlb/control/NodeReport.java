package io.podlb.control;

import io.podlb.control.admin.ControlView;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.health.NodeHealth;
import io.podlb.control.report.Complaint;
import io.podlb.control.report.ServiceEvents;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.LoadBalancer;
import io.podlb.server.listener.ListenerView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every few seconds what keeps a Service from being served here, and has it told to those who own the Service.
 * What is mended by the next look is not spoken of. A thread of its own, so that an API server that does not answer
 * holds up nothing else.
 *
 * <p>Made and closed by one thread. Owns nothing but its thread.
 */
final class NodeReport implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NodeReport.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Supplier<ControlView> view;
    private final LoadBalancer server;
    private final NodeHealth health;
    private final Inventory inventory;
    private final ServiceEvents events;
    private final ControlThread thread = new ControlThread("lb-report");

    /** Begins to look. */
    NodeReport(
            Supplier<ControlView> view,
            LoadBalancer server,
            NodeHealth health,
            Inventory inventory,
            ServiceEvents events) {
        this.view = view;
        this.server = server;
        this.health = health;
        this.inventory = inventory;
        this.events = events;
        thread.every(PAUSE, this::look);
    }

    private void look() {
        try {
            events.tell(complaints());
        } catch (RuntimeException e) {
            log.error("a look for what has to be reported failed, the next one follows", e); // and must not be the last
        }
    }

    /** Everything that there is to complain of now, ordered by reason and Service. */
    List<Complaint> complaints() {
        List<Complaint> complaints = new ArrayList<>();
        for (ServicePlan plan : view.get().services()) {
            List<String> errors = plan.problems().stream()
                    .filter(problem -> problem.severity() == Severity.ERROR)
                    .map(NodeReport::text)
                    .toList();
            add(complaints, new ServiceKey(plan.namespace(), plan.name()), Complaint.NOT_SERVED, errors);
        }
        Map<ServiceKey, List<String>> failures = new LinkedHashMap<>();
        for (ListenerView listener : server.listeners()) {
            if (listener.state() == ListenerView.State.FAILED && listener.failure() != null) {
                ServiceKey key = new ServiceKey(
                        listener.port().namespace(), listener.port().service());
                failures.computeIfAbsent(key, any -> new ArrayList<>()).add(listener.failure());
            }
        }
        failures.forEach((key, texts) -> add(complaints, key, Complaint.FAILED_TO_BIND, texts));
        health.failures().forEach((key, text) -> add(complaints, key, Complaint.FAILED_HEALTH_CHECK, List.of(text)));
        return complaints;
    }

    private static String text(Problem problem) {
        return (problem.field() == null ? "" : problem.field() + ": ") + problem.message() + "; " + problem.remedy();
    }

    /** One for all of a kind. */
    private void add(List<Complaint> complaints, ServiceKey key, String reason, List<String> texts) {
        Sourced<?> service = inventory.get(key).service();
        if (!texts.isEmpty() && service != null) {
            String more = texts.size() == 1 ? "" : " (and " + (texts.size() - 1) + " more)";
            complaints.add(new Complaint(key, uid(service), reason, texts.get(0) + more));
        }
    }

    private static @Nullable String uid(Sourced<?> service) {
        return service.object().getMetadata().getUid();
    }

    /** Ends, in the middle of a request if need be. */
    @Override
    public void close() {
        thread.close();
    }
}
