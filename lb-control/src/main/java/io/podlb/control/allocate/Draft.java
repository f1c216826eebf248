package io.podlb.control.allocate;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Service on its way through one admission, to which it is confined. Each is equal to itself alone. */
final class Draft {

    private final Sourced<Service> read;
    private final @Nullable Sourced<Service> old;
    private final Findings findings;
    private final Service service;
    private final Claims asked;

    private Draft(Sourced<Service> read, @Nullable Sourced<Service> old) {
        this.read = read;
        this.old = old;
        this.findings = new Findings(read);
        this.service = new ServiceBuilder(read.object()).build();
        Defaults.apply(service);
        this.asked = Claims.of(service.getSpec());
    }

    /** Completes and checks the Service, the allocation aside. */
    static Draft of(Sourced<Service> read, AdmissionOptions options, Held held) {
        Draft draft = new Draft(read, held.services().get(keyOf(read.object())));
        ServiceSpec spec = draft.service.getSpec();
        ServiceSpec before = draft.old == null ? null : draft.old.object().getSpec();
        CarryOver.apply(spec, before, draft.findings);
        ServiceRules.check(draft.service, before, draft.findings);
        PortRules.check(spec, options.nodePortRange(), draft.findings);
        Families.settle(spec, before, options, draft.findings);
        if (!draft.findings.hasErrors()) {
            requireUsable(spec, options, draft.findings);
        }
        return draft;
    }

    /** Kube-semantics 16.1. */
    private static void requireUsable(ServiceSpec spec, AdmissionOptions options, Findings findings) {
        List<String> addresses = spec.getClusterIPs();
        for (int i = 0; i < addresses.size(); i++) {
            InetAddress address = Ip.orNull(addresses.get(i));
            Cidr block = address == null ? null : options.range(IpFamily.of(address));
            if (address != null && block != null && !AddressRange.usable(block, address)) {
                findings.error(
                        i == 0 ? "spec.clusterIP" : "spec.clusterIPs[" + i + "]",
                        Problem.shown(addresses.get(i)) + " is outside of the service range " + Ip.text(block),
                        "use an address inside of it, or nothing for one that is free");
            }
        }
    }

    private static String keyOf(Service service) {
        return service.getMetadata().getNamespace() + "/"
                + service.getMetadata().getName();
    }

    /** {@code default/web}. */
    String key() {
        return keyOf(service);
    }

    /** As the manifest has it. */
    Sourced<Service> read() {
        return read;
    }

    /** What the manifest asks for, as opposed to what the Service keeps or is given. */
    Claims asked() {
        return asked;
    }

    /** The version that is in use; null if there is none. */
    @Nullable
    Sourced<Service> old() {
        return old;
    }

    /** With its defaults and what it keeps; what is still missing has to be allocated. */
    Service service() {
        return service;
    }

    Findings findings() {
        return findings;
    }
}
