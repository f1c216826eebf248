package io.podlb.kit;

import io.fabric8.kubernetes.api.model.Service;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Ticker;
import io.podlb.control.Embedded;
import io.podlb.control.EmbeddedOptions;
import io.podlb.control.admin.ControlView;
import io.podlb.control.admin.ExplainText;
import io.podlb.control.allocate.AdmissionOptions;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.server.VirtualClock;
import io.podlb.server.balance.Policies;
import io.podlb.server.relay.ConnectionView;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.FaultRule;
import io.podlb.server.service.FaultSet;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Kubernetes Services in this JVM, as {@code lb run} would serve them, with the Pods behind them. Addresses of
 * Kubernetes, cluster IPs and node ports included, are served at addresses that no other lab has, so labs with the same
 * manifests run side by side; handles say where.
 *
 * <p>Any thread may use a lab and its handles. Each change is in force when its method returns: new connections are
 * decided on by it. Whoever starts a lab closes it.
 */
public final class Lab implements AutoCloseable {

    /** A Service is of IPv4 alone unless it asks for more. */
    private static final AdmissionOptions DUAL_STACK = new AdmissionOptions(
            List.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd00:10:96::/112")),
            AdmissionOptions.DEFAULT.nodePortRange());

    private static final InetAddress NODE_IPV4 = InetAddresses.parse("0.0.0.0");
    private static final InetAddress NODE_IPV6 = InetAddresses.parse("::");
    private static final String DEFAULT_NAMESPACE = "default/";

    private final long seed;
    private final Places places;
    private final EventLoopGroup podLoop;
    private final Cluster cluster; // lock of the lab
    private final @Nullable VirtualClock clock;
    private final RecordBook records;
    private final Embedded podlb;
    private final List<Injection> injections = new CopyOnWriteArrayList<>();
    private volatile boolean closed; // written under the lock of the lab

    private Lab(LabBuilder builder, long seed, Places places, EventLoopGroup podLoop) {
        this.seed = seed;
        this.places = places;
        this.podLoop = podLoop;
        Behaviours behaviours = builder.behaviours();
        for (KitService service : builder.services()) {
            PodBehaviour behaviour = service.behaviour();
            behaviours = behaviour == null ? behaviours : behaviours.plus(service.key(), behaviour);
        }
        this.cluster = new Cluster(
                Declared.of(builder),
                builder.nodeName(),
                builder.zone(),
                behaviours,
                (pod, behaviour) -> new PodProcess(pod, behaviour, podLoop, places));
        this.clock = builder.isVirtual() ? new VirtualClock() : null;
        Ticker ticker = clock == null ? Ticker.systemTicker() : clock;
        this.records = new RecordBook(ticker, this::label);
        String policy = builder.policy();
        this.podlb = Embedded.start(EmbeddedOptions.of(
                        cluster.nodeName(), seed, (port, frontend) -> List.of(place(port.family(), frontend)))
                .withAdmission(DUAL_STACK)
                .withPolicy(policy == null ? Policies.DEFAULT : policy)
                .withDataPlane(config -> config.transport(builder.transport())
                        .eventLoops(builder.eventLoops())
                        .observer(records)
                        .ticker(ticker)));
    }

    /** Says what a lab is to be. */
    public static LabBuilder builder() {
        return new LabBuilder();
    }

    static Lab start(LabBuilder builder, long seed) {
        Places block = builder.isPortsOnly() ? null : AddressBlock.claim();
        Places places = block == null ? PortBlock.claim(InetAddresses.parse("127.0.0.1")) : block;
        EventLoopGroup podLoop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("kit-pods", true), NioIoHandler.newFactory());
        Lab lab;
        try {
            lab = new Lab(builder, seed, places, podLoop);
        } catch (RuntimeException e) {
            podLoop.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
            places.close();
            throw e;
        }
        try {
            lab.change(() -> {});
            Refusals.check(lab.view(), lab.podlb.server().listeners());
            return lab;
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    private SocketAddressSpec place(IpFamily family, FrontendPlan frontend) {
        InetAddress declared = frontend.address();
        InetAddress nominal = declared != null ? declared : family == IpFamily.IPV4 ? NODE_IPV4 : NODE_IPV6;
        return places.place(nominal, frontend.port());
    }

    /** {@code http}, {@code 53/UDP}: the name or the number of a service port. */
    private String label(ServicePortName port) {
        String name = port.port();
        if (name.isEmpty()) {
            name = podlb.view().services().stream()
                    .filter(plan -> plan.namespace().equals(port.namespace())
                            && plan.name().equals(port.service()))
                    .flatMap(plan -> plan.ports().stream())
                    .filter(plan -> plan.name().isEmpty() && plan.protocol() == port.protocol())
                    .map(plan -> Integer.toString(plan.port()))
                    .findFirst()
                    .orElse("");
        }
        return port.protocol() == Protocol.TCP ? name : name + "/" + port.protocol();
    }

    /** Makes a change and brings it into force. */
    synchronized void change(Runnable edit) {
        if (closed) {
            throw new IllegalStateException("the lab is closed; make changes before that");
        }
        edit.run();
        cluster.open();
        try {
            podlb.apply(cluster.objects(), cluster.reachedAt());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a change of the lab came into force", e);
        }
        cluster.bury();
    }

    /** The objects; for whoever holds the lock. */
    Cluster cluster() {
        return cluster;
    }

    ControlView view() {
        return podlb.view();
    }

    /**
     * A Service.
     *
     * @param name {@code name} in any namespace if there is but one of it, or {@code namespace/name}
     * @throws IllegalArgumentException if there is none, or more than one
     */
    public synchronized ServiceHandle service(String name) {
        List<Sourced<Service>> found = cluster.services().stream()
                .filter(service -> matches(name, service.object()))
                .toList();
        if (found.size() > 1) {
            found = found.stream()
                    .filter(service -> matches(DEFAULT_NAMESPACE + name, service.object()))
                    .toList();
        }
        if (found.size() != 1) {
            throw new IllegalArgumentException("service: \"" + name + "\" (expected: one of "
                    + cluster.services().stream().map(Lab::key).toList() + ")");
        }
        return new ServiceHandle(this, found.get(0).object());
    }

    private static boolean matches(String name, Service service) {
        return name.indexOf('/') < 0
                ? service.getMetadata().getName().equals(name)
                : name.equals(service.getMetadata().getNamespace() + "/"
                        + service.getMetadata().getName());
    }

    private static String key(Sourced<Service> service) {
        return service.object().getMetadata().getNamespace() + "/"
                + service.object().getMetadata().getName();
    }

    /** Every Service, in the order declared. */
    public synchronized List<ServiceHandle> services() {
        return cluster.services().stream()
                .map(service -> new ServiceHandle(this, service.object()))
                .toList();
    }

    /**
     * A Pod, of whatever Service or none.
     *
     * @param name {@code name} or {@code namespace/name}
     * @throws IllegalArgumentException if there is none
     */
    public synchronized PodHandle pod(String name) {
        return cluster.pods().stream()
                .filter(pod -> name.equals(pod.name()) || name.equals(pod.namespace() + "/" + pod.name()))
                .findFirst()
                .map(pod -> new PodHandle(this, pod))
                .orElseThrow(() -> new IllegalArgumentException("pod: \"" + name + "\" (expected: one of "
                        + cluster.pods().stream().map(LabPod::name).toList() + ")"));
    }

    /**
     * The record of every connection and UDP flow so far, open ones included, the first to come first; of those that have
     * ended the latest 100 000. A connection is known to have ended before its client sees that; where it is the client
     * who ends it, soon after.
     */
    public List<ConnectionRecord> connections() {
        return closed ? records.ended() : records.all(podlb.server());
    }

    /**
     * Notes that something happens now, for timelines. What handles do to Pods is noted by itself.
     *
     * @param text a few words for people
     * @return the moment, as records have it
     */
    public Duration mark(String text) {
        return records.mark(text);
    }

    /** What has been noted so far. */
    public List<Timeline.Mark> marks() {
        return records.marks();
    }

    /** The records of connections that were open at some time since then. */
    List<ConnectionRecord> connectionsSince(Duration start) {
        return connections().stream()
                .filter(record -> record.isOpen()
                        || record.started().plus(record.lasted()).compareTo(start) >= 0)
                .toList();
    }

    /** The time since the lab began, as records have it. */
    Duration now() {
        return records.now();
    }

    /** Connections that are open, by the data plane; none once the lab is closed. */
    List<ConnectionView> open() {
        return closed
                ? List.of()
                : podlb.server().connections().toCompletableFuture().join().stream()
                        .filter(connection -> connection.endReason() == null)
                        .toList();
    }

    /**
     * The clock of the data plane, to move it: {@code lab.clock().advance(Duration.ofHours(3))}.
     *
     * @throws IllegalStateException if the lab goes by the time of day
     */
    public VirtualClock clock() {
        if (clock == null) {
            throw new IllegalStateException("the clock of this lab cannot be moved; build it with virtualClock()");
        }
        return clock;
    }

    /** The seed that every random choice of this lab comes from. */
    public long seed() {
        return seed;
    }

    /** The node that the lab is. */
    public String nodeName() {
        return podlb.view().node().name();
    }

    /** {@code io_uring}, {@code epoll} or {@code nio}. */
    public String transport() {
        return podlb.server().transport();
    }

    /** What a person should know of the objects, one line each: warnings and notes. */
    public List<String> problems() {
        return Refusals.problems(podlb.view()).stream().map(Problem::toString).toList();
    }

    /**
     * Does these faults to every connection that they are for, until they are taken back. They begin as one; several
     * injections at once add up.
     */
    public Injection inject(KitFault... faults) {
        return inject("", KitFault.rules(faults));
    }

    /**
     * The same with rules as text, {@code latency=100ms~20ms; to=client}; several are divided by line breaks or {@code |}.
     *
     * @throws IllegalArgumentException in one line with the rule and the word at fault and what was expected
     */
    public Injection inject(String rules) {
        return inject("", FaultSet.parse(rules).rules());
    }

    /** To what has that name, to which the rules are bound already. */
    synchronized Injection inject(String whose, List<FaultRule> rules) {
        if (closed || rules.isEmpty()) {
            throw new IllegalStateException(
                    closed ? "the lab is closed; inject faults before that" : "no fault is given");
        }
        FaultSet set = new FaultSet(rules);
        Injection injection = new Injection(whose + set, podlb.server().inject(set), ended -> {
            injections.remove(ended);
            mark("no longer: " + ended);
        });
        injections.add(injection);
        mark("fault: " + injection);
        return injection;
    }

    /** Those that nobody has taken back and whose time is not over. */
    List<Injection> injections() {
        return injections.stream().filter(Injection::isInForce).toList();
    }

    /** Every Service with its verdicts, endpoints and shares, as {@code lb explain} prints them. */
    public String explain() {
        return ExplainText.of(podlb.view(), podlb.policies());
    }

    /** Resets every connection, ends every Pod, and frees all addresses. Does nothing the second time. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            injections.forEach(Injection::close);
            podlb.close();
            cluster.close();
            podLoop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
            places.close();
        }
    }
}
