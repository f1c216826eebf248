package io.podlb.kit;

import io.podlb.control.cluster.Problem.Severity;
import io.podlb.control.source.Loaded;
import io.podlb.control.source.ManifestReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says what a {@link Lab} is to be; each method returns the builder. It may start any number of labs, one after the
 * other or at once, and each is one of its own. Not thread-safe while it is written to.
 */
public final class LabBuilder {

    /** The system property that fixes the seed of every lab of a run, whatever else says. */
    public static final String SEED_PROPERTY = "podlb.seed";

    private static final String CLASSPATH = "classpath:";

    private final List<Loaded> objects = new ArrayList<>();
    private final List<KitService> services = new ArrayList<>();
    private Behaviours behaviours = new Behaviours(List.of());
    private @Nullable Long seed;
    private @Nullable String nodeName;
    private @Nullable String zone;
    private @Nullable String transport;
    private @Nullable String policy;
    private int eventLoops = 1;
    private boolean portsOnly;
    private boolean virtualClock;

    LabBuilder() {}

    /**
     * More manifests.
     *
     * @param places {@code classpath:} and the name of a resource, or a file or folder as {@code kubectl -f} takes them
     * @throws IllegalArgumentException if one is not there or cannot be read
     */
    public LabBuilder manifests(String... places) {
        for (String place : places) {
            objects.add(checked(
                    place.startsWith(CLASSPATH) ? resource(place) : ManifestReader.read(List.of(Path.of(place)))));
        }
        return this;
    }

    /** One more manifest as a text of one or more YAML documents. */
    public LabBuilder yaml(String text) {
        objects.add(checked(ManifestReader.read("yaml", text)));
        return this;
    }

    private static Loaded resource(String place) {
        String name = place.substring(CLASSPATH.length()).replaceFirst("^/", "");
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        ClassLoader loader = context == null ? LabBuilder.class.getClassLoader() : context;
        try (InputStream resource = loader.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalArgumentException("manifest " + place + " is not on the class path");
            }
            return ManifestReader.read(place, new String(resource.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Loaded checked(Loaded loaded) {
        String errors = Refusals.lines(loaded.problems(), Severity.ERROR);
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException(errors);
        }
        return loaded;
    }

    /** One more Service with its Pods. */
    public LabBuilder service(KitService service) {
        services.add(service);
        return this;
    }

    /**
     * What embedded Pods do; where several rules fit the last one counts.
     *
     * @param pods labels like {@code app=web,tier=front}, or the name of a workload or Pod, with its namespace if need be
     */
    public LabBuilder pods(String pods, PodBehaviour behaviour) {
        behaviours = behaviours.plus(pods, behaviour);
        return this;
    }

    /** Where every random choice comes from; by default another number each time. */
    public LabBuilder seed(long value) {
        seed = value;
        return this;
    }

    /** Which node the lab is; by default the first of the manifests, or {@code lab}. */
    public LabBuilder nodeName(String name) {
        nodeName = name;
        return this;
    }

    /** The zone of the lab's node, where the manifests have no such Node. */
    public LabBuilder zone(String name) {
        zone = name;
        return this;
    }

    /** {@code io_uring}, {@code epoll} or {@code nio}; by default the first of these that works here. */
    public LabBuilder transport(String name) {
        transport = name;
        return this;
    }

    /** The balancing policy of a Service that names none; {@code random} by default. */
    public LabBuilder defaultPolicy(String name) {
        policy = name;
        return this;
    }

    /**
     * Threads that move bytes; one by default. With more, connections that come at the same time may be decided on in
     * another order than they came.
     */
    public LabBuilder eventLoops(int count) {
        eventLoops = count;
        return this;
    }

    /**
     * Uses ports of 127.0.0.1 in place of a block of 127.0.0.0/8, as a lab does of itself where a system has no other
     * loopback address.
     */
    public LabBuilder portsOnly() {
        portsOnly = true;
        return this;
    }

    /**
     * The lab has a clock that stands still until {@link Lab#clock} is moved. All of the data plane goes by it: idle
     * timeouts, ejections, slow starts, drains. Active checks, Pods and clients do not.
     */
    public LabBuilder virtualClock() {
        virtualClock = true;
        return this;
    }

    /**
     * Starts a lab. Returns when everything is in force.
     *
     * @throws IllegalArgumentException if an object cannot be served, or the policy does not exist
     * @throws IllegalStateException if an address cannot be bound, or the transport does not work here
     */
    public Lab start() {
        return Lab.start(this, effectiveSeed());
    }

    private long effectiveSeed() {
        String property = System.getProperty(SEED_PROPERTY);
        if (property != null) {
            return seed("-D" + SEED_PROPERTY, property);
        }
        return seed != null ? seed : new SecureRandom().nextLong();
    }

    /**
     * A seed as text.
     *
     * @param source where it was said, for the message
     */
    static long seed(String source, String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(source + "=" + text + " (expected: a whole number)", e);
        }
    }

    List<Loaded> objects() {
        return objects;
    }

    List<KitService> services() {
        return services;
    }

    Behaviours behaviours() {
        return behaviours;
    }

    @Nullable
    String nodeName() {
        return nodeName;
    }

    @Nullable
    String zone() {
        return zone;
    }

    @Nullable
    String transport() {
        return transport;
    }

    @Nullable
    String policy() {
        return policy;
    }

    int eventLoops() {
        return eventLoops;
    }

    boolean isVirtual() {
        return virtualClock;
    }

    boolean isPortsOnly() {
        return portsOnly;
    }
}
