package io.podlb.control.allocate;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.Cidr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.json.JsonMapper;

/** A cluster whose manifests a test edits; every {@link #admit()} is one load of them. */
final class Cluster {

    private static final JsonMapper MAPPER = new JsonMapper();

    private final AdmissionOptions options;
    private final Map<String, Service> manifests = new LinkedHashMap<>();
    private Held held = Held.NOTHING;
    private Admitted admitted = new Admitted(List.of(), List.of(), Held.NOTHING);

    Cluster(AdmissionOptions options) {
        this.options = options;
    }

    static Cluster ofRange(String... cidrs) {
        return new Cluster(new AdmissionOptions(
                Stream.of(cidrs).map(Cidr::parse).toList(), AdmissionOptions.DEFAULT.nodePortRange()));
    }

    static Cluster withDefaults() {
        return new Cluster(AdmissionOptions.DEFAULT);
    }

    static Cluster ofPorts(String range) {
        return new Cluster(new AdmissionOptions(AdmissionOptions.DEFAULT.serviceCidrs(), PortRange.parse(range)));
    }

    static <T> T read(String yaml, Class<T> type) {
        return MAPPER.convertValue(new Load(LoadSettings.builder().build()).loadFromString(yaml), type);
    }

    static <T extends HasMetadata> Sourced<T> sourced(String yaml, Class<T> type) {
        T object = read(yaml, type);
        object.setMetadata(new ObjectMetaBuilder(object.getMetadata())
                .withNamespace("default")
                .build());
        return new Sourced<>(object, new Origin("f.yaml", 1));
    }

    /** Writes the manifest of a Service: at its old place, or behind the others. */
    Cluster put(String name, String spec) {
        return put(name, read(spec, ServiceSpec.class));
    }

    Cluster put(String name, ServiceSpec spec) {
        Service service = new Service();
        service.setMetadata(
                new ObjectMetaBuilder().withNamespace("default").withName(name).build());
        service.setSpec(spec);
        return put(service);
    }

    Cluster put(Service service) {
        manifests.put(service.getMetadata().getName(), service);
        return this;
    }

    Cluster remove(String name) {
        manifests.remove(name);
        return this;
    }

    Cluster admit() {
        List<Sourced<Service>> services = new ArrayList<>();
        manifests
                .values()
                .forEach(service -> services.add(new Sourced<>(service, new Origin("f.yaml", services.size() + 1))));
        ClusterState state = new ClusterState(services, List.of(), List.of(), List.of(), List.of(), List.of());
        admitted = Admission.admit(state, options, held);
        held = admitted.held();
        return this;
    }

    /** As after the end of the process. */
    Cluster restart() {
        held = Held.NOTHING;
        return admit();
    }

    List<String> served() {
        return services().stream()
                .map(service -> service.getMetadata().getName())
                .toList();
    }

    List<Service> services() {
        return admitted.services().stream().map(Sourced::object).toList();
    }

    ServiceSpec spec(String name) {
        return services().stream()
                .filter(service -> service.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException(name + " in " + lines()))
                .getSpec();
    }

    String ip(String name) {
        return spec(name).getClusterIP();
    }

    List<String> ips(String name) {
        return spec(name).getClusterIPs();
    }

    /** 0 for none. */
    List<Integer> nodePorts(String name) {
        return spec(name).getPorts().stream()
                .map(ServicePort::getNodePort)
                .map(port -> Objects.requireNonNullElse(port, 0))
                .toList();
    }

    List<Problem> problems() {
        return admitted.problems();
    }

    /** Problems as {@code ERROR web spec.type: …}. */
    List<String> lines() {
        return problems().stream()
                .map(problem -> problem.severity() + " "
                        + problem.toString().replaceFirst("^f.yaml, document [0-9]+: [A-Za-z]+ default/([^:]+):", "$1"))
                .toList();
    }
}
