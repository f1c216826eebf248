package io.podlb.e2e;

import io.podlb.e2e.Pod.Endpoint;
import java.util.List;
import java.util.stream.Collectors;

/** Services and their slices as a cluster's API server has them. */
final class ServiceYaml {

    private ServiceYaml() {}

    /** A Service with the fields of its spec, a line each. */
    static String service(String name, String... spec) {
        return """
                apiVersion: v1
                kind: Service
                metadata:
                  namespace: default
                  name: %s
                spec:
                  %s
                """.formatted(name, String.join("\n  ", spec));
    }

    /** A slice of a Service in IPv4. */
    static String slice(String service, Endpoint... endpoints) {
        return slice(service, "all", "IPv4", List.of(endpoints));
    }

    /** A slice of a Service, {@code part} being what its name ends in. */
    static String slice(String service, String part, String addressType, List<Endpoint> endpoints) {
        return """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  namespace: default
                  name: %1$s-%2$s
                  labels:
                    kubernetes.io/service-name: %1$s
                addressType: %3$s
                ports: [{name: "", port: 80, protocol: TCP}]
                endpoints: %4$s
                """.formatted(
                        service,
                        part,
                        addressType,
                        endpoints.stream()
                                .map(endpoint -> endpoint.yaml(addressType))
                                .collect(Collectors.joining(", ", "[", "]")));
    }
}
