package io.podlb.kit;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.RollingUpdateDeployment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the controllers of Kubernetes do to the Pods of one workload, step by step. Takes the lock of the lab. */
final class Controller {

    private final Lab lab;
    private final Workload workload;

    private Controller(Lab lab, Workload workload) {
        this.lab = lab;
        this.workload = workload;
    }

    /**
     * That of the workload behind a Service.
     *
     * @throws IllegalStateException unless there is exactly one
     */
    static Controller of(Lab lab, Service service) {
        synchronized (lab) {
            List<Workload> behind = lab.cluster().workloads(service);
            if (behind.size() != 1) {
                throw new IllegalStateException(
                        "Service " + service.getMetadata().getNamespace() + "/"
                                + service.getMetadata().getName() + " has "
                                + (behind.isEmpty() ? "no workload" : "several workloads") + " behind it: "
                                + behind.stream().map(Workload::title).toList() + " (expected: one)");
            }
            return new Controller(lab, behind.get(0));
        }
    }

    void scale(int wanted) {
        if (wanted < 0) {
            throw new IllegalArgumentException("pods: " + wanted + " (expected: 0 or more)");
        }
        synchronized (lab) {
            List<LabPod> pods = pods();
            lab.mark(workload.name() + " is scaled from " + pods.size() + " to " + wanted);
            if (wanted > pods.size()) {
                add(wanted - pods.size());
            } else if (wanted < pods.size()) {
                List<LabPod> order = new ArrayList<>(pods);
                Collections.reverse(order);
                if (!workload.isOrdered()) {
                    order.sort(Comparator.comparing(LabPod::isReady));
                }
                end(order.subList(0, pods.size() - wanted));
            }
        }
    }

    void rollingUpdate(@Nullable String maxUnavailable, @Nullable String maxSurge) {
        if (!workload.rollsOut()) {
            throw new IllegalStateException(
                    workload.title() + " does not roll out; only Deployments and StatefulSets do");
        }
        synchronized (lab) {
            List<LabPod> old = pods();
            RollingUpdate limits = RollingUpdate.of(
                    maxUnavailable == null ? declared(true) : maxUnavailable,
                    maxSurge == null ? declared(false) : maxSurge,
                    old.size());
            lab.mark(workload.name() + " rolls out");
            workload.restart();
            if (workload.isOrdered()) {
                replaceInPlace(old);
            } else {
                replace(new ArrayList<>(old), limits, old.size());
            }
            lab.mark(workload.name() + " has rolled out");
        }
    }

    private String declared(boolean unavailable) {
        RollingUpdateDeployment rolling = workload.object() instanceof Deployment deployment
                        && deployment.getSpec().getStrategy() != null
                ? deployment.getSpec().getStrategy().getRollingUpdate()
                : null;
        IntOrString value = rolling == null ? null : unavailable ? rolling.getMaxUnavailable() : rolling.getMaxSurge();
        if (value == null) {
            return RollingUpdate.DEFAULT;
        }
        return value.getStrVal() == null ? String.valueOf(value.getIntVal()) : value.getStrVal();
    }

    /** In turns, as the Deployment controller does: as many new ones as may be there, then as few old ones. */
    private void replace(List<LabPod> old, RollingUpdate limits, int wanted) {
        int fresh = 0;
        while (!old.isEmpty()) {
            int more = Math.min(wanted + limits.surge() - old.size() - fresh, wanted - fresh);
            if (more > 0) {
                add(more);
                fresh += more;
            }
            // Those that are not ready serve nobody; they go first and count as nothing.
            List<LabPod> going =
                    new ArrayList<>(old.stream().filter(pod -> !pod.isReady()).toList());
            List<LabPod> available = old.stream().filter(LabPod::isReady).toList();
            int spare = fresh + available.size() - (wanted - limits.unavailable());
            going.addAll(available.subList(0, Math.max(0, Math.min(spare, available.size()))));
            end(going);
            old.removeAll(going);
        }
        add(wanted - fresh);
    }

    /** As the StatefulSet controller does: one after the other, the last one first, under the same names. */
    private void replaceInPlace(List<LabPod> old) {
        for (int i = old.size() - 1; i >= 0; i--) {
            end(List.of(old.get(i)));
            add(1);
        }
    }

    private List<LabPod> pods() {
        List<LabPod> pods = new ArrayList<>(lab.cluster().pods().stream()
                .filter(pod -> pod.owner() == workload && !pod.isTerminating())
                .toList());
        if (workload.isOrdered()) {
            pods.sort(Comparator.comparingInt(Controller::ordinal));
        }
        return pods;
    }

    /** The number at the end of the name of a StatefulSet's Pod. */
    private static int ordinal(LabPod pod) {
        return Integer.parseInt(pod.name().substring(pod.name().lastIndexOf('-') + 1));
    }

    private void add(int count) {
        if (count == 0) {
            return;
        }
        lab.change(() -> {
            for (int i = 0; i < count; i++) {
                lab.cluster().addPod(workload);
            }
        });
    }

    /** A Pod that is deleted terminates before it is gone. */
    private void end(List<LabPod> pods) {
        if (!pods.isEmpty()) {
            lab.change(() -> pods.forEach(LabPod::terminate));
            lab.change(() -> pods.forEach(LabPod::remove));
        }
    }
}
