package io.podlb.control.cluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.server.service.Cidr;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a cluster as its API server told them last, by Service, and which Services were touched since somebody
 * looked. A change costs what its Service costs, however many there are.
 *
 * <p>Any thread; one lock, never held while somebody else's code runs. The objects are not copied and must not change.
 */
public final class Inventory {

    private static final String OWNER = "kubernetes.io/service-name";
    private static final String TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time";

    private final LongSupplier nanoTime;
    private final Instant start;
    private final Origin origin;
    private volatile Runnable alarm = () -> {};

    // All guarded by this.
    private final Map<ServiceKey, Sourced<Service>> services = new HashMap<>();
    private final Map<ServiceKey, Map<String, Sourced<EndpointSlice>>> slices = new HashMap<>();
    private final Map<ServiceKey, ServiceKey> owners = new HashMap<>(); // by key of the slice
    private @Nullable Node node;
    private List<Cidr> ranges = List.of();
    private boolean complete;
    private boolean everything;
    private Map<ServiceKey, Touched> touched = new LinkedHashMap<>();
    private long serviceChanges;
    private long takenServiceChanges;
    private long sliceChanges;
    private long takenSliceChanges;

    /**
     * One without objects.
     *
     * @param nanoTime for the times of changes
     * @param start programming times are not measured of changes older than this (kube-semantics 12.1)
     * @param origin what the objects' origin is called
     */
    public Inventory(LongSupplier nanoTime, Instant start, String origin) {
        this.nanoTime = nanoTime;
        this.start = start;
        this.origin = new Origin(origin, 0);
    }

    /**
     * A Service that was touched.
     *
     * @param sinceNanos when the first of its changes came, in the time of the inventory
     * @param triggers when what changed its endpoints happened, as its slices say (kube-semantics 12.1)
     */
    public record Touched(long sinceNanos, List<Instant> triggers) {

        private Touched with(@Nullable Instant trigger) {
            if (trigger == null) {
                return this;
            }
            List<Instant> all = new ArrayList<>(triggers);
            all.add(trigger);
            return new Touched(sinceNanos, List.copyOf(all));
        }

        private Touched before(Touched later) {
            List<Instant> all = new ArrayList<>(triggers);
            all.addAll(later.triggers);
            return new Touched(sinceNanos, List.copyOf(all));
        }
    }

    /**
     * What has changed.
     *
     * @param everything whether all Services have to be looked at again
     * @param services those that were touched, in the order of their first change
     * @param node this node's object; null if there is none
     * @param serviceRanges where cluster IPs come from; empty if the cluster does not say
     */
    public record Changes(
            boolean everything,
            Map<ServiceKey, Touched> services,
            @Nullable Node node,
            List<Cidr> serviceRanges) {}

    /** A Service and its slices, as of one moment; null where there is no such Service. */
    public record ServiceObjects(@Nullable Sourced<Service> service, List<Sourced<EndpointSlice>> slices) {}

    /** Says whom to wake when something has changed. It is called by the thread that brought the change, often. */
    public void onChange(Runnable listener) {
        alarm = listener;
    }

    /** The latest version of a Service; null: it is gone, or no longer among those that this proxy sees. */
    public void service(ServiceKey key, @Nullable Service service) {
        synchronized (this) {
            if (service == null ? services.remove(key) == null : !isNews(services.get(key), service)) {
                return;
            }
            if (service != null) {
                services.put(key, new Sourced<>(service, origin));
            }
            serviceChanges++;
            touch(key, null);
        }
        alarm.run();
    }

    /**
     * The latest version of a slice; null: it is gone, or no longer among those that this proxy sees.
     *
     * @param key namespace and name of the slice itself
     */
    public void slice(ServiceKey key, @Nullable EndpointSlice slice) {
        synchronized (this) {
            ServiceKey before = owners.get(key);
            ServiceKey owner = slice == null ? null : owner(slice);
            if (before != null && !before.equals(owner)) {
                Map<String, Sourced<EndpointSlice>> left = slices.get(before);
                if (left != null && left.remove(key.name()) != null && left.isEmpty()) {
                    slices.remove(before);
                }
                owners.remove(key);
                forgetTriggers(before);
                sliceChanges += owner == null ? 1 : 0; // else below
                touch(before, null);
            }
            if (slice != null && owner != null) {
                Map<String, Sourced<EndpointSlice>> mine = slices.computeIfAbsent(owner, any -> new HashMap<>());
                if (!isNews(mine.get(key.name()), slice)) {
                    return;
                }
                mine.put(key.name(), new Sourced<>(slice, origin));
                owners.put(key, owner);
                sliceChanges++;
                touch(owner, trigger(slice));
            }
        }
        alarm.run();
    }

    /** The latest version of this node's own object; null if there is none. */
    public void node(@Nullable Node latest) {
        synchronized (this) {
            if (Objects.equals(latest, node)) {
                return;
            }
            node = latest;
            everything = true;
        }
        alarm.run();
    }

    /** Where the cluster takes its cluster IPs from; empty if it does not say. */
    public void serviceRanges(List<Cidr> latest) {
        synchronized (this) {
            if (latest.equals(ranges)) {
                return;
            }
            ranges = List.copyOf(latest);
            everything = true;
        }
        alarm.run();
    }

    /** All initial lists are complete: before that nothing may be served (kube-semantics 1.11). */
    public void complete() {
        synchronized (this) {
            everything |= !complete; // an empty cluster has a first table too
            complete = true;
        }
        alarm.run();
    }

    public synchronized boolean isComplete() {
        return complete;
    }

    /** What was touched since the last call, and forgets it; null if there is nothing, or not everything is known yet. */
    public synchronized @Nullable Changes take() {
        if (!complete || !everything && touched.isEmpty()) {
            return null;
        }
        Changes changes = new Changes(everything, touched, node, ranges);
        everything = false;
        takenServiceChanges = serviceChanges;
        takenSliceChanges = sliceChanges;
        touched = new LinkedHashMap<>();
        return changes;
    }

    /** Changes that came to nothing, to be taken again; all Services are looked at then. Wakes nobody. */
    public synchronized void putBack(Changes changes) {
        everything = true;
        Map<ServiceKey, Touched> all = new LinkedHashMap<>(changes.services());
        touched.forEach((key, later) -> all.merge(key, later, Touched::before));
        touched = all;
    }

    /** The time of this inventory. */
    public long nanoTime() {
        return nanoTime.getAsLong();
    }

    /**
     * How many changes came.
     *
     * @param services of Services, since the start
     * @param pendingServices of these the ones that nobody has taken
     * @param slices the same for slices
     */
    public record ChangeCounts(long services, long pendingServices, long slices, long pendingSlices) {}

    /** As of now. */
    public synchronized ChangeCounts counts() {
        return new ChangeCounts(
                serviceChanges, serviceChanges - takenServiceChanges, sliceChanges, sliceChanges - takenSliceChanges);
    }

    /** What is known of a Service. */
    public synchronized ServiceObjects get(ServiceKey key) {
        Map<String, Sourced<EndpointSlice>> found = slices.get(key);
        if (found == null) {
            return new ServiceObjects(services.get(key), List.of());
        }
        List<Sourced<EndpointSlice>> ordered = new ArrayList<>(found.values());
        ordered.sort(Comparator.comparing(slice -> slice.object().getMetadata().getName()));
        return new ServiceObjects(services.get(key), ordered);
    }

    /** The Services that are known. */
    public synchronized List<ServiceKey> keys() {
        return List.copyOf(services.keySet());
    }

    /** Re-delivery is no change (kube-semantics 3.1); neither is an edit of what this proxy does not keep (2.16). */
    private static boolean isNews(@Nullable Sourced<?> known, Object latest) {
        return known == null || !known.object().equals(latest);
    }

    private void touch(ServiceKey key, @Nullable Instant trigger) {
        touched.merge(
                key,
                new Touched(nanoTime.getAsLong(), List.of()).with(trigger),
                (before, unused) -> before.with(trigger));
    }

    /** The deletion of a slice discards the pending triggers of its Service (kube-semantics 12.1). */
    private void forgetTriggers(ServiceKey key) {
        touched.computeIfPresent(key, (unused, pending) -> new Touched(pending.sinceNanos(), List.of()));
    }

    private static @Nullable ServiceKey owner(EndpointSlice slice) {
        Map<String, String> labels = slice.getMetadata().getLabels();
        String name = labels == null ? null : labels.get(OWNER);
        return name == null || name.isEmpty()
                ? null
                : new ServiceKey(slice.getMetadata().getNamespace(), name);
    }

    private @Nullable Instant trigger(EndpointSlice slice) {
        Map<String, String> annotations = slice.getMetadata().getAnnotations();
        String text = annotations == null ? null : annotations.get(TRIGGER);
        if (text == null) {
            return null;
        }
        try {
            Instant trigger = Instant.parse(text);
            return trigger.isBefore(start) ? null : trigger;
        } catch (DateTimeParseException e) {
            return null; // kube-semantics 12.1
        }
    }
}
