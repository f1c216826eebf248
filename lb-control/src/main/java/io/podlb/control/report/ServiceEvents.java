package io.podlb.control.report;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes complaints as Events of the core API, few at a time: the same of one Service not again within ten minutes, 25 in
 * a row, and then one every five seconds. What is not written now is when it is complained of again. If an Event cannot
 * be written, that is logged once, and the next attempt follows a minute later.
 *
 * <p>One thread, which waits for the API server.
 */
public final class ServiceEvents {

    private static final Logger log = LoggerFactory.getLogger(ServiceEvents.class);
    private static final Duration SILENCE = Duration.ofMinutes(10);
    private static final Duration PER_EVENT = Duration.ofSeconds(5);
    private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);
    private static final int IN_A_ROW = 25;
    private static final int MAX_NOTE = 1024; // as the API server has it
    private static final String COMPONENT = "podlb";

    private final Consumer<Event> target;
    private final String nodeName;
    private final InstantSource wall;
    private final Map<String, Instant> told = new HashMap<>();
    private Instant full; // when as many as fit in a row may be written
    private Instant notBefore = Instant.MIN;
    private boolean failing;
    private long lastNumber;

    /**
     * Writes nothing yet.
     *
     * @param target creates the object in the cluster; fails with a {@link KubernetesClientException}
     * @param nodeName of this node
     */
    public ServiceEvents(Consumer<Event> target, String nodeName, InstantSource wall) {
        this.target = target;
        this.nodeName = nodeName;
        this.wall = wall;
        this.full = wall.instant();
    }

    /** What there is to complain of now, all of it. */
    public void tell(List<Complaint> complaints) {
        Instant now = wall.instant();
        told.values().removeIf(then -> Duration.between(then, now).compareTo(SILENCE) >= 0);
        if (now.isBefore(notBefore)) {
            return;
        }
        for (Complaint complaint : complaints) {
            String about = complaint.service() + " " + complaint.uid() + " " + complaint.reason();
            if (told.containsKey(about)) {
                continue;
            }
            if (!mayWrite(now) || !write(complaint, now)) {
                return;
            }
            told.put(about, now);
        }
    }

    /** A bucket of tokens, kept as the moment when it will be full. */
    private boolean mayWrite(Instant now) {
        Instant next = (full.isBefore(now) ? now : full).plus(PER_EVENT);
        if (Duration.between(now, next).compareTo(PER_EVENT.multipliedBy(IN_A_ROW)) > 0) {
            return false;
        }
        full = next;
        return true;
    }

    private boolean write(Complaint complaint, Instant now) {
        try {
            target.accept(event(complaint, now));
            if (failing) {
                log.info("Events can be written again");
            }
            failing = false;
            return true;
        } catch (KubernetesClientException e) {
            if (!failing) {
                log.warn(
                        "Events about Services cannot be written ({}), everything else goes on{}",
                        e.getCode() == 0 ? e.getMessage() : "HTTP status " + e.getCode(),
                        e.getCode() == 403 ? "; grant the right to create events" : "");
            }
            failing = true;
            notBefore = now.plus(AFTER_FAILURE);
            return false;
        }
    }

    private Event event(Complaint complaint, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        String note = complaint.note();
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(complaint.service().namespace())
                .withName(complaint.service().name() + "." + number(now))
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion("v1")
                .withKind("Service")
                .withNamespace(complaint.service().namespace())
                .withName(complaint.service().name())
                .withUid(complaint.uid())
                .endInvolvedObject()
                .withType("Warning")
                .withReason(complaint.reason())
                .withMessage(note.length() <= MAX_NOTE ? note : note.substring(0, MAX_NOTE - 1) + "\u2026")
                .withFirstTimestamp(time)
                .withLastTimestamp(time)
                .withCount(1)
                .withNewSource()
                .withComponent(COMPONENT)
                .withHost(nodeName)
                .endSource()
                .withReportingComponent(COMPONENT)
                .withReportingInstance(nodeName)
                .build();
    }

    /** Unique among those of one Service, as the Events of others are: by the time. */
    private String number(Instant now) {
        lastNumber = Math.max(lastNumber + 1, ChronoUnit.NANOS.between(Instant.EPOCH, now));
        return Long.toHexString(lastNumber);
    }
}
