package io.podlb.control.allocate;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to give every Service its cluster IPs and node ports (kube-semantics 16, 17). Confined to one admission.
 *
 * <p>The order decides who gets what, and with it what stays when manifests are edited: versions that stay in use
 * because their edit was refused; then values that a Service has already; then values that manifests ask for, in the
 * order read, each Service all or nothing; then free values, by namespace and name, so that the order of files does not
 * matter.
 */
final class Allocation {

    private final List<Draft> drafts;
    private final Set<Draft> refused;
    private final PortRange nodePorts;
    private final Bands portBands;
    private final List<AddressRange> ranges = new ArrayList<>();
    private final Map<InetAddress, Draft> addressOwners = new HashMap<>();
    private final Map<Integer, Draft> portOwners = new HashMap<>();
    private final Map<Draft, Service> results = new LinkedHashMap<>();
    private final Set<Draft> refusedNow = new HashSet<>();

    /**
     * Prepares an attempt.
     *
     * @param refused whose manifest is not followed; their old version, if there is one, keeps what it has
     */
    Allocation(List<Draft> drafts, Set<Draft> refused, AdmissionOptions options) {
        this.drafts = drafts;
        this.refused = refused;
        this.nodePorts = options.nodePortRange();
        this.portBands = Bands.ofPorts(nodePorts.size());
        for (Cidr block : options.serviceCidrs()) {
            ranges.add(new AddressRange(block));
        }
    }

    /** Runs it once. Those that it refuses have been told why; if there are any, it has to be repeated without them. */
    Set<Draft> run() {
        for (Draft draft : drafts) {
            Sourced<Service> old = draft.old();
            if (old != null) {
                Claims had = Claims.of(old.object().getSpec());
                if (refused.contains(draft)) {
                    own(draft, had);
                } else {
                    own(draft, common(Claims.of(draft.service().getSpec()), had));
                }
            }
        }
        for (Draft draft : drafts) {
            if (!refused.contains(draft)) {
                request(draft);
            }
        }
        if (refusedNow.isEmpty()) {
            drafts.stream()
                    .filter(draft -> !refused.contains(draft))
                    .sorted(Comparator.comparing(Draft::key))
                    .forEach(this::complete);
        }
        return refusedNow;
    }

    /** The complete Service of each draft that was not refused. */
    Map<Draft, Service> results() {
        return results;
    }

    private static Claims common(Claims now, Claims had) {
        List<InetAddress> addresses = new ArrayList<>(now.addresses());
        addresses.retainAll(had.addresses());
        Set<Integer> ports = new HashSet<>(now.ports());
        ports.retainAll(had.ports());
        return new Claims(addresses, ports);
    }

    private void own(Draft draft, Claims claims) {
        claims.addresses().forEach(address -> addressOwners.put(address, draft));
        claims.ports().forEach(port -> portOwners.put(port, draft));
    }

    private void request(Draft draft) {
        ServiceSpec spec = draft.service().getSpec();
        Claims wanted = Claims.of(spec);
        boolean granted = true;
        for (InetAddress address : wanted.addresses()) {
            Draft owner = addressOwners.getOrDefault(address, draft);
            if (!owner.equals(draft)) {
                granted = false;
                int index = wanted.addresses().indexOf(address);
                String field = index == 0 ? "spec.clusterIP" : "spec.clusterIPs[" + index + "]";
                boolean asked = owner.asked().addresses().contains(address);
                taken(draft, field, Ip.text(address), owner, asked);
            }
        }
        for (NodePortGroup group : NodePortGroup.of(spec)) {
            granted &= mayHave(draft, group.field(), group.number());
        }
        granted &= mayHave(draft, "spec.healthCheckNodePort", ServiceTypes.healthCheckNodePort(spec));
        if (granted) {
            own(draft, wanted);
        } else {
            refusedNow.add(draft);
        }
    }

    private boolean mayHave(Draft draft, String field, int port) {
        Draft owner = port == 0 ? draft : portOwners.getOrDefault(port, draft);
        if (!owner.equals(draft)) {
            taken(
                    draft,
                    field,
                    String.valueOf(port),
                    owner,
                    owner.asked().ports().contains(port));
        }
        return owner.equals(draft);
    }

    /** A live edit gets no address that another Service has, though after a restart it would come first. */
    private static void taken(Draft draft, String field, String value, Draft owner, boolean asked) {
        draft.findings()
                .error(
                        field,
                        value + " is taken by " + owner.read().title() + " ("
                                + owner.read().origin() + ")",
                        asked
                                ? "use another, or nothing for one that is free"
                                : "use another, or restart: then those that ask come before those that do not");
    }

    private void complete(Draft draft) {
        Service service = new ServiceBuilder(draft.service()).build();
        if (giveAddresses(draft, service.getSpec()) && givePorts(draft, service.getSpec())) {
            results.put(draft, service);
        } else {
            refusedNow.add(draft);
            release(draft, Claims.of(service.getSpec()));
        }
    }

    /** All or nothing: what it got before something was missing is free again, but for what its old version has. */
    private void release(Draft draft, Claims got) {
        got.addresses().forEach(address -> addressOwners.remove(address, draft));
        got.ports().forEach(port -> portOwners.remove(port, draft));
        Sourced<Service> old = draft.old();
        if (old != null) {
            own(draft, Claims.of(old.object().getSpec()));
        }
    }

    private boolean giveAddresses(Draft draft, ServiceSpec spec) {
        if (ServiceTypes.isExternalName(spec) || ServiceTypes.isHeadless(spec)) {
            return true;
        }
        List<String> addresses = new ArrayList<>(spec.getClusterIPs());
        spec.setClusterIPs(addresses);
        for (int i = addresses.size(); i < spec.getIpFamilies().size(); i++) {
            AddressRange range = range(spec.getIpFamilies().get(i));
            InetAddress address = range.firstFree(draft.key(), candidate -> !addressOwners.containsKey(candidate));
            if (address == null) {
                draft.findings()
                        .error(
                                "spec.clusterIP",
                                "the service range " + Ip.text(range.block()) + " is full",
                                "use a larger --service-cidr, or remove Services");
                return false;
            }
            addressOwners.put(address, draft);
            addresses.add(Ip.text(address));
        }
        spec.setClusterIP(addresses.get(0));
        return true;
    }

    private AddressRange range(String family) {
        for (AddressRange range : ranges) {
            if (range.block().family().kubernetesName().equals(family)) {
                return range;
            }
        }
        throw new IllegalStateException("family: " + family + " (expected: one of the cluster)");
    }

    private boolean givePorts(Draft draft, ServiceSpec spec) {
        for (NodePortGroup group : NodePortGroup.of(spec)) {
            Integer number = group.number() != 0
                    ? Integer.valueOf(group.number())
                    : freePort(draft, group.field(), draft.key() + "/" + group.name());
            if (number == null) {
                return false;
            }
            for (int index : group.ports()) {
                ServicePort port = spec.getPorts().get(index);
                port.setNodePort(number);
            }
        }
        if (ServiceTypes.needsHealthCheck(spec) && ServiceTypes.healthCheckNodePort(spec) == 0) {
            Integer number = freePort(draft, "spec.healthCheckNodePort", draft.key() + "#healthCheckNodePort");
            spec.setHealthCheckNodePort(number);
            return number != null;
        }
        return true;
    }

    private @Nullable Integer freePort(Draft draft, String field, String name) {
        long position =
                portBands.firstFree(name, candidate -> !portOwners.containsKey(nodePorts.first() + (int) candidate));
        if (position < 0) {
            draft.findings()
                    .error(
                            field,
                            "the node port range " + nodePorts + " is full",
                            "use a larger --node-port-range, or remove node ports");
            return null;
        }
        int number = nodePorts.first() + (int) position;
        portOwners.put(number, draft);
        return number;
    }
}
