package io.podlb.kit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.podlb.control.cluster.Annotations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Service in code, with a Deployment of the Pods behind it, in place of a manifest; what it does not know of is for
 * YAML. Collects; each method returns itself. Not thread-safe.
 *
 * <p>Without further words it has type ClusterIP, no port and one Pod.
 */
public final class KitService {

    private final String name;
    private final List<ServicePortBuilder> ports = new ArrayList<>();
    private final Map<String, String> annotations = new LinkedHashMap<>();
    private String namespace = "default";
    private String type = "ClusterIP";
    private int pods = 1;
    private @Nullable Duration affinity;
    private @Nullable PodBehaviour behaviour;

    private KitService(String name) {
        this.name = name;
    }

    /** A Service of that name in namespace {@code default}; its Pods have the label {@code app} with its name. */
    public static KitService named(String name) {
        return new KitService(name);
    }

    public KitService namespace(String value) {
        namespace = value;
        return this;
    }

    /** One more TCP port, the same on the Pods; its name is {@code port-N}. */
    public KitService port(int port) {
        return port("port-" + port, port);
    }

    /** One more TCP port, the same on the Pods. */
    public KitService port(String portName, int port) {
        ports.add(new ServicePortBuilder()
                .withName(portName)
                .withProtocol("TCP")
                .withPort(port)
                .withTargetPort(new IntOrString(port)));
        return this;
    }

    /** What the Pods listen on for the last port. */
    public KitService targetPort(int port) {
        last().withTargetPort(new IntOrString(port));
        return this;
    }

    /** The last port is one of UDP. */
    public KitService udp() {
        last().withProtocol("UDP");
        return this;
    }

    /** The Service is of type NodePort, with node ports of the cluster's choice. */
    public KitService nodePort() {
        type = "NodePort";
        return this;
    }

    /** The Service is of type NodePort, and this is the node port of the last port. */
    public KitService nodePort(int port) {
        type = "NodePort";
        last().withNodePort(port);
        return this;
    }

    /** How many Pods it begins with. */
    public KitService pods(int count) {
        pods = count;
        return this;
    }

    /** What its Pods do; {@link Pods#standard} unless the lab says otherwise. */
    public KitService behaviour(PodBehaviour value) {
        behaviour = value;
        return this;
    }

    /** Its balancing policy, as {@code podlb.io/policy} names it. */
    public KitService policy(String policy) {
        return annotation(Annotations.POLICY, policy);
    }

    /** Session affinity {@code ClientIP} with that timeout. */
    public KitService sticky(Duration timeout) {
        affinity = timeout;
        return this;
    }

    public KitService annotation(String key, String value) {
        annotations.put(key, value);
        return this;
    }

    private ServicePortBuilder last() {
        if (ports.isEmpty()) {
            throw new IllegalStateException("Service " + name + " has no port yet; call port(..) first");
        }
        return ports.get(ports.size() - 1);
    }

    String key() {
        return namespace + "/" + name;
    }

    @Nullable
    PodBehaviour behaviour() {
        return behaviour;
    }

    Service service() {
        List<ServicePort> built = ports.stream().map(ServicePortBuilder::build).toList();
        ServiceBuilder service = new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .withType(type)
                .withSelector(Map.of("app", name))
                .withPorts(built)
                .endSpec();
        if (affinity != null) {
            service.editSpec()
                    .withSessionAffinity("ClientIP")
                    .withNewSessionAffinityConfig()
                    .withNewClientIP()
                    .withTimeoutSeconds((int) affinity.toSeconds())
                    .endClientIP()
                    .endSessionAffinityConfig()
                    .endSpec();
        }
        return service.build();
    }

    HasMetadata deployment() {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withReplicas(pods)
                .withNewSelector()
                .addToMatchLabels("app", name)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", name)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }
}
