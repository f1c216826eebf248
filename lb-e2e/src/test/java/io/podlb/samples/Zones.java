package io.podlb.samples;

import io.podlb.kit.Lab;
import io.podlb.kit.PodBehaviour;
import io.podlb.kit.PodHandle;
import io.podlb.kit.ServiceHandle;
import java.util.List;

/** A Service with two Pods in zone a, where its clients are, and two in zone b; each zone has its own traffic. */
final class Zones {

    private static final String YAML = """
            apiVersion: v1
            kind: Service
            metadata: {name: NAME}
            spec:
              selector: {app: NAME}
              trafficDistribution: PreferSameZone
              ports: [{port: 80}]
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: NAME}
            spec:
              replicas: 4
              template:
                metadata: {labels: {app: NAME}}
                spec: {containers: [{name: NAME}]}
            """;

    private Zones() {}

    static Lab start(String service, PodBehaviour behaviour) {
        Lab lab = Lab.builder()
                .yaml(YAML.replace("NAME", service))
                .pods(service, behaviour)
                .zone("a")
                .defaultPolicy("round-robin")
                .start();
        lab.service(service).pods().subList(2, 4).forEach(pod -> pod.moveToZone("b"));
        return lab;
    }

    static List<PodHandle> podsOf(ServiceHandle service, String zone) {
        return service.pods().stream().filter(pod -> zone.equals(pod.zone())).toList();
    }
}
