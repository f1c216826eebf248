package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The kinds that are read, with the one version of each. */
enum KnownKind {
    SERVICE("v1", Service.class, true),
    POD("v1", Pod.class, true),
    ENDPOINT_SLICE("discovery.k8s.io/v1", EndpointSlice.class, true),
    ENDPOINTS("v1", Endpoints.class, true),
    NODE("v1", Node.class, false),
    NAMESPACE("v1", Namespace.class, false),
    DEPLOYMENT("apps/v1", Deployment.class, true),
    REPLICA_SET("apps/v1", ReplicaSet.class, true),
    STATEFUL_SET("apps/v1", StatefulSet.class, true);

    /** Groups of old versions of the kinds above; any other group has kinds of its own that share a name. */
    private static final Set<String> GROUPS = Set.of("", "apps", "extensions", "discovery.k8s.io");

    private static final Set<String> OTHER_WORKLOADS = Set.of("DaemonSet", "Job", "CronJob", "ReplicationController");

    private final String apiVersion;
    private final Class<? extends HasMetadata> type;
    private final boolean namespaced;

    KnownKind(String apiVersion, Class<? extends HasMetadata> type, boolean namespaced) {
        this.apiVersion = apiVersion;
        this.type = type;
        this.namespaced = namespaced;
    }

    /** Null for a kind that is ignored. Its version may still be one that is not read. */
    static @Nullable KnownKind of(String kind, String apiVersion) {
        for (KnownKind known : values()) {
            if (known.kind().equals(kind) && GROUPS.contains(group(apiVersion))) {
                return known;
            }
        }
        return null;
    }

    /** {@code Ingress.networking.k8s.io}: how an ignored kind is called. */
    static String label(String kind, String apiVersion) {
        String group = group(apiVersion);
        return group.isEmpty() ? kind : kind + "." + group;
    }

    /** Whether objects of an ignored kind stand for Pods. */
    static boolean isOtherWorkload(String label) {
        int dot = label.indexOf('.');
        return OTHER_WORKLOADS.contains(dot < 0 ? label : label.substring(0, dot));
    }

    private static String group(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }

    String kind() {
        return type.getSimpleName();
    }

    String apiVersion() {
        return apiVersion;
    }

    Class<? extends HasMetadata> type() {
        return type;
    }

    boolean namespaced() {
        return namespaced;
    }
}
