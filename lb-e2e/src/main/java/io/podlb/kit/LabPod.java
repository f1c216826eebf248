package io.podlb.kit;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.podlb.control.cluster.Sourced;
import org.jspecify.annotations.Nullable;

/** One Pod of a lab: its object, what has been done to that, and its process. Lock of the lab. */
final class LabPod {

    private static final String DELETED = "2026-01-01T00:00:00Z"; // any time will do

    private final Sourced<Pod> declared;
    private final @Nullable Workload owner;
    private final @Nullable PodProcess process;
    private @Nullable Boolean ready;
    private @Nullable String node;
    private boolean terminating;
    private boolean removed;

    /**
     * As it was declared, running.
     *
     * @param owner the workload that it belongs to; null for one of its own
     * @param process null for one that is not played here
     */
    LabPod(Sourced<Pod> declared, @Nullable Workload owner, @Nullable PodProcess process) {
        this.declared = declared;
        this.owner = owner;
        this.process = process;
    }

    String namespace() {
        return declared.object().getMetadata().getNamespace();
    }

    String name() {
        return declared.object().getMetadata().getName();
    }

    @Nullable
    Workload owner() {
        return owner;
    }

    /** What runs in it; null if it is not played here. */
    @Nullable
    PodProcess process() {
        return process;
    }

    /** Its object as of now. */
    Sourced<Pod> object() {
        PodBuilder pod = new PodBuilder(declared.object());
        if (terminating) {
            pod.editMetadata().withDeletionTimestamp(DELETED).endMetadata();
        }
        if (node != null) {
            pod.editOrNewSpec().withNodeName(node).endSpec();
        }
        if (ready != null) {
            pod.editOrNewStatus()
                    .removeMatchingFromConditions(condition -> "Ready".equals(condition.getType()))
                    .addNewCondition()
                    .withType("Ready")
                    .withStatus(ready ? "True" : "False")
                    .endCondition()
                    .endStatus();
        }
        return new Sourced<>(pod.build(), declared.origin());
    }

    String node() {
        String declaredNode = declared.object().getSpec() == null
                ? null
                : declared.object().getSpec().getNodeName();
        return node != null ? node : declaredNode == null ? "" : declaredNode;
    }

    boolean isReady() {
        if (ready != null) {
            return ready;
        }
        return declared.object().getStatus() == null
                || declared.object().getStatus().getConditions().stream()
                        .noneMatch(condition ->
                                "Ready".equals(condition.getType()) && !"True".equals(condition.getStatus()));
    }

    void setReady(boolean value) {
        ready = value;
    }

    boolean isTerminating() {
        return terminating;
    }

    void terminate() {
        terminating = true;
    }

    void putOn(String otherNode) {
        node = otherNode;
    }

    boolean isRemoved() {
        return removed;
    }

    void remove() {
        removed = true;
    }
}
