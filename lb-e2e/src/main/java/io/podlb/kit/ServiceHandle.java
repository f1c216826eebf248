package io.podlb.kit;

import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.admin.ControlView;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.service.FaultRule;
import io.podlb.server.service.FaultSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A Service of a {@link Lab}. Addresses that it gives are those to connect to, where the lab serves what the objects
 * declare. Any thread.
 */
public final class ServiceHandle {

    private final Lab lab;
    private final Service service;

    ServiceHandle(Lab lab, Service service) {
        this.lab = lab;
        this.service = service;
    }

    public String name() {
        return service.getMetadata().getName();
    }

    public String namespace() {
        return service.getMetadata().getNamespace();
    }

    /** Where its cluster IP is served, at its first port; of two cluster IPs the first. */
    public InetSocketAddress address() {
        return frontEnd(FrontendKind.CLUSTER_IP, ServiceHandle::any, "a port");
    }

    /** Where its cluster IP is served, at the port with that number. */
    public InetSocketAddress address(int port) {
        return frontEnd(FrontendKind.CLUSTER_IP, plan -> plan.port() == port, "port " + port);
    }

    /** Where its cluster IP is served, at the port with that name or number. */
    public InetSocketAddress address(String port) {
        return frontEnd(
                FrontendKind.CLUSTER_IP,
                plan -> plan.name().equals(port)
                        || Integer.toString(plan.port()).equals(port),
                "port " + port);
    }

    /** Where its cluster IP of IPv6 is served, at its first port. */
    public InetSocketAddress ipv6Address() {
        return frontEnd(FrontendKind.CLUSTER_IP, ServiceHandle::any, "IPv6", IpFamily.IPV6);
    }

    /** Where the node port of its first port is served. */
    public InetSocketAddress nodePort() {
        return frontEnd(FrontendKind.NODE_PORT, ServiceHandle::any, "a port");
    }

    /** Where the node port of the port with that number is served. */
    public InetSocketAddress nodePort(int port) {
        return frontEnd(FrontendKind.NODE_PORT, plan -> plan.port() == port, "port " + port);
    }

    /** Where its first external IP is served, at its first port. */
    public InetSocketAddress externalIp() {
        return frontEnd(FrontendKind.EXTERNAL_IP, ServiceHandle::any, "a port");
    }

    /** Where the first address of its load balancer is served, at its first port. */
    public InetSocketAddress loadBalancer() {
        return frontEnd(FrontendKind.LOAD_BALANCER, ServiceHandle::any, "a port");
    }

    /** {@code http://127.130.7.1:10080/} for {@link #address()}. */
    public URI uri() {
        return uri(address());
    }

    static URI uri(InetSocketAddress address) {
        return URI.create("http://" + new SocketAddressSpec(address.getAddress(), address.getPort()) + "/");
    }

    private InetSocketAddress frontEnd(FrontendKind kind, Predicate<PortPlan> wanted, String what) {
        return frontEnd(kind, wanted, what, null);
    }

    private InetSocketAddress frontEnd(
            FrontendKind kind, Predicate<PortPlan> wanted, String what, @Nullable IpFamily only) {
        ControlView view = lab.view();
        ServicePlan plan = plan(view);
        for (PortPlan port : plan.ports()) {
            if (wanted.test(port)) {
                for (FamilyPlan family : port.families()) {
                    for (FrontendPlan frontend : family.frontends()) {
                        if (frontend.kind() == kind
                                && (only == null || family.name().family() == only)) {
                            return view.placement()
                                    .of(family.name(), frontend)
                                    .get(0)
                                    .toSocketAddress();
                        }
                    }
                }
            }
        }
        List<String> ports = new ArrayList<>();
        plan.ports()
                .forEach(port -> ports.add(port.name().isEmpty() ? "" + port.port() : port.name() + " " + port.port()));
        throw new IllegalArgumentException(this + ", of type " + plan.type() + ", has no " + kind.label() + " for "
                + what + "; its ports are " + ports);
    }

    private static boolean any(PortPlan port) {
        return true;
    }

    private ServicePlan plan(ControlView view) {
        return view.services().stream()
                .filter(plan ->
                        plan.namespace().equals(namespace()) && plan.name().equals(name()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(this + " is not served; the lab is closed"));
    }

    /** The Pods that it selects, ready or not, in the order that they came. */
    public List<PodHandle> pods() {
        synchronized (lab) {
            return lab.cluster().pods(service).stream()
                    .map(pod -> new PodHandle(lab, pod))
                    .toList();
        }
    }

    /**
     * One of its Pods.
     *
     * @param index its place in {@link #pods}, from 0
     */
    public PodHandle pod(int index) {
        List<PodHandle> pods = pods();
        if (index < 0 || index >= pods.size()) {
            throw new IllegalArgumentException(
                    "index: " + index + " (expected: from 0, " + this + " has " + pods.size() + " Pods)");
        }
        return pods.get(index);
    }

    /** One of its Pods by name. */
    public PodHandle pod(String name) {
        return pods().stream()
                .filter(pod -> pod.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "pod: \"" + name + "\" (expected: one of " + this + ": " + pods() + ")"));
    }

    /**
     * Has the workload behind it run so many Pods. New ones come at the end; those that go are first the ones that are
     * not ready, then the newest, and each is terminating before it is gone.
     *
     * @throws IllegalStateException unless exactly one workload is behind it
     */
    public void scale(int pods) {
        Controller.of(lab, service).scale(pods);
    }

    /** A rolling update with what a Deployment says of it, or the defaults of Kubernetes, 25% each. */
    public void rollingUpdate() {
        Controller.of(lab, service).rollingUpdate(null, null);
    }

    /**
     * Replaces every Pod by one of a new template, as {@code kubectl rollout restart} does: never fewer than that are
     * available, never more than that are there. Each step is in force before the next; new Pods are ready at once.
     *
     * @param maxUnavailable a number, or a percentage of the Pods, rounded down: {@code 25%}
     * @param maxSurge a number, or a percentage of the Pods, rounded up
     * @throws IllegalArgumentException if both are 0
     */
    public void rollingUpdate(String maxUnavailable, String maxSurge) {
        Controller.of(lab, service).rollingUpdate(maxUnavailable, maxSurge);
    }

    /** {@link #rollingUpdate(String, String)} with numbers. */
    public void rollingUpdate(int maxUnavailable, int maxSurge) {
        rollingUpdate(Integer.toString(maxUnavailable), Integer.toString(maxSurge));
    }

    /**
     * Does these faults to connections to it alone until they are taken back, as {@link Lab#inject(KitFault...)} does.
     *
     * @throws IllegalArgumentException if one of them is for another Service
     */
    public Injection inject(KitFault... faults) {
        return inject(KitFault.rules(faults));
    }

    /** The same with rules as text; see {@link Lab#inject(String)}. */
    public Injection inject(String rules) {
        return inject(FaultSet.parse(rules).rules());
    }

    private Injection inject(List<FaultRule> rules) {
        return lab.inject(
                namespace() + "/" + name() + ": ",
                rules.stream()
                        .map(rule -> KitFault.bind(rule, namespace(), name(), null))
                        .toList());
    }

    /** Those of {@link Lab#connections} that came to it. */
    public List<ConnectionRecord> connections() {
        String key = namespace() + "/" + name();
        return lab.connections().stream()
                .filter(record -> record.service().equals(key))
                .toList();
    }

    /** {@link #connections} and the Pods that should be seen in them, for assertions and timelines. */
    public Receipts receipts() {
        return new Receipts(toString(), pods().stream().map(PodHandle::name).toList(), connections());
    }

    /** {@code Service shop/web}. */
    @Override
    public String toString() {
        return "Service " + namespace() + "/" + name();
    }
}
