package io.podlb.control.translate;

/** Labels and annotations by which Kubernetes objects speak to a proxy. */
final class WellKnown {

    /** On an EndpointSlice: the Service that it belongs to (kube-semantics 1.7). */
    static final String SERVICE_NAME = "kubernetes.io/service-name";

    static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    static final String SLICE_CONTROLLER = "endpointslice-controller.k8s.io";
    static final String MIRRORING_CONTROLLER = "endpointslicemirroring-controller.k8s.io";

    /** On Endpoints, with the value {@code true}: no slices are made of it (kube-semantics 1.10). */
    static final String SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror";

    /** Leaves an object to the proxy of that name (kube-semantics 1.1). */
    static final String PROXY_NAME = "service.kubernetes.io/service-proxy-name";

    /** Hides an object from proxies (kube-semantics 1.3). */
    static final String HEADLESS = "service.kubernetes.io/headless";

    /** On a Node. */
    static final String ZONE = "topology.kubernetes.io/zone";

    /** Annotations that ask for hints in proportion to CPUs (kube-semantics 15.3); the older one comes first. */
    static final String TOPOLOGY_AWARE_HINTS = "service.kubernetes.io/topology-aware-hints";

    static final String TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";

    /** What {@code spec.clusterIP} of a headless Service says. */
    static final String NONE = "None";

    static final String LOCAL = "Local";

    private WellKnown() {}
}
