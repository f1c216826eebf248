package io.podlb.kit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.simulate.Workloads;

/** A Deployment, ReplicaSet or StatefulSet, as far as its Pods go: which one comes next. Lock of the lab. */
final class Workload {

    private static final String RESTARTED = "kubectl.kubernetes.io/restartedAt";

    private final Origin origin;
    private HasMetadata object;
    private int next;
    private int generation;

    Workload(Sourced<HasMetadata> declared) {
        this.object = declared.object();
        this.origin = declared.origin();
    }

    String namespace() {
        return object.getMetadata().getNamespace();
    }

    String name() {
        return object.getMetadata().getName();
    }

    /** {@code Deployment shop/web}. */
    String title() {
        return Sourced.title(object);
    }

    /** How many Pods it declares. */
    int replicas() {
        return Workloads.replicas(object);
    }

    /** Whether a Pod keeps its name when it is replaced, and the last one goes first. */
    boolean isOrdered() {
        return object instanceof StatefulSet;
    }

    /** Whether an edit of its template replaces Pods that exist. */
    boolean rollsOut() {
        return object instanceof Deployment || isOrdered();
    }

    /** The object of its next Pod. */
    Sourced<Pod> nextPod() {
        return pod(next++);
    }

    /** The object of the Pod with that number, from 0. */
    Sourced<Pod> pod(int number) {
        return new Sourced<>(Workloads.pods(object, number, 1).get(0), origin);
    }

    /** Takes numbers from there on, where Pods have gone from the end. */
    void continueAt(int number) {
        next = number;
    }

    /** Its template changes as {@code kubectl rollout restart} changes it, and with it the hash in the names of Pods. */
    void restart() {
        generation++;
        if (object instanceof Deployment deployment) {
            object = new DeploymentBuilder(deployment)
                    .editSpec()
                    .editTemplate()
                    .editOrNewMetadata()
                    .addToAnnotations(RESTARTED, "rollout " + generation)
                    .endMetadata()
                    .endTemplate()
                    .endSpec()
                    .build();
            next = 0;
        }
    }

    /** The object itself, for what rolls out by its fields. */
    HasMetadata object() {
        return object;
    }
}
