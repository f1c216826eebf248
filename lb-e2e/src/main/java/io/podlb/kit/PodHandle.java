package io.podlb.kit;

import io.podlb.server.service.FaultRule;
import io.podlb.server.service.FaultSet;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A Pod of a {@link Lab}. Each change is in force when its method returns. Any thread. */
public final class PodHandle {

    private final Lab lab;
    private final LabPod pod;

    PodHandle(Lab lab, LabPod pod) {
        this.lab = lab;
        this.pod = pod;
    }

    public String name() {
        return pod.name();
    }

    public String namespace() {
        return pod.namespace();
    }

    /** Where its first port really listens, whether it has crashed or not. */
    public InetSocketAddress address() {
        synchronized (lab) {
            return process().place(process().firstPort()).toSocketAddress();
        }
    }

    /** Where that port of the Pod really listens. */
    public InetSocketAddress address(int port) {
        synchronized (lab) {
            return process().place(port).toSocketAddress();
        }
    }

    /** Its node. */
    public String node() {
        synchronized (lab) {
            return pod.node();
        }
    }

    /** The zone of its node; null without one. */
    public @Nullable String zone() {
        synchronized (lab) {
            return lab.cluster().zoneOf(pod.node());
        }
    }

    /** How many connections to it are open, by whatever Service. */
    public long connections() {
        return lab.connections().stream()
                .filter(record -> record.isOpen()
                        && !record.udp()
                        && name().equals(record.pod())
                        && record.service().startsWith(namespace() + "/"))
                .count();
    }

    /**
     * Its process dies: it listens no more, and its connections are reset. Endpoints still list it, as a cluster does
     * until somebody notices.
     *
     * @throws IllegalStateException if it is not played here
     */
    public void crash() {
        synchronized (lab) {
            process().stop(true);
            lab.mark(name() + " crashes");
        }
    }

    /** Its process runs again, at the same address. */
    public void restart() {
        synchronized (lab) {
            process().restart();
            lab.mark(name() + " runs again");
        }
    }

    /** Whether its process runs. */
    public boolean isRunning() {
        synchronized (lab) {
            return process().isRunning();
        }
    }

    /** Its object is gone: no endpoint lists it, and then its process ends. Nobody makes another one. */
    public void remove() {
        change("is removed", LabPod::remove);
    }

    /** Somebody has deleted it and it shuts down: it terminates and still serves (kube-semantics 14.16). */
    public void drain() {
        change("drains", LabPod::terminate);
    }

    /** It is not ready. */
    public void unready() {
        change("is not ready", changed -> changed.setReady(false));
    }

    /** It is ready. */
    public void ready() {
        change("is ready", changed -> changed.setReady(true));
    }

    /** It is on a node of that zone from now on; the node is made if no node has the zone. */
    public void moveToZone(String zone) {
        change("moves to zone " + zone, changed -> changed.putOn(lab.cluster().nodeIn(zone)));
    }

    /**
     * Does these faults to connections to it, by whatever Service, alone until they are taken back, as {@link Lab#inject(KitFault...)} does.
     *
     * @throws IllegalArgumentException if one of them is for another Pod
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
                this + ": ",
                rules.stream()
                        .map(rule -> KitFault.bind(rule, namespace(), null, name()))
                        .toList());
    }

    private void change(String what, Consumer<LabPod> edit) {
        lab.change(() -> {
            if (pod.isRemoved()) {
                throw new IllegalStateException("Pod " + this + " is gone; take another handle");
            }
            edit.accept(pod);
        });
        lab.mark(name() + " " + what);
    }

    private PodProcess process() {
        PodProcess process = pod.process();
        if (process == null || pod.isRemoved()) {
            throw new IllegalStateException(
                    "Pod " + this + (pod.isRemoved() ? " is gone" : " has an address in its manifest")
                            + ", so no process of the lab runs in it");
        }
        return process;
    }

    /** {@code shop/web-5d8f-x2x7c}. */
    @Override
    public String toString() {
        return namespace() + "/" + name();
    }
}
